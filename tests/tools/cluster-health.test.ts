import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import type { TaskState } from '../../src/simulator/state.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
});
beforeEach(async () => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
  const { url } = production();
  session = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_API_URL: `https://127.0.0.1:1,${url}`,
  });
});
afterEach(() => session.close());
afterAll(() => simulator.close());

const production = () => simulator.cluster('production');

async function health(args: object = {}, asked: Session = session): Promise<Record<string, any>> {
  const { data } = await asked.call('proxmox-cluster-health', { cluster: 'production', ...args });
  return data.clusters[0].result;
}
const codes = ({ problems }: Record<string, any>) => problems.map(({ code }: { code: string }) => code);

/** A session whose token holds this and no more on production. */
async function withToken(acl: Record<string, string[]>, use: (other: Session) => Promise<void>) {
  const id = `probe${Object.keys(acl).join('').replaceAll('/', '')}@pve!mcp`;
  const secret = production().addToken(id, acl);
  const other = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: id,
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  await use(other).finally(() => other.close());
}

/** Tasks that have ended, so many hours ago. */
function addTask(node: string, type: string, id: string, exitstatus: string, hoursAgo: number): TaskState {
  const starttime = Math.floor(Date.now() / 1000) - hoursAgo * 3600;
  const pid = 5000 + production().state.tasks.length;
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, '0');
  const user = 'root@pam';
  const task = {
    upid: `UPID:${node}:${hex(pid)}:${hex(pid)}:${hex(starttime)}:${type}:${id}:${user}:`,
    ...{ node, pid, pstart: pid, type, id, user, starttime, duration: 5, log: ['it went so'], exitstatus },
    endtime: starttime + 5,
  };
  production().state.tasks.push(task);
  return task;
}

