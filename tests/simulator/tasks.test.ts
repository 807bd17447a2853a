import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { row, rows, send } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
});

afterEach(() => simulator.close());

async function post(path: string, body?: string, token?: string): Promise<string> {
  const answer = await send(production, path, {
    method: 'POST',
    ...(body === undefined ? {} : { body }),
    ...(token === undefined ? {} : { token }),
  });
  if (typeof answer.data !== 'string') throw new Error(`${answer.status} ${answer.reason}`);
  return answer.data;
}

function pathOf(upid: string): string {
  return `/nodes/${upid.split(':')[1]}/tasks/${encodeURIComponent(upid)}`;
}

async function statusOf(upid: string): Promise<Record<string, unknown>> {
  return row(await send(production, `${pathOf(upid)}/status`));
}

async function guestStatus(path: string): Promise<unknown> {
  return row(await send(production, `${path}/status/current`)).status;
}

describe('a power action', () => {
  test('is a task that ends by the clock', async () => {
    const upid = await post('/nodes/pve3/qemu/102/status/start');
    expect(upid).toMatch(/^UPID:pve3:[0-9A-F]{8}:[0-9A-F]{8,9}:[0-9A-F]{8}:qmstart:102:mcp@pve!main:$/);
    expect(await statusOf(upid)).toMatchObject({ status: 'running', user: 'mcp@pve', tokenid: 'main', id: '102' });
    expect(await statusOf(upid)).not.toHaveProperty('exitstatus');
    expect(await guestStatus('/nodes/pve3/qemu/102')).toBe('stopped');
    clock.advance(2);
    expect(await statusOf(upid)).toMatchObject({ status: 'stopped', exitstatus: 'OK' });
    expect(await guestStatus('/nodes/pve3/qemu/102')).toBe('running');
    expect(production.state.guests.find((guest) => guest.vmid === 102)?.status).toBe('running');
  });

  test('on a running VM fails in its task, on a running container at once', async () => {
    const upid = await post('/nodes/pve1/qemu/100/status/start');
    clock.advance(5);
    expect(await statusOf(upid)).toMatchObject({ exitstatus: 'VM 100 already running' });
    const container = await send(production, '/nodes/pve3/lxc/105/status/start', { method: 'POST' });
    expect(container).toMatchObject({ status: 500, reason: 'CT 105 already running' });
  });

  test('on a stopped VM: stop is fine, reboot is not', async () => {
    const upid = await post('/nodes/pve3/qemu/102/status/stop');
    clock.advance(5);
    expect(await statusOf(upid)).toMatchObject({ exitstatus: 'OK' });
    const reboot = await send(production, '/nodes/pve3/qemu/102/status/reboot', { method: 'POST' });
    expect(reboot).toMatchObject({ status: 500, reason: 'VM 102 not running' });
  });

  test('meets locks, templates and paused guests', async () => {
    const locked = await post('/nodes/pve2/qemu/104/status/stop');
    const template = await post('/nodes/pve1/qemu/110/status/start');
    clock.advance(5);
    expect(await statusOf(locked)).toMatchObject({ exitstatus: 'VM is locked (backup)' });
    expect(await statusOf(template)).toMatchObject({ exitstatus: "you can't start a vm if it's a template" });
    const paused = await send(production, '/nodes/pve3/qemu/146/status/shutdown', { method: 'POST' });
    expect(paused).toMatchObject({ status: 500, reason: 'VM is paused - cannot shutdown' });
  });

  test('shutdown runs into its timeout when the guest does not react', async () => {
    const path = '/nodes/pve3/qemu/132/status/shutdown';
    const first = await post(path, 'timeout=20');
    clock.advance(19);
    expect(await statusOf(first)).toMatchObject({ status: 'running' });
    clock.advance(1);
    expect(await statusOf(first)).toMatchObject({ exitstatus: 'VM quit/powerdown failed - got timeout' });
    const forced = await post(path, 'timeout=20&forceStop=1');
    clock.advance(20);
    expect(await statusOf(forced)).toMatchObject({ exitstatus: 'OK' });
    expect(await guestStatus('/nodes/pve3/qemu/132')).toBe('stopped');
  });

  test('reboot ends when the guest is down and applies what was pending', async () => {
    production.state.haResources.length = 0;
    const upid = await post('/nodes/pve1/qemu/103/status/reboot');
    clock.advance(8);
    expect(await statusOf(upid)).toMatchObject({ exitstatus: 'OK' });
    expect(await guestStatus('/nodes/pve1/qemu/103')).toBe('stopped');
    clock.advance(3);
    expect(await guestStatus('/nodes/pve1/qemu/103')).toBe('running');
    const live = row(await send(production, '/nodes/pve1/qemu/103/config?current=1'));
    expect(live.cores).toBe(12);
  });

  test('of a managed guest says OK before anything happened', async () => {
    const upid = await post('/nodes/pve1/qemu/103/status/stop');
    expect(upid).toContain(':hastop:103:');
    clock.advance(1);
    expect(await statusOf(upid)).toMatchObject({ exitstatus: 'OK' });
    expect(await guestStatus('/nodes/pve1/qemu/103')).toBe('running');
    clock.advance(5);
    expect(await guestStatus('/nodes/pve1/qemu/103')).toBe('stopped');
  });
});

