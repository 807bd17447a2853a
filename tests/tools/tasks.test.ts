import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Answer, type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let narrow: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  const secret = simulator.cluster('production').addToken('few@pve!mcp', { '/vms': ['VM.Audit'] });
  narrow = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

afterAll(async () => {
  await Promise.all([session?.close(), narrow?.close()]);
  await simulator?.close();
});

const production = () => simulator.cluster('production');
const iso = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
const tasks = () => production().state.tasks.toSorted((a, b) => b.starttime - a.starttime);
const start = (task: { duration: number; log?: string[]; exitstatus?: string; node?: string; id?: string }) =>
  production().startTask({ node: 'pve1', type: 'vzdump', id: '100', log: [], exitstatus: 'OK', ...task });
const list = async (args: object) =>
  (await session.call('proxmox-list-tasks', { cluster: 'production', ...args })).data;
const upidsOf = (data: Answer['data']) => data.items.map(({ upid }: { upid: string }) => upid).sort();

function outcomeOf({ endtime, exitstatus }: { endtime?: number | undefined; exitstatus: string }): string {
  if (endtime === undefined) return 'running';
  if (exitstatus === 'OK') return 'ok';
  if (exitstatus.startsWith('WARNINGS: ')) return 'warnings';
  return exitstatus === 'unexpected status' ? 'unknown' : 'failed';
}

it('lists the tasks of all nodes, newest first, running ones too', async () => {
  const running = start({ duration: 600 });
  const data = await list({ limit: 1000 });
  const expected = tasks();
  expect(data.total).toBe(expected.length);
  expect(upidsOf(data)).toEqual(expected.map(({ upid }) => upid).sort());
  expect(data.items.map(({ start }: { start: string }) => start)).toEqual(
    expected.map(({ starttime }) => iso(starttime)),
  );
  for (const task of expected) {
    const row = data.items.find(({ upid }: { upid: string }) => upid === task.upid);
    expect(row).toMatchObject({ node: task.node, type: task.type, user: task.user, state: outcomeOf(task) });
    if (task.endtime === undefined) continue;
    expect(row).toMatchObject({
      end: iso(task.endtime),
      duration: task.endtime - task.starttime,
      exitstatus: task.exitstatus,
    });
  }
  expect(data.items[0]).toMatchObject({ upid: running, state: 'running', id: '100' });
  expect(data.items[0]).not.toHaveProperty('end');
});

it('pages through the tasks of all nodes without a gap', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const data = await list({ limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(...data.items.map(({ upid }: { upid: string }) => upid));
    cursor = data.next_cursor;
  } while (cursor !== undefined);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.toSorted()).toEqual(
    tasks()
      .map(({ upid }) => upid)
      .sort(),
  );
});

it('lets the server filter', async () => {
  const those = (fits: (task: ReturnType<typeof tasks>[number]) => boolean) =>
    tasks()
      .filter(fits)
      .map(({ upid }) => upid)
      .sort();
  start({ duration: 0, exitstatus: 'WARNINGS: 2' });
  expect(upidsOf(await list({ node: 'pve2' }))).toEqual(those(({ node }) => node === 'pve2'));
  expect(upidsOf(await list({ vmid: 104 }))).toEqual(those(({ id }) => id === '104'));
  expect(upidsOf(await list({ type: 'qmstart' }))).toEqual(those(({ type }) => type === 'qmstart'));
  expect(upidsOf(await list({ user: 'alice' }))).toEqual(those(({ user }) => user.includes('alice')));
  expect(upidsOf(await list({ source: 'active' }))).toEqual(those(({ endtime }) => endtime === undefined));
  for (const [status, state] of [
    ['running', 'running'],
    ['ok', 'ok'],
    ['warning', 'warnings'],
    ['error', 'failed'],
  ])
    expect(upidsOf(await list({ status })), status).toEqual(those((task) => outcomeOf(task) === state));
  const since = (tasks()[5]?.starttime ?? 0) + 1;
  const later = those(({ starttime }) => starttime >= since);
  expect(upidsOf(await list({ since: iso(since) }))).toEqual(later);
  expect(upidsOf(await list({ since: String(since) }))).toEqual(later);
  expect(upidsOf(await list({ since }))).toEqual(later);
});

it('routes by the VMID that it filters by', async () => {
  const { data } = await session.call('proxmox-list-tasks', { vmid: 202, limit: 1 });
  expect(data).toMatchObject({ cluster: 'staging', via: 'vmid' });
});

it('names the nodes whose tasks are missing', async () => {
  production().setFault({ kind: 'unreachable' }, { node: 'pve3' });
  const data = await list({ limit: 1000 });
  expect(upidsOf(data)).toEqual(
    tasks()
      .filter(({ node }) => node !== 'pve3')
      .map(({ upid }) => upid)
      .sort(),
  );
  expect(data.notes).toEqual(['The tasks of these nodes are missing: pve3 (offline).']);
  const { error } = await list({ node: 'pve3' });
  expect(error).toMatchObject({ code: 'NODE_UNREACHABLE' });
});

