import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 }, authDelayMs: 0 });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const cluster = 'production';
const state = () => simulator.cluster(cluster).state;
const jobs = () => state().configuration.replication.map(({ id, settings }) => ({ id, ...settings }));
const makeZfs = () => {
  for (const storage of state().storages) if (storage.storage === 'local-lvm') storage.type = 'zfspool';
};
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a replication job', () => {
  it('copies ZFS alone', async () => {
    const { data } = await session.call('proxmox-setup-replication', { vmid: 100, target_node: 'pve2' });
    expect(data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("scsi0 is on 'local-lvm' of type lvmthin"),
    });
    expect(writes()).toBe(before);
  });

  it('goes to another node that has the storage, on no cron', async () => {
    makeZfs();
    const own = await session.call('proxmox-setup-replication', { vmid: 100, target_node: 'pve1' });
    const none = await session.call('proxmox-setup-replication', { vmid: 100, target_node: 'pve9' });
    expect([own.data.error.code, none.data.error.code]).toEqual(['REFUSED', 'REFUSED']);
    const cron = { vmid: 100, target_node: 'pve2', schedule: '*/15 * * * *' };
    const { data } = await session.call('proxmox-setup-replication', cron);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'schedule' }] });
    expect(writes()).toBe(before);
  });

  it('is made under the next number, once for each node', async () => {
    const args = { vmid: 100, target_node: 'pve2', schedule: '*/30', rate: 50 };
    const plan = await session.call('proxmox-setup-replication', { ...args, dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/cluster/replication',
        parameters: { id: '100-0', type: 'local', target: 'pve2', schedule: '*/30', rate: 50 },
      },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-setup-replication', args);
    const second = await session.call('proxmox-setup-replication', { vmid: 100, target_node: 'pve3' });
    expect(second.data.result).toEqual({ id: '100-1', name: 'prod-web-1', target_node: 'pve3' });
    const again = await session.call('proxmox-setup-replication', args);
    expect(again.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('100-0') });
  });

  it('is meant by its number where a guest has two', async () => {
    const { data } = await session.call('proxmox-run-replication', { vmid: 100 });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('100-0, 100-1') });
    expect(writes()).toBe(before);
  });

  it('runs at once, and the list tells how it went', async () => {
    const fresh = await session.call('proxmox-list-replication', { vmid: 100 });
    expect(fresh.data.items[0]).toMatchObject({ id: '100-0', vmid: 100, source: 'pve1', last_sync: null });
    const plan = await session.call('proxmox-run-replication', { vmid: 100, job: 0, dry_run: true });
    expect(plan.data.plan.writes).toEqual([{ method: 'POST', path: '/nodes/pve1/replication/100-0/schedule_now' }]);
    await session.call('proxmox-run-replication', { vmid: 100, job: 0 });
    const list = () => session.call('proxmox-list-replication', { cluster });
    const lastSync = async () => (await list()).data.items[0].last_sync;
    await expect.poll(lastSync, { timeout: 5000, interval: 250 }).not.toBeNull();
    const { data } = await list();
    expect(data.items[0]).toMatchObject({
      id: '100-0',
      target: 'pve2',
      rate: 50,
      disabled: false,
      last_sync: expect.stringMatching(/Z$/),
      fail_count: 0,
    });
    expect(data.items[1]).toMatchObject({ id: '100-1', schedule: '*/15' });
  });

  it('is listed also while its node gives no answer', async () => {
    simulator.cluster(cluster).setFault({ kind: 'status', status: 595, reason: 'No route' }, { path: /pve1\/repl/ });
    const { data, isError } = await session.call('proxmox-list-replication', { vmid: 100 });
    simulator.cluster(cluster).setFault(undefined);
    expect(isError).toBe(false);
    expect(data.items).toHaveLength(2);
    expect(data.notes).toEqual([expect.stringContaining('could not be asked of node pve1')]);
  });

  it('is changed, and rests', async () => {
    const args = { vmid: 100, job: 0, rate: 0, disable: true, schedule: 'mon..fri 22:30' };
    await session.call('proxmox-update-replication', args);
    expect(jobs()[0]).toMatchObject({ disable: 1, schedule: 'mon..fri 22:30' });
    expect(jobs()[0]).not.toHaveProperty('rate');
    const run = await session.call('proxmox-run-replication', { vmid: 100, job: 0 });
    expect(run.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('disabled') });
    const nothing = await session.call('proxmox-update-replication', { vmid: 100, job: 0 });
    expect(nothing.data.error.code).toBe('REFUSED');
  });

  it('needs a privilege', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-run-replication', { vmid: 100, job: 1 });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Replicate') });
  });

  it('is deleted when confirmed, at once or at its next run', async () => {
    const plan = await session.call('proxmox-delete-replication', { vmid: 100, job: 1, keep: true });
    expect(plan.data.plan.writes).toEqual([
      { method: 'DELETE', path: '/cluster/replication/100-1', parameters: { keep: true } },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-delete-replication', { vmid: 100, job: 1, confirm: true });
    const { data } = await session.call('proxmox-list-replication', { vmid: 100 });
    expect(data.items[1]).toMatchObject({ id: '100-1', removing: true });
    await session.call('proxmox-delete-replication', { vmid: 100, job: 0, force: true, confirm: true });
    expect(jobs().some(({ id }) => id === '100-0')).toBe(false);
    const left = async () => (await session.call('proxmox-list-replication', { vmid: 100 })).data.total;
    await expect.poll(left, { timeout: 8000, interval: 500 }).toBe(0);
    expect(jobs()).toEqual([]);
  });
});