describe('a task', () => {
  test('writes its log over its duration, and is read in pages', async () => {
    const log = Array.from({ length: 100 }, (_, at) => `line ${at + 1}`);
    const upid = production.startTask({ node: 'pve1', type: 'vzdump', duration: 100, log, exitstatus: 'OK' });
    const path = `${pathOf(upid)}/log`;
    const read = (query: string) => send(production, `${path}${query}`);
    expect((await read('')).body).toEqual({ data: [{ n: 1, t: 'no content' }], total: 1 });
    clock.advance(60);
    const half = await read('');
    expect(half.body.total).toBe(60);
    expect(rows(half)).toHaveLength(50);
    expect(rows(await read('?limit=0'))).toHaveLength(60);
    expect(rows(await read('?start=58&limit=10'))).toEqual([
      { n: 59, t: 'line 59' },
      { n: 60, t: 'line 60' },
    ]);
    clock.advance(40);
    expect(rows(await read('?start=100'))).toEqual([{ n: 101, t: 'TASK OK' }]);
  });

  test.each([
    ['WARNINGS: 2', 'TASK WARNINGS: 2'],
    ['job errors', 'TASK ERROR: job errors'],
    ['unexpected status', 'x'],
  ])('that ends with %s ends its log with %s', async (exitstatus, last) => {
    const upid = production.startTask({ node: 'pve2', type: 'vzdump', duration: 1, log: ['x'], exitstatus });
    clock.advance(1);
    expect(await statusOf(upid)).toMatchObject({ status: 'stopped', exitstatus });
    expect(rows(await send(production, `${pathOf(upid)}/log`)).at(-1)?.t).toBe(last);
  });

  test('can be interrupted', async () => {
    const upid = production.startTask({ node: 'pve2', type: 'vzdump', duration: 99, log: ['x'], exitstatus: 'OK' });
    clock.advance(1);
    const answer = await send(production, pathOf(upid), { method: 'DELETE' });
    expect(answer.body).toEqual({ data: null });
    expect(await statusOf(upid)).toMatchObject({ status: 'stopped', exitstatus: 'interrupted by signal' });
  });

  test('that is unknown or no task at all is a 400', async () => {
    const unknown = 'UPID:pve1:0000AAAA:0000BBBB:0000CCCC:qmstart:100:root@pam:';
    expect(await send(production, `${pathOf(unknown)}/status`)).toMatchObject({
      status: 400,
      body: { errors: { upid: 'no such task' } },
    });
    expect(await send(production, '/nodes/pve1/tasks/garbage/status')).toMatchObject({
      status: 400,
      body: { errors: { upid: "unable to parse worker upid 'garbage'" } },
    });
  });

  test('releases what it holds when it ends: the backup that runs at the start', async () => {
    const guest = () => production.state.guests.find((entry) => entry.vmid === 104);
    expect(guest()?.config.lock).toBe('backup');
    const [running] = rows(await send(production, '/nodes/pve2/tasks?source=active'));
    const log = rows(await send(production, `${pathOf(String(running?.upid))}/log?limit=0`));
    expect(log.at(-1)?.t).toMatch(/^INFO:\s+\d+% \(/);
    clock.advance(3600);
    expect(guest()?.config.lock).toBeUndefined();
  });
});

describe('task lists', () => {
  test('hide what runs unless asked', async () => {
    const upid = await post('/nodes/pve3/qemu/102/status/start');
    const listed = async (query: string) => {
      const answer = await send(production, `/nodes/pve3/tasks?limit=0${query}`);
      return rows(answer).find((task) => task.upid === upid);
    };
    expect(await listed('')).toBeUndefined();
    expect(await listed('&source=active')).toMatchObject({ status: 'RUNNING' });
    expect(await listed('&source=all')).not.toHaveProperty('endtime');
    clock.advance(2);
    expect(await listed('')).toMatchObject({ status: 'OK', id: '102' });
  });

  test('are filtered', async () => {
    const list = async (query: string) => rows(await send(production, `/nodes/pve1/tasks?${query}`));
    expect((await list('errors=1')).every((task) => task.status !== 'OK')).toBe(true);
    expect((await list('typefilter=vzdump')).map((task) => task.type)).toEqual(['vzdump', 'vzdump']);
    expect((await list('statusfilter=unknown')).map((task) => task.status)).toEqual(['unexpected status']);
    const page = await send(production, '/nodes/pve1/tasks?start=1&limit=1');
    expect(rows(page)).toHaveLength(1);
    expect(Number(page.body.total)).toBeGreaterThan(3);
  });

  test('show a token its own tasks on the node, but not in the cluster', async () => {
    const id = 'tester@pve!power';
    const token = `${id}=${production.addToken(id, { '/vms/102': ['VM.PowerMgmt'] })}`;
    const upid = await post('/nodes/pve3/qemu/102/status/start', undefined, token);
    const own = rows(await send(production, '/nodes/pve3/tasks?source=all', { token }));
    expect(own.map((task) => task.upid)).toEqual([upid]);
    expect((await send(production, '/cluster/tasks', { token })).data).toEqual([]);
    expect(rows(await send(production, '/cluster/tasks')).map((task) => task.upid)).toContain(upid);
  });
});