it('goes on without a node that hangs up', async () => {
  production().setFault({ kind: 'status', status: 596, reason: 'Connection timed out' }, { path: /pve2\/tasks/ });
  const data = await list({ limit: 1000 });
  expect(upidsOf(data)).toEqual(
    tasks()
      .filter(({ node }) => node !== 'pve2')
      .map(({ upid }) => upid)
      .sort(),
  );
  expect(data.notes).toEqual(['The tasks of these nodes are missing: pve2 (did not answer in time).']);
});

it('refuses what it cannot read', async () => {
  for (const args of [{ since: 'yesterday' }, { vmid: 7 }, { status: 'bad' }])
    expect((await list(args)).error, JSON.stringify(args)).toMatchObject({ code: 'INVALID_ARGUMENTS' });
});

it.each(['2026', 'Nov 20', 'last 7', '-1', '2026-02-30', '2026-06-01T12:00', '2026-06-01 12:00Z', '12345678'])(
  'does not guess what since %s means',
  async (since) => {
    const { error } = await list({ since });
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'since' }] });
    expect(error.arguments[0].message).toContain('2026-06-01T12:00Z');
  },
);

it('takes a date as UTC, and a time with its zone', async () => {
  const askedSince = async (since: string | number) => {
    expect(await list({ since, node: 'pve1' })).toHaveProperty('items');
    return production()
      .requests.filter(({ path }) => path.endsWith('/tasks'))
      .at(-1)?.params.since;
  };
  expect(await askedSince('2026-06-01')).toBe(String(Date.UTC(2026, 5, 1) / 1000));
  expect(await askedSince('2026-06-01T12:00:30Z')).toBe(String(Date.UTC(2026, 5, 1, 12, 0, 30) / 1000));
  expect(await askedSince('2026-06-01T12:00+02:00')).toBe(String(Date.UTC(2026, 5, 1, 10) / 1000));
  expect(await askedSince(1_780_000_000)).toBe('1780000000');
});

it('names the nodes there are for one that is not there, and costs one entry over several clusters', async () => {
  const { error } = await list({ node: 'pve9' });
  expect(error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('pve1, pve2, pve3') });
  const { data, isError } = await session.call('proxmox-list-tasks', { cluster: 'all', node: 'pve3' });
  expect(isError).toBe(false);
  const [here, staging] = data.clusters;
  expect(here.items.length).toBeGreaterThan(0);
  expect(staging.error).toMatchObject({ code: 'REFUSED' });
});

it('says that a token sees its own tasks only', async () => {
  const { data } = await narrow.call('proxmox-list-tasks', { cluster: 'production' });
  expect(data.items).toEqual([]);
  expect(data.notes).toEqual([expect.stringContaining('Sys.Audit')]);
});

it('tells how far a running task is', async () => {
  const upid = start({
    duration: 600,
    log: ['INFO: starting', 'INFO:  40% (12.8 GiB of 32.0 GiB) in 11s', 'INFO: end'],
  });
  const task = tasks().find((one) => one.upid === upid);
  if (task !== undefined) task.starttime -= 420;
  const { data } = await session.call('proxmox-task-status', { cluster: 'production', upid });
  expect(data).toMatchObject({ cluster: 'production', via: 'explicit' });
  expect(data.result).toMatchObject({ upid, node: 'pve1', type: 'vzdump', id: '100', user: 'root@pam' });
  expect(data.result).toMatchObject({ status: 'running', state: 'running', percent: 40 });
  expect(data.result).not.toHaveProperty('exitstatus');
  expect(Math.abs(data.result.runtime - 420)).toBeLessThan(5);
});

it('tells how a task ended, with the end of its log where it failed', async () => {
  const log = Array.from({ length: 90 }, (_, at) => `INFO: line ${at + 1}`);
  const upid = start({ duration: 0, log, exitstatus: 'job errors' });
  const failed = (await session.call('proxmox-task-status', { cluster: 'production', upid })).data.result;
  expect(failed).toMatchObject({ status: 'stopped', state: 'failed', exitstatus: 'job errors', runtime: 0 });
  expect(failed.log).toHaveLength(20);
  expect(failed.log.slice(-2)).toEqual(['INFO: line 90', 'TASK ERROR: job errors']);
  const past = tasks().find((task) => outcomeOf(task) === 'ok' && task.duration > 0);
  const good = (await session.call('proxmox-task-status', { cluster: 'production', upid: past?.upid })).data.result;
  expect(good).toMatchObject({ state: 'ok', start: iso(past?.starttime ?? 0), runtime: past?.duration });
  expect(good).not.toHaveProperty('log');
});

