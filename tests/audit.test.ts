import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../src/client/multi-cluster-client.js';
import { ClusterRegistry } from '../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../src/config/env.js';
import { runCommand } from './cli/run-command.js';
import { eventsOf, type Line, linesIn, newAuditFile } from './support/audit-file.js';
import { RawServer } from './support/raw-server.js';
import { type Session, startSession } from './support/session.js';
import { useWorld } from './support/world.js';

const file = newAuditFile();
const world = useWorld({ PROXMOX_AUDIT_FILE: file });
let seen = 0;

/** What a call adds to the file. */
async function added(tool: string, args: Record<string, unknown>): Promise<Line[]> {
  await world.call(tool, args);
  const lines = linesIn(file);
  const news = lines.slice(seen);
  seen = lines.length;
  return news;
}

const cluster = 'production';

afterEach(() => world.simulator.cluster(cluster).setFault(undefined));

describe('what is written down of a call', () => {
  it('has begin, request, answer and end of a change', async () => {
    const lines = await added('proxmox-start-vm', { cluster, vmid: 102 });
    expect(eventsOf(lines)).toEqual(['begin', 'send', 'answer', 'end']);
    const [begin, send, answer, end] = lines;
    const head = {
      client: { name: 'tests', version: '0.0.0' },
      tool: 'proxmox-start-vm',
      effect: 'write',
      clusters: [cluster],
      via: 'explicit',
      arguments: { cluster, vmid: 102 },
    };
    expect(begin).toMatchObject(head);
    expect(begin?.target).toMatchObject({ vmid: 102, node: expect.any(String), name: expect.any(String) });
    expect(send).toMatchObject({ request: 1, cluster, method: 'POST' });
    expect(send?.path).toBe(`/nodes/${begin?.target.node}/qemu/102/status/start`);
    expect(answer?.upid).toMatch(/^UPID:/);
    expect(end).toMatchObject({ ...head, outcome: 'ok', upid: answer?.upid, ms: expect.any(Number) });
    expect(end?.requests).toEqual([{ cluster, method: 'POST', path: send?.path, upid: answer?.upid }]);
    expect(new Set(lines.map(({ call }) => call)).size).toBe(1);
    for (const { time } of lines) expect(new Date(time).toISOString()).toBe(time);
  });

  it('has a plan as a plan, and who confirmed what was confirmed', async () => {
    const [plan, ...none] = await added('proxmox-stop-vm', { cluster, vmid: 102 });
    expect(none).toEqual([]);
    expect(plan).toMatchObject({ event: 'call', outcome: 'planned', requests: [], effect: 'destroy' });
    expect(plan?.planned).toMatchObject([{ method: 'POST' }]);
    expect(plan).not.toHaveProperty('confirmed_by');
    const done = await added('proxmox-stop-vm', { cluster, vmid: 102, confirm: true });
    expect(done.at(-1)).toMatchObject({ event: 'end', outcome: 'ok', confirmed_by: 'argument' });
    const shown = await added('proxmox-stop-vm', { cluster, vmid: 102, confirm: true, dry_run: true });
    expect(shown).toMatchObject([{ outcome: 'planned' }]);
    expect(shown[0]).not.toHaveProperty('confirmed_by');
    const apart = await added('proxmox-stop-vm', { cluster, vmid: 102, confirm: true, more: { dry_run: true } });
    expect(apart).toMatchObject([{ outcome: 'planned' }]);
    expect(apart[0]).not.toHaveProperty('confirmed_by');
  });

  it('has what was refused before anything was sent, with its code', async () => {
    const refused = { event: 'call', outcome: 'refused', requests: [] };
    expect(await added('proxmox-start-vm', { cluster, vmid: 9998 })).toMatchObject([
      { ...refused, code: 'GUEST_NOT_FOUND' },
    ]);
    expect(await added('proxmox-start-vm', { cluster: 'no-such', vmid: 102 })).toMatchObject([
      { ...refused, code: 'CLUSTER_NOT_FOUND' },
    ]);
    const [line] = await added('proxmox-start-vm', { cluster, vmid: 102, pasword: 'a-misspelt-secret' });
    expect(line).toMatchObject({ ...refused, code: 'INVALID_ARGUMENTS' });
    expect(line?.arguments.pasword).toBe('[not shown]');
  });

  it('has what a cluster refused, and a task that failed, as failed', async () => {
    world.simulator.cluster(cluster).setFault({ kind: 'status', status: 500, reason: 'no' }, { method: 'POST' });
    const lines = await added('proxmox-start-vm', { cluster, vmid: 102 });
    expect(eventsOf(lines)).toEqual(['begin', 'send', 'answer', 'end']);
    expect(lines[3]).toMatchObject({ outcome: 'failed', code: lines[2]?.code, requests: [{ code: lines[2]?.code }] });
    world.simulator.cluster(cluster).setFault(undefined);
    world.simulator.cluster(cluster).setFault({ kind: 'task', exitstatus: 'it broke' }, { times: 1 });
    const failed = await added('proxmox-start-vm', { cluster, vmid: 102 });
    expect(failed.at(-1)).toMatchObject({ event: 'end', outcome: 'failed', upid: expect.stringMatching(/^UPID:/) });
  });

  it('has every request of a change of several steps that stopped half way', async () => {
    world.simulator.cluster(cluster).setFault({ kind: 'task', exitstatus: 'it broke' }, { skip: 1, times: 1 });
    const before = world.writes();
    const args = { cluster, pattern: 'k8s-*', snapname: 'half', at_once: 1 };
    const lines = await added('proxmox-bulk-snapshot', args);
    const sent = lines.filter(({ event }) => event === 'send');
    expect(sent.length).toBe(world.writes() - before);
    expect(sent.length).toBeGreaterThan(1);
    expect(lines.at(-1)).toMatchObject({ event: 'end', outcome: 'failed' });
    expect(lines.at(-1)?.requests).toHaveLength(sent.length);
  });

  it('says of a task that nobody waited for that it runs', async () => {
    const lines = await added('proxmox-create-snapshot', { cluster, vmid: 102, snapname: 'unwaited', wait: false });
    expect(lines.at(-1)).toMatchObject({ outcome: 'running', upid: expect.stringMatching(/^UPID:/) });
  });

  it('has where each request went, of a change on several clusters', async () => {
    const args = {
      cluster: 'production,staging',
      action: 'tag',
      set_tag: 'wave9',
      type: 'lxc',
      most: 50,
      at_once: 4,
      confirm: true,
    };
    const lines = await added('proxmox-fleet-action', args);
    expect(lines[0]).toMatchObject({ event: 'begin', clusters: ['production', 'staging'] });
    const sent = lines.filter(({ event }) => event === 'send');
    expect(new Set(sent.map((line) => line.cluster))).toEqual(new Set(['production', 'staging']));
    expect(new Set(sent.map(({ request }) => request)).size).toBe(sent.length);
  });

  it('has no read, and no byte of what is secret', async () => {
    expect(await added('proxmox-list-vms', { cluster })).toEqual([]);
    const content = 'the private content of a file';
    const input = 'what the program reads';
    const args = { cluster, vmid: 100, confirm: true };
    const lines = [
      ...(await added('proxmox-guest-file-write', { ...args, file: '/tmp/x', content })),
      ...(await added('proxmox-guest-file-write', { ...args, confirm: false, file: '/tmp/x', content })),
      ...(await added('proxmox-guest-exec', { ...args, command: ['cat'], input })),
    ];
    const text = JSON.stringify(lines);
    expect(text).not.toContain(content);
    expect(text).not.toContain(Buffer.from(content).toString('base64'));
    expect(text).not.toContain(input);
    expect(lines[0]?.arguments).toMatchObject({ file: '/tmp/x', content: `(${content.length} characters)` });
    const secret = world.simulator.cluster(cluster).tokenSecret;
    const [line] = await added('proxmox-create-snapshot', {
      cluster,
      vmid: 100,
      snapname: 'x',
      description: secret,
      dry_run: true,
    });
    expect(JSON.stringify(line)).not.toContain(secret);
  });

  it('has nothing that steers a terminal or hides, and no flood', async () => {
    const args = { cluster, vmid: 100, snapname: 'y', dry_run: true };
    const [plain] = await added('proxmox-create-snapshot', {
      ...args,
      description: '\u001b[31mred\u202egnp.exe\u200b',
    });
    expect(plain?.arguments.description).toBe('redgnp.exe');
    const flood = { ...args, description: 'x'.repeat(5_000_000), more: { ['k'.repeat(100_000)]: 1 } };
    const [line] = await added('proxmox-create-snapshot', flood);
    expect(line).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: { description: '(5000000 characters)' } });
    expect(JSON.stringify(line).length).toBeLessThan(2000);
    expect(readFileSync(file, 'latin1')).not.toMatch(/[^\n -~\u0080-\u00ff]/);
  });

  it('is whole, and for its owner alone', async () => {
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { code, stdout } = await runCommand(['audit', 'verify', file]);
    expect(stdout).toContain(`${linesIn(file).length} lines are whole, from 20`);
    expect(stdout).not.toContain('Begun and not ended');
    expect(code).toBe(0);
    const { stdout: shown } = await runCommand(['audit', 'show'], {
      PROXMOX_AUDIT_FILE: file,
      ...world.simulator.env(),
    });
    expect(shown).toMatch(/tests +stop-vm +production +102 \S+ \S+ +ok \(confirmed by argument\)/);
    expect(shown).toMatch(/start-vm +no-such|start-vm .*refused CLUSTER_NOT_FOUND/);
  });
});

