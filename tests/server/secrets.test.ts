import { randomUUID } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { runCommand } from '../cli/run-command.js';
import { keys, newFolder, put, underOld } from '../cli/secret-files.js';
import { RawServer } from '../support/raw-server.js';

let simulator: Simulator;
let server: RawServer | undefined;
let ids = 100;
const folder = newFolder();
const keyFile = put(folder, 'key', `${keys.old}\n`);

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
});
afterEach(async () => {
  server?.child.stdin.end();
  await server?.exit;
  server = undefined;
});
afterAll(() => simulator.close());

const secretOf = (cluster: string) => simulator.cluster(cluster).tokenSecret;

/** Production has its secret in a file, staging an encrypted one, disaster-recovery an encrypted one in a file. */
function mixed(more: Record<string, string> = {}): Record<string, string> {
  const {
    PROXMOX_CLUSTER_production_TOKEN_SECRET: _,
    PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET: __,
    ...env
  } = simulator.env();
  return {
    ...env,
    PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE: put(folder, 'production', `${secretOf('production')}\n`),
    PROXMOX_CLUSTER_staging_TOKEN_SECRET: underOld(secretOf('staging')),
    PROXMOX_CLUSTER_disaster_recovery_TOKEN_SECRET_FILE: put(folder, 'dr', underOld(secretOf('disaster-recovery'))),
    PROXMOX_SECRET_KEY_FILE: keyFile,
    ...more,
  };
}

async function start(env: Record<string, string>, args: readonly string[] = []): Promise<RawServer> {
  server = new RawServer({ PROXMOX_TOOLSETS: 'all', PROXMOX_LOG_LEVEL: 'trace', ...env }, args);
  await server.initialize();
  return server;
}

async function call(tool: string, args: object = {}) {
  ids += 1;
  server?.callTool(ids, tool, args);
  const { result } = (await server?.answer(ids)) ?? {};
  return { isError: result?.isError === true, data: JSON.parse(result.content[0].text) };
}

/** Every byte that left, and no secret in it. */
function expectNothingLeft(): void {
  const left = JSON.stringify(server?.messages) + server?.noise.join('\n') + server?.stderr;
  const held = [...simulator.clusters.map(({ tokenSecret }) => tokenSecret), ...Object.values(keys)];
  for (const secret of held) expect(left).not.toContain(secret);
}

describe('secrets in files and encrypted ones', () => {
  it('sign in, each at its cluster, and are nowhere to be seen', async () => {
    await start(mixed());
    const { data, isError } = await call('proxmox-list-nodes', { cluster: 'all' });
    expect(isError).toBe(false);
    expect(data.clusters.map(({ cluster, error }: Record<string, unknown>) => [cluster, error])).toEqual([
      ['production', undefined],
      ['staging', undefined],
      ['disaster-recovery', undefined],
    ]);
    await sleep(2000);
    expect(server?.stderr).toContain('cluster checked');
    expectNothingLeft();
  });

  it('that cannot be read are told by every call, without any of them', async () => {
    put(folder, 'key', keys.new);
    await start(mixed({ PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE: folder }));
    put(folder, 'key', `${keys.old}\n`);
    const { data, isError } = await call('proxmox-list-nodes');
    expect(isError).toBe(true);
    const said = JSON.stringify(data);
    expect(data.error.code).toBe('NOT_CONFIGURED');
    expect(said).toContain('PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE names a folder');
    for (const name of ['staging_TOKEN_SECRET', 'disaster_recovery_TOKEN_SECRET_FILE'])
      expect(said).toContain(`PROXMOX_CLUSTER_${name} cannot be decrypted: the key in PROXMOX_SECRET_KEY_FILE`);
    await sleep(2000);
    expectNothingLeft();
  });

  it('are cut out where they come back, as keys are, in answers and in the log', async () => {
    const env = mixed();
    await start(env);
    for (const planted of [secretOf('staging'), secretOf('production'), secretOf('disaster-recovery'), keys.old]) {
      const { data } = await call('proxmox-list-nodes', { cluster: planted });
      expect(JSON.stringify(data)).toContain('[redacted]');
    }
    expectNothingLeft();
  });
});