it('refuses a UPID that is none, and one that is not kept', async () => {
  const garbage = await session.call('proxmox-task-status', { upid: 'UPID:pve1:nonsense' });
  expect(garbage.data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'upid' }] });
  const gone = 'UPID:pve1:00001234:00005678:60000000:qmstart:100:root@pam:';
  const missing = await session.call('proxmox-task-status', { upid: gone, cluster: 'production' });
  expect(missing.isError).toBe(true);
  expect(missing.data.error).toMatchObject({ parameters: { upid: 'no such task' } });
});

it('gives a log page by page, as the server does', async () => {
  const log = Array.from({ length: 120 }, (_, at) => `INFO: line ${at + 1}`);
  const upid = start({ duration: 0, log });
  const first = (await session.call('proxmox-task-log', { cluster: 'production', upid })).data;
  expect(first).toMatchObject({ total: 121 });
  expect(first.items).toEqual(log.slice(0, 100).map((t, at) => ({ n: at + 1, t })));
  const { data } = await session.call('proxmox-task-log', { cluster: 'production', upid, cursor: first.next_cursor });
  expect(data.items.at(0)).toEqual({ n: 101, t: 'INFO: line 101' });
  expect(data.items.at(-1)).toEqual({ n: 121, t: 'TASK OK' });
  expect(data).not.toHaveProperty('next_cursor');
  const [last] = production().requests.slice(-1);
  expect(last?.path).toContain('/log');
});

it('does not take the line that stands for no log as a log', async () => {
  const upid = start({ duration: 600 });
  const { data } = await session.call('proxmox-task-log', { cluster: 'production', upid });
  expect(data).toMatchObject({ items: [], total: 0, notes: ['The log is empty, or no longer kept.'] });
});

it('keeps a line of a task that reads as if there were none', async () => {
  const log = Array.from({ length: 30 }, (_, at) => (at % 10 === 0 ? 'no content' : `INFO: line ${at + 1}`));
  const upid = start({ duration: 0, log, exitstatus: 'job errors' });
  const first = (await session.call('proxmox-task-log', { cluster: 'production', upid, limit: 10 })).data;
  expect(first.items.map(({ t }: { t: string }) => t)).toEqual(log.slice(0, 10));
  const args = { cluster: 'production', upid, limit: 10, cursor: first.next_cursor };
  const { data } = await session.call('proxmox-task-log', args);
  expect(data).toMatchObject({ total: 31, items: log.slice(10, 20).map((t, at) => ({ n: at + 11, t })) });
  const status = (await session.call('proxmox-task-status', { cluster: 'production', upid })).data.result;
  expect(status.log).toEqual([...log.slice(11), 'TASK ERROR: job errors']);
});

it('waits for a task and tells how far it is', async () => {
  const percents = [20, 40, 60, 80, 100];
  const log = percents.map((percent) => `INFO: ${percent}% (x of y) in 1s`);
  const upid = start({ duration: 3, log });
  const told: { progress: number; total?: number | undefined; message?: string | undefined }[] = [];
  const result = await session.client.callTool(
    { name: 'proxmox-wait-task', arguments: { cluster: 'production', upid, poll_interval: 0.5 } },
    undefined,
    { onprogress: (progress) => told.push(progress) },
  );
  expect(result.structuredContent).toMatchObject({ result: { upid, state: 'ok', exitstatus: 'OK' } });
  expect(told.length).toBeGreaterThan(1);
  const steps = told.map(({ progress }) => progress);
  expect(steps).toEqual(steps.toSorted((a, b) => a - b));
  expect(told.some(({ message, total }) => total === 100 && log.some((line) => message === `"${line}"`))).toBe(true);
});

it('stops waiting when the time is up, and the task goes on', async () => {
  const upid = start({ duration: 600 });
  const { data, isError } = await session.call('proxmox-wait-task', { cluster: 'production', upid, timeout: 1 });
  expect(isError).toBe(false);
  expect(data.result).toMatchObject({ state: 'running', waited: 1 });
  expect(production().state.tasks.find((task) => task.upid === upid)?.endtime).toBeUndefined();
});

it.each([
  ['WARNINGS: 1', 'warnings'],
  ['job errors', 'failed'],
  ['unexpected status', 'unknown'],
])('tells a task that ended with %s from a good one', async (exitstatus, state) => {
  const upid = start({ duration: 1, log: ['INFO: begun', 'WARN: hm'], exitstatus });
  const { data } = await session.call('proxmox-wait-task', { cluster: 'production', upid, poll_interval: 0.5 });
  expect(data.result).toMatchObject({ state, exitstatus });
  expect(data.result.log).toContain('WARN: hm');
});

it('bounds the time and the pace of waiting', async () => {
  const upid = start({ duration: 0 });
  for (const bad of [{ timeout: 3601 }, { poll_interval: 0.1 }]) {
    const { data } = await session.call('proxmox-wait-task', { cluster: 'production', upid, ...bad });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
  }
});