describe('who writes', () => {
  const sessions: Session[] = [];
  const start = async (env: Record<string, string>) => {
    const session = await startSession({ ...world.simulator.env(), ...env });
    sessions.push(session);
    return session;
  };
  afterEach(async () => {
    for (const session of sessions.splice(0)) await session.close();
  });

  it('writes reads where that is asked for', async () => {
    const own = newAuditFile();
    const session = await start({ PROXMOX_AUDIT_FILE: own, PROXMOX_AUDIT_READS: 'yes' });
    await session.call('proxmox-list-vms', { cluster: 'all' });
    await session.call('proxmox-vm-info', { cluster, vmid: 102 });
    await session.call('proxmox-vm-info', { cluster, vmid: 9998 });
    expect(linesIn(own)).toMatchObject([
      { event: 'call', effect: 'read', tool: 'proxmox-list-vms', clusters: { length: 3 }, outcome: 'ok' },
      { event: 'call', tool: 'proxmox-vm-info', target: { vmid: 102 }, outcome: 'ok' },
      { event: 'call', tool: 'proxmox-vm-info', outcome: 'refused', code: 'GUEST_NOT_FOUND' },
    ]);
  });

  it('names the command and the library', async () => {
    const own = newAuditFile();
    const env = { ...world.simulator.env(), PROXMOX_AUDIT_FILE: own };
    await runCommand(['call', 'start-vm', JSON.stringify({ cluster, vmid: 102, dry_run: true })], env);
    const registry = new ClusterRegistry(requireConfig(parseEnv(env)));
    const client = new MultiClusterProxmoxClient(registry);
    await client.startVm({ cluster, vmid: 102, dry_run: true });
    await client.close();
    expect(linesIn(own).map(({ client: { name } }) => name)).toEqual(['call', 'library']);
  });

  it('has no secret of the library either, however it is encoded', async () => {
    const own = newAuditFile();
    const env = { ...world.simulator.env(), PROXMOX_AUDIT_FILE: own };
    const registry = new ClusterRegistry(requireConfig(parseEnv(env)));
    const client = new MultiClusterProxmoxClient(registry);
    const hidden = Buffer.from(registry.getClusterConfig(cluster).tokenSecret).toString('base64');
    const plan = { cluster, vmid: 102, snapname: 'library', dry_run: true };
    await client.createSnapshot({ ...plan, description: `it is ${hidden}` });
    await client.close();
    const text = readFileSync(own, 'utf8');
    expect(text).toContain('it is [redacted]');
    expect(text).not.toContain(hidden.slice(0, 12));
  });

  it('keeps one chain when several servers write at once', async () => {
    const own = newAuditFile();
    const servers = await Promise.all([1, 2, 3].map(() => start({ PROXMOX_AUDIT_FILE: own })));
    const calls = 20;
    await Promise.all(
      servers.flatMap((server) =>
        Array.from({ length: calls }, () => server.call('proxmox-start-vm', { cluster, vmid: 102, dry_run: true })),
      ),
    );
    const lines = linesIn(own);
    expect(lines).toHaveLength(servers.length * calls);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, index) => index + 1));
    expect((await runCommand(['audit', 'verify', own])).code).toBe(0);
  });

  it('ends what is under way when it is stopped, and loses nothing of it', async () => {
    const own = newAuditFile();
    const server = new RawServer({ ...world.simulator.env(), PROXMOX_TOOLSETS: 'all', PROXMOX_AUDIT_FILE: own });
    await server.initialize();
    world.simulator.cluster(cluster).setFault({ kind: 'hung' }, { method: 'POST' });
    server.callTool(1, 'proxmox-start-vm', { cluster, vmid: 102 });
    await server.until(() => world.simulator.cluster(cluster).requests.find(({ at }) => at > 0) && sentIn(own));
    server.child.kill('SIGTERM');
    expect(await server.exit).toBe(0);
    expect(eventsOf(linesIn(own))).toEqual(['begin', 'send', 'answer', 'end']);
    expect(linesIn(own).at(-1)).toMatchObject({ outcome: 'cancelled' });
  });

  it('loses nothing of what is under way when it is switched off meanwhile', async () => {
    const own = newAuditFile();
    const settings = `${own}.env`;
    const write = (more: Record<string, string>) => {
      const env = Object.entries({ ...world.simulator.env(), PROXMOX_TOOLSETS: 'all', ...more });
      writeFileSync(settings, env.map(([name, value]) => `${name}='${value}'`).join('\n'));
    };
    write({ PROXMOX_AUDIT_FILE: own });
    const server = new RawServer({}, ['--env-file', settings]);
    await server.initialize();
    world.simulator.cluster(cluster).setFault({ kind: 'hung' }, { method: 'POST' });
    server.callTool(1, 'proxmox-start-vm', { cluster, vmid: 102 });
    await server.until(() => sentIn(own));
    write({});
    for (let id = 2; id < 12; id += 1) server.callTool(id, 'proxmox-reload-configuration');
    for (let id = 2; id < 12; id += 1) expect((await server.answer(id)).result.isError).toBeUndefined();
    server.child.stdin.end();
    expect(await server.exit).toBe(0);
    expect(eventsOf(linesIn(own)).at(-1)).toBe('end');
  });

  it('takes another file when the configuration is read again', async () => {
    const [first, second] = [newAuditFile(), newAuditFile()];
    const settings = `${first}.env`;
    const write = (own: string) => {
      const env = Object.entries({ ...world.simulator.env(), PROXMOX_AUDIT_FILE: own });
      writeFileSync(settings, env.map(([name, value]) => `${name}='${value}'`).join('\n'));
    };
    write(first);
    const session = await startSession({}, ['--env-file', settings]);
    sessions.push(session);
    const plan = { cluster, vmid: 102, dry_run: true };
    await session.call('proxmox-start-vm', plan);
    write(second);
    await session.call('proxmox-reload-configuration');
    await session.call('proxmox-start-vm', plan);
    expect([linesIn(first).length, linesIn(second).length]).toEqual([1, 1]);
  });

  it('warns of a file that others can read', async () => {
    const own = newAuditFile();
    writeFileSync(own, '');
    chmodSync(own, 0o644);
    const session = await start({ PROXMOX_AUDIT_FILE: own, PROXMOX_LOG_LEVEL: 'warn' });
    await session.call('proxmox-start-vm', { cluster, vmid: 102, dry_run: true });
    const deadline = Date.now() + 10_000;
    while (!session.stderr().includes('mode 644') && Date.now() < deadline)
      await new Promise((next) => setTimeout(next, 50));
    expect(session.stderr()).toContain('is a file that other users can read (mode 644): chmod 600 it');
  });
});

function sentIn(own: string): true | undefined {
  try {
    return linesIn(own).some(({ event }) => event === 'send') ? true : undefined;
  } catch {
    return undefined;
  }
}