describe('the health of a cluster', () => {
  it('tells each address, since when it is as it is, and why', async () => {
    const { connection, state, problems } = await health();
    expect(connection).toMatchObject({
      state: 'closed',
      since: expect.stringMatching(/^\d{4}-/),
      last_error: { code: 'ECONNREFUSED' },
      addresses: [
        { url: 'https://127.0.0.1:1', state: 'bad', last_error: expect.stringContaining('ECONNREFUSED') },
        { url: production().url, state: 'up', latency: expect.any(Number) },
      ],
    });
    expect(state).toBe('warning');
    expect(problems).toContainEqual(expect.objectContaining({ code: 'ADDRESSES_DOWN' }));
  });

  it('tells of a dead cluster the last error and since when nothing is asked of it', async () => {
    production().setFault({ kind: 'unreachable' });
    // The breaker opens when failures go on for some seconds.
    await expect.poll(async () => (await health()).connection.state, { timeout: 20_000, interval: 500 }).toBe('open');
    const dead = await health();
    expect(dead).toMatchObject({ state: 'down', reachable: false, connection: { state: 'open' } });
    expect(Date.parse(dead.connection.next_probe)).toBeGreaterThan(0);
    for (const part of ['storage', 'failed_tasks', 'backups']) expect(dead).not.toHaveProperty(part);
    production().setFault(undefined);
    await expect.poll(async () => (await health()).connection.state, { timeout: 20_000 }).toBe('closed');
  }, 60_000);

  it('tells the storages over a threshold, a shared one once', async () => {
    const { storages } = production().state;
    const shared = storages.find((one) => one.shared && one.enabled && one.total > 0);
    const local = storages.find((one) => !one.shared && one.enabled && one.total > 0);
    if (shared === undefined || local === undefined) throw new Error('the world has no such storages');
    const before = [shared.used, local.used] as const;
    shared.used = shared.total * 0.97;
    local.used = local.total * 0.9;
    const { storage, problems } = await health();
    expect(storage).toMatchObject({ over_percent: 85 });
    expect(storage.full[0]).toEqual({
      storage: shared.storage,
      used_percent: 97,
      bytes_used: shared.used,
      bytes_total: shared.total,
    });
    const half = (await health({ storage_percent: 50 })).storage.full;
    const rows = half.filter((row: { storage: string }) => row.storage === local.storage);
    expect(new Set(rows.map(({ node }: { node: string }) => node)).size).toBe((local.nodes ?? ['', '', '']).length);
    expect(problems).toContainEqual(expect.objectContaining({ code: 'STORAGE_FULL' }));
    expect((await health({ storage_percent: 95 })).storage.full).toHaveLength(1);
    [shared.used, local.used] = before;
    const refused = await session.call('proxmox-cluster-health', { storage_percent: 0 });
    expect(refused.data.error.code).toBe('INVALID_ARGUMENTS');
  });

  it('counts the tasks of a day that failed, and shows the newest', async () => {
    const before = (await health()).failed_tasks.count;
    const failed = addTask('pve2', 'qmstart', '101', 'start failed', 1);
    addTask('pve1', 'qmstart', '101', 'OK', 1);
    addTask('pve1', 'qmstart', '101', 'start failed', 30);
    const { failed_tasks } = await health();
    expect(failed_tasks).toMatchObject({ hours: 24, count: before + 1 });
    expect(failed_tasks.newest.map(({ upid }: { upid: string }) => upid)).toContain(failed.upid);
    production().setFault({ kind: 'unreachable' }, { node: 'pve2' });
    await expect.poll(async () => (await health()).failed_tasks.seen_in_part).toContain('pve2');
  });

  it('tells which guests no job takes, and whose last backup failed', async () => {
    const [first, second] = production().state.guests;
    if (first === undefined || second === undefined) throw new Error('the world has no guests');
    const failed = addTask('pve1', 'vzdump', String(first.vmid), 'job errors', 2);
    addTask('pve1', 'vzdump', String(second.vmid), 'job errors', 3);
    addTask('pve2', 'vzdump', String(second.vmid), 'OK', 2);
    addTask('pve1', 'vzdump', '', 'job errors', 2);
    const { backups } = await health();
    const { data } = await session.call('proxmox-list-unprotected-guests', { cluster: 'production' });
    const uncovered = data.items.filter((row: object) => !('disabled_jobs' in row));
    expect(backups.in_no_job.count).toBe(uncovered.length);
    expect(backups.in_no_job.guests.map(({ vmid }: { vmid: number }) => vmid)).toEqual(
      uncovered.slice(0, 10).map(({ vmid }: { vmid: number }) => vmid),
    );
    expect(backups.last_failed).toMatchObject({ of: 'the vzdump tasks of the last 7 days' });
    const guests = backups.last_failed.guests.map(({ vmid }: { vmid: number }) => vmid);
    expect(guests).toContain(first.vmid);
    expect(guests).not.toContain(second.vmid);
    expect(backups.last_failed.guests).toContainEqual(expect.objectContaining({ upid: failed.upid }));
    expect(backups.last_failed.of_several).toBeGreaterThanOrEqual(1);
  });

  it('names the versions where nodes differ', async () => {
    expect(await health()).not.toHaveProperty('versions');
    const node = production().state.nodes[2];
    if (node !== undefined) node.version = '9.1.4';
    const mixed = await health();
    expect(mixed.versions).toEqual({ pve1: '9.2.3', pve2: '9.2.3', pve3: '9.1.4' });
    expect(codes(mixed)).toContain('MIXED_VERSIONS');
    if (node !== undefined) delete node.version;
  });

  it('says what the token may not see, instead of zero', async () => {
    await withToken({ '/vms/107': ['VM.Audit'] }, async (other) => {
      const seen = await health({}, other);
      expect(seen.storage).toEqual({ over_percent: 85, not_seen: expect.stringContaining('Datastore.Audit') });
      expect(seen.failed_tasks).toEqual({ hours: 24, not_seen: expect.stringContaining('Sys.Audit on /nodes') });
      expect(seen.backups.in_no_job).toEqual({ not_seen: 'the token lacks Sys.Audit on /' });
      expect(seen.backups.last_failed.not_seen).toContain('Sys.Audit on /nodes');
    });
    await withToken({ '/': ['Sys.Audit'], '/storage/local': ['Datastore.Audit'] }, async (other) => {
      const seen = await health({ storage_percent: 1 }, other);
      expect(seen.storage.seen_in_part).toContain('on /storage');
      expect(seen.storage.full.every(({ storage }: { storage: string }) => storage === 'local')).toBe(true);
      expect(seen.backups.in_no_job.not_seen).toContain('VM.Audit');
      expect(seen.failed_tasks.count).toBeGreaterThanOrEqual(0);
    });
  });

  it('counts no more than it could ask', async () => {
    production().setFault({ kind: 'status', status: 500, reason: 'broken' }, { path: /^\/nodes$/ });
    const seen = await health();
    expect(seen.failed_tasks).toEqual({ hours: 24, not_seen: 'the nodes could not be listed' });
    expect(seen.backups.last_failed.not_seen).toBe('the nodes could not be listed');
  });
});
