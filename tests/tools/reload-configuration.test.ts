import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { RawServer } from '../support/raw-server.js';

let simulator: Simulator;
let server: RawServer;
const file = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-')), '.env');

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
});
beforeEach(() => configure());
afterEach(async () => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
  server.child.stdin.end();
  await server.exit;
});
afterAll(() => simulator.close());

/** Writes the settings file; a variable that is `undefined` is left out. */
function configure(more: Record<string, string | undefined> = {}): void {
  const all = { ...simulator.env(), PROXMOX_TOOLSETS: 'all', PROXMOX_CLUSTER_VALIDATION: 'false', ...more };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}='${value}'`]));
  writeFileSync(file, `${lines.join('\n')}\n`);
}

async function start(env: Record<string, string> = {}): Promise<RawServer> {
  server = new RawServer({ PROXMOX_LOG_LEVEL: 'info', ...env }, ['--env-file', file]);
  await server.initialize();
  return server;
}

let ids = 100;
async function call(tool: string, args: object = {}) {
  ids += 1;
  server.callTool(ids, tool, args);
  const { result, error } = await server.answer(ids);
  return { isError: result?.isError === true, data: result ? JSON.parse(result.content[0].text) : undefined, error };
}
const reload = () => call('proxmox-reload-configuration');
const changedNotices = () => server.messages.filter(({ method }) => method === 'notifications/tools/list_changed');

describe('the configuration, read again', () => {
  it('has what was added, removed and changed told by name, and no secret', async () => {
    await start();
    const { tokenSecret } = simulator.cluster('staging');
    configure({
      PROXMOX_CLUSTERS: 'production,disaster-recovery,more',
      PROXMOX_CLUSTER_production_REGION: 'elsewhere',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: 'another-secret-of-many-letters',
      PROXMOX_CLUSTER_more_API_URL: simulator.cluster('staging').url,
      PROXMOX_CLUSTER_more_TOKEN_ID: simulator.cluster('staging').tokenId,
      PROXMOX_CLUSTER_more_TOKEN_SECRET: tokenSecret,
      PROXMOX_CLUSTER_more_FINGERPRINT: simulator.cluster('staging').fingerprint,
      PROXMOX_CLUSTER_PATTERNS: undefined,
      PROXMOX_CLUSTER_VMID_MAP: undefined,
      PROXMOX_DEFAULT_CLUSTER: 'disaster-recovery',
    });
    const { data, isError } = await reload();
    expect(isError).toBe(false);
    expect(data.result).toMatchObject({
      file,
      default_cluster: 'disaster-recovery',
      default_changed: "was production: calls without 'cluster' now go to disaster-recovery",
      clusters: ['production', 'disaster-recovery', 'more'],
      added: ['more'],
      removed: ['staging'],
      changed: [
        {
          cluster: 'production',
          variables: ['PROXMOX_CLUSTER_production_REGION', 'PROXMOX_CLUSTER_production_TOKEN_SECRET'],
        },
      ],
      tools_changed: false,
    });
    expect(data.result.changed_for_all).toContain('PROXMOX_DEFAULT_CLUSTER');
    expect((await call('proxmox-list-nodes', { cluster: 'more' })).data.total).toBe(2);
    expect((await call('proxmox-list-nodes', { cluster: 'production' })).data.error.code).toBe('TOKEN_REFUSED');
    expect((await call('proxmox-list-nodes', { cluster: 'staging' })).data.error.code).toBe('CLUSTER_NOT_FOUND');
    const said = JSON.stringify(server.messages) + server.stderr;
    for (const secret of [tokenSecret, 'another-secret-of-many-letters', simulator.cluster('production').tokenSecret])
      expect(said).not.toContain(secret);
    expect(changedNotices()).toEqual([]);
  });

  it('is refused with all its faults when it is wrong, and the one before stays in force', async () => {
    await start();
    configure({ PROXMOX_CLUSTER_staging_API_URL: 'ftp://x', PROXMOX_CLUSTER_production_FALLBACK: 'nowhere' });
    const { data, isError } = await reload();
    expect(isError).toBe(true);
    expect(data.error.code).toBe('CONFIGURATION_REFUSED');
    expect(data.error.message).toContain('the one before stays in force');
    expect(data.error.faults.map(({ variable }: { variable: string }) => variable).sort()).toEqual([
      'PROXMOX_CLUSTER_production_FALLBACK',
      'PROXMOX_CLUSTER_staging_API_URL',
    ]);
    expect((await call('proxmox-list-nodes', { cluster: 'staging' })).isError).toBe(false);
  });

  it('mends a server that was started with a wrong one', async () => {
    configure({ PROXMOX_CLUSTERS: 'a b' });
    await start();
    expect((await call('proxmox-list-nodes')).data.error.code).toBe('NOT_CONFIGURED');
    expect((await reload()).data.error.message).toContain('not right yet');
    configure();
    expect((await reload()).data.result.added).toHaveLength(3);
    expect((await call('proxmox-list-nodes')).isError).toBe(false);
  });

  it('tells the client when another list of tools is offered, and offers it', async () => {
    const running = await start();
    expect(running.messages[0]?.result.capabilities).toEqual({ tools: { listChanged: true } });
    configure({ PROXMOX_TOOLSETS: 'clusters,tasks', PROXMOX_READ_ONLY: 'true' });
    expect((await reload()).data.result).toMatchObject({
      tools_changed: true,
      changed_for_all: ['PROXMOX_READ_ONLY', 'PROXMOX_TOOLSETS'],
    });
    await running.until(() => changedNotices()[0]);
    running.send({ id: 1, method: 'tools/list' });
    const names = (await running.answer(1)).result.tools.map(({ name }: { name: string }) => name);
    expect(names).toContain('proxmox-list-tasks');
    expect(names).not.toContain('proxmox-list-vms');
    expect((await call('proxmox-list-vms')).error.message).toContain('is off');
    // It changes no cluster, and so is there where nothing may be changed.
    expect(names).toContain('proxmox-reload-configuration');
    configure({ PROXMOX_TOOLSETS: 'clusters,tasks' });
    expect((await reload()).data.result.changed_for_all).toEqual(['PROXMOX_READ_ONLY']);
  });

  it('gives each tool its argument cluster as soon as there are several', async () => {
    const production = {
      PROXMOX_CLUSTERS: 'production',
      PROXMOX_CLUSTER_PATTERNS: undefined,
      PROXMOX_CLUSTER_VMID_MAP: undefined,
    };
    configure(production);
    const running = await start();
    const hasCluster = async (id: number) => {
      running.send({ id, method: 'tools/list' });
      const { tools } = (await running.answer(id)).result;
      return (
        'cluster' in tools.find(({ name }: { name: string }) => name === 'proxmox-list-vms').inputSchema.properties
      );
    };
    expect(await hasCluster(1)).toBe(false);
    configure();
    expect((await reload()).data.result.tools_changed).toBe(true);
    expect(await hasCluster(2)).toBe(true);
  });

  it('lets calls that are under way end as they began', async () => {
    const running = await start();
    simulator.cluster('production').setFault({ kind: 'slow', ms: 2500 });
    running.callTool(1, 'proxmox-cluster-status', { cluster: 'production' });
    // A request is listed once it is answered.
    await running.until(() => (simulator.cluster('production').connections > 0 ? true : undefined));
    configure({
      PROXMOX_CLUSTERS: 'staging',
      PROXMOX_CLUSTER_PATTERNS: undefined,
      PROXMOX_CLUSTER_VMID_MAP: undefined,
      PROXMOX_DEFAULT_CLUSTER: 'staging',
    });
    expect((await reload()).data.result.removed).toEqual(['production', 'disaster-recovery']);
    expect(running.messages.some(({ id }) => id === 1)).toBe(false);
    expect((await call('proxmox-list-nodes')).data.cluster).toBe('staging');
    const { result } = await running.answer(1);
    expect(JSON.parse(result.content[0].text)).toMatchObject({
      cluster: 'production',
      result: { cluster_name: 'production' },
    });
    // The connections of before are closed once nothing uses them.
    await running.until(() => (simulator.cluster('production').connections === 0 ? true : undefined));
  });

  it.each([
    { PROXMOX_READ_ONLY: 'true' },
    { PROXMOX_CLUSTER_production_ACCESS: 'read' },
    { PROXMOX_CLUSTER_production_DENY_TOOLS: 'configure-vm' },
    { PROXMOX_CLUSTER_production_ALLOW_VMIDS: '100' },
  ])('with %j: no call that is under way changes more than that allows', async (rule) => {
    const running = await start();
    const cluster = simulator.cluster('production');
    cluster.setFault({ kind: 'slow', ms: 2500 });
    const before = cluster.requests.length;
    running.callTool(1, 'proxmox-configure-vm', { cluster: 'production', vmid: 102, params: { cores: 3 } });
    await running.until(() => (cluster.connections > 0 ? true : undefined));
    configure(rule);
    expect((await reload()).isError).toBe(false);
    cluster.setFault(undefined);
    const { result } = await running.answer(1);
    const { error } = JSON.parse(result.content[0].text);
    expect(error).toMatchObject({ code: 'POLICY', set_by: Object.keys(rule)[0] });
    expect(cluster.requests.slice(before).filter(({ method }) => method !== 'GET')).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('comes with SIGHUP too, which ends nothing', async () => {
    const running = await start();
    configure({ PROXMOX_TOOLSETS: 'clusters' });
    running.child.kill('SIGHUP');
    await running.until(() => changedNotices()[0]);
    configure({ PROXMOX_CLUSTERS: '' });
    running.child.kill('SIGHUP');
    await running.until(() => (running.stderr.includes('the one before stays in force') ? true : undefined));
    expect((await call('proxmox-list-all-clusters')).data.result.clusters).toHaveLength(3);
  });

  it('takes no arguments', async () => {
    await start();
    expect((await call('proxmox-reload-configuration', { cluster: 'staging' })).data.error.code).toBe(
      'INVALID_ARGUMENTS',
    );
  });
});

it('is not changed where the real environment sets a variable', async () => {
  await start({ PROXMOX_CLUSTER_staging_REGION: 'real' });
  configure({ PROXMOX_CLUSTER_staging_REGION: 'file' });
  expect((await reload()).data.result.changed).toEqual([]);
});