describe('a secret in a file that is exchanged', () => {
  const token = 'mcp@pve!exchanged';
  const exchanged = (more: Record<string, string> = {}) => {
    const first = simulator.cluster('production').addToken(token, { '/': ['PVEAuditor'] });
    const file = put(folder, 'exchanged', first);
    const env = {
      ...mixed(more),
      PROXMOX_CLUSTER_production_TOKEN_ID: token,
      PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE: file,
      PROXMOX_CLUSTER_VALIDATION: 'false',
    };
    /** Proxmox makes a new secret for a token of the same name, and the old one is refused. */
    const renew = () => simulator.cluster('production').addToken(token, { '/': ['PVEAuditor'] }, randomUUID());
    return { env, file, first, renew };
  };
  const nodes = () => call('proxmox-list-nodes', { cluster: 'production' });

  it('is read again with the next client, and while it cannot be read that of before holds', async () => {
    const { env, file, first, renew } = exchanged({ PROXMOX_CLUSTER_CACHE_TTL: '1' });
    await start(env);
    expect((await nodes()).isError).toBe(false);
    writeFileSync(file, '');
    await sleep(1100);
    expect((await nodes()).isError).toBe(false);
    const second = renew();
    expect(second).not.toBe(first);
    writeFileSync(file, second);
    await sleep(1100);
    expect((await nodes()).isError).toBe(false);
    await sleep(1000);
    expect(server?.stderr).toContain('the secret of the token was read anew');
    expect(server?.stderr).toContain('could not be read anew');
    for (const secret of [first, second]) expect(server?.stderr).not.toContain(secret);
    expect(JSON.stringify((await call('proxmox-list-nodes', { cluster: second })).data)).not.toContain(second);
  });

  it('is read again with the configuration, which names its variable', async () => {
    const { env, file, renew } = exchanged();
    await start(env);
    expect((await nodes()).isError).toBe(false);
    writeFileSync(file, renew());
    expect((await nodes()).data.error.code).toBe('TOKEN_REFUSED');
    const { data } = await call('proxmox-reload-configuration');
    expect(data.result.changed).toEqual([
      { cluster: 'production', variables: ['PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE'] },
    ]);
    expect((await nodes()).isError).toBe(false);
  });
});

describe.runIf(process.platform !== 'win32')('files that other users can read', () => {
  const settings = () => {
    const lines = Object.entries(mixed()).map(([name, value]) => `${name}='${value}'`);
    return put(folder, 'settings.env', `${lines.join('\n')}\n`);
  };
  const told = ['production', 'key', 'dr'];

  it('are warned about in the log at the start', async () => {
    const file = settings();
    for (const name of told) chmodSync(`${folder}/${name}`, 0o644);
    await start({}, ['--env-file', file]);
    await sleep(2500);
    expect(server?.stderr).toContain(
      'PROXMOX_CLUSTER_production_TOKEN_SECRET_FILE names a file that other users can read (mode 644): chmod 600 it',
    );
    expect(server?.stderr).toContain('PROXMOX_SECRET_KEY_FILE names a file that other users can read (mode 644)');
    expect(server?.stderr).not.toContain('recovery_TOKEN_SECRET_FILE names');
    expect(server?.stderr).not.toContain('the file of settings');
    for (const name of told) chmodSync(`${folder}/${name}`, 0o600);
  });

  it('are warned about by doctor, the file of settings too where it holds a plain secret or can be changed', async () => {
    const file = settings();
    const good = await runCommand(['doctor', '--env-file', file]);
    expect([good.code, good.stdout]).toEqual([0, expect.stringContaining('all good')]);
    chmodSync(file, 0o644);
    expect((await runCommand(['doctor', '--env-file', file])).code).toBe(0);
    chmodSync(file, 0o620);
    const changeable = await runCommand(['doctor', '--env-file', file]);
    expect(changeable.code).toBe(1);
    expect(changeable.stdout).toContain(`'${file}' is one that other users can change (mode 620): chmod 600 it`);
    writeFileSync(file, `PROXMOX_SECRET_KEY='${keys.old}'\n`, { flag: 'a' });
    writeFileSync(file, 'PROXMOX_SECRET_KEY_FILE=\n', { flag: 'a' });
    chmodSync(file, 0o644);
    const beside = await runCommand(['doctor', '--json', '--env-file', file]);
    expect(beside.stdout).toContain('that other users can read (mode 644): chmod 600 it');
    expect(beside.stdout).toContain('PROXMOX_SECRET_KEY stands in the same file as values that it opens');
    expect(beside.stdout).not.toContain(keys.old);
  });
});

it('a secret that is encrypted works with `call` as well', async () => {
  const { code, stdout } = await runCommand(['call', 'list-nodes', '{"cluster":"staging"}'], mixed());
  expect(code).toBe(0);
  expect(JSON.parse(stdout).cluster).toBe('staging');
});
