import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { RawServer } from '../support/raw-server.js';

let simulator: Simulator;
let server: RawServer | undefined;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
afterEach(() => {
  server?.child.kill('SIGKILL');
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

function start(env: Record<string, string> = {}): RawServer {
  server = new RawServer({ ...simulator.env(), ...env });
  return server;
}

describe('the built server on bare pipes', () => {
  it('writes nothing but protocol on stdout, and its log on stderr', async () => {
    const running = start({ PROXMOX_LOG_LEVEL: 'debug' });
    await running.initialize();
    running.callTool(1, 'proxmox-list-nodes', { cluster: 'all' });
    await running.answer(1);
    await running.until(() => (running.stderr.includes('cluster checked') ? true : undefined));
    expect(running.noise).toEqual([]);
    expect(running.stderr).toContain('"msg":"cluster selected"');
    expect(running.stderr).toContain('"via":"all"');
  });

  it('ends when the client closes stdin, also with an answer outstanding and connections open', async () => {
    const running = start();
    await running.initialize();
    running.callTool(1, 'proxmox-list-nodes');
    await running.answer(1);
    simulator.cluster('production').setFault({ kind: 'hung' });
    running.callTool(2, 'proxmox-list-nodes');
    await running.until(() => (simulator.cluster('production').connections > 0 ? true : undefined));
    running.child.stdin.end();
    expect(await running.exit).toBe(0);
    expect(running.noise).toEqual([]);
  });

  it('ends without a stack trace when the client closes stdout', async () => {
    const running = start();
    await running.initialize();
    running.child.stdout.destroy();
    running.callTool(1, 'proxmox-list-nodes');
    running.callTool(2, 'proxmox-list-nodes');
    expect(await running.exit).toBe(0);
    expect(running.stderr).not.toContain('    at ');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s', async (signal) => {
    const running = start();
    await running.initialize();
    running.child.kill(signal);
    expect(await running.exit).toBe(0);
  });

  it('lives on after lines that are no messages', async () => {
    const running = start();
    await running.initialize();
    running.send('this is no JSON');
    running.send('{"jsonrpc":"2.0"');
    running.send('[]');
    running.send('{"jsonrpc":"1.0","id":7,"method":"tools/list"}');
    running.callTool(1, 'proxmox-list-nodes');
    expect((await running.answer(1)).result.isError).toBeUndefined();
    expect(running.noise).toEqual([]);
  });

  it('gives up a cancelled call and sends no answer for it', async () => {
    const running = start();
    await running.initialize();
    simulator.cluster('production').setFault({ kind: 'hung' });
    running.callTool(1, 'proxmox-list-nodes');
    await running.until(() => (simulator.cluster('production').connections > 0 ? true : undefined));
    running.send({ method: 'notifications/cancelled', params: { requestId: 1, reason: 'test' } });
    await running.until(() => (simulator.cluster('production').connections === 0 ? true : undefined));
    running.callTool(2, 'proxmox-list-nodes', { cluster: 'staging' });
    await running.answer(2);
    expect(running.messages.filter(({ id }) => id === 1)).toEqual([]);
  });

  it('refuses what it does not list, by protocol', async () => {
    const running = start();
    await running.initialize();
    running.callTool(1, 'proxmox-format-all-disks');
    expect((await running.answer(1)).error).toMatchObject({ code: -32602 });
    running.send({ id: 2, method: 'server/discover' });
    expect((await running.answer(2)).error).toMatchObject({ code: -32601 });
  });

  it('answers initialize before any cluster is asked, and checks them all afterwards', async () => {
    const before = simulator.clusters.map(({ requests }) => requests.length);
    const running = start();
    await running.initialize();
    expect(simulator.clusters.map(({ requests }) => requests.length)).toEqual(before);
    await running.until(() => (running.stderr.split('cluster checked').length > 3 ? true : undefined));
  });

  it('checks no cluster when that is switched off', async () => {
    const before = simulator.clusters.map(({ requests }) => requests.length);
    const running = start({ PROXMOX_CLUSTER_VALIDATION: 'false' });
    await running.initialize();
    await running.until(() => (running.stderr.includes('"ready"') ? true : undefined));
    running.child.stdin.end();
    await running.exit;
    expect(simulator.clusters.map(({ requests }) => requests.length)).toEqual(before);
  });

  it('shows one tool list for one cluster and another for many', async () => {
    const running = start();
    await running.initialize();
    running.send({ id: 1, method: 'tools/list' });
    const many = (await running.answer(1)).result.tools;
    expect(
      many.find(({ name }: { name: string }) => name === 'proxmox-list-vms').inputSchema.properties,
    ).toHaveProperty('cluster');
    expect(JSON.stringify(many)).not.toContain('$schema');
  });
});

describe('the log', () => {
  it('goes to the file that is named, and nothing of it to stderr', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'proxmox-mcp-')), 'logs', 'server.log');
    const running = start({ PROXMOX_LOG_FILE: file });
    await running.initialize();
    running.callTool(1, 'proxmox-list-nodes', { cluster: 'nowhere' });
    await running.answer(1);
    running.child.stdin.end();
    expect(await running.exit).toBe(0);
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ msg }) => msg)).toEqual(['a call was not done', 'stopping']);
    expect(running.stderr).toBe('');
  });

  it('goes to stderr, with a word about it, when the file cannot be written', async () => {
    const running = start({ PROXMOX_LOG_FILE: '/dev/null/server.log' });
    await running.initialize();
    running.child.stdin.end();
    expect(await running.exit).toBe(0);
    expect(running.stderr).toContain('the log file cannot be written');
  });
});

describe('a server whose configuration is wrong', () => {
  it('answers initialize, lists its tools, and says all that is wrong in every call', async () => {
    server = new RawServer({
      PROXMOX_CLUSTERS: 'a,b',
      PROXMOX_CLUSTER_a_API_URL: 'ftp://nowhere',
      PROXMOX_CLUSTER_a_TOKEN_ID: 'root',
      PROXMOX_CLUSTER_a_TOKEN_SECRET: 'very-secret-value',
    });
    await server.initialize();
    server.send({ id: 1, method: 'tools/list' });
    expect((await server.answer(1)).result.tools.length).toBeGreaterThan(20);
    server.callTool(2, 'proxmox-list-nodes');
    const { result } = await server.answer(2);
    expect(result.isError).toBe(true);
    const { error } = JSON.parse(result.content[0].text);
    expect(error.code).toBe('NOT_CONFIGURED');
    const variables = error.faults.map(({ variable }: { variable: string }) => variable);
    expect(variables).toEqual(
      expect.arrayContaining(['PROXMOX_CLUSTER_a_API_URL', 'PROXMOX_CLUSTER_a_TOKEN_ID', 'PROXMOX_CLUSTER_b_API_URL']),
    );
    for (const [id, tool] of ['proxmox-create-pool', 'proxmox-migrate-vm-between-clusters'].entries()) {
      server.callTool(10 + id, tool);
      expect((await server.answer(10 + id)).result.content[0].text).toContain('NOT_CONFIGURED');
    }
    server.callTool(3, 'proxmox-no-such-tool');
    expect((await server.answer(3)).error.message).toContain('Unknown tool');
    expect(error.files_searched).toEqual(['/.env', '/nonexistent/.config/proxmox-mcp/.env']);
    expect(JSON.stringify(server.messages) + server.stderr).not.toContain('very-secret-value');
  });
});
