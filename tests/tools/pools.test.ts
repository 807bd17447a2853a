import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let limited: Session;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  const env = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession(env);
  const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
  limited = await startSession({
    ...env,
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});
afterAll(async () => {
  await Promise.all([session.close(), limited.close()]);
  await simulator.close();
});

const cluster = 'production';
const pool = (poolid: string) => simulator.cluster(cluster).state.pools.find((one) => one.poolid === poolid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a pool', () => {
  it('is made, nested too, after a plan that sends nothing', async () => {
    const plan = await session.call('proxmox-create-pool', { cluster, poolid: 'team', comment: 'Ours', dry_run: true });
    expect(plan.data.plan.writes).toEqual([
      { method: 'POST', path: '/pools', parameters: { poolid: 'team', comment: 'Ours' } },
    ]);
    expect(writes()).toBe(before);
    await session.call('proxmox-create-pool', { cluster, poolid: 'team', comment: 'Ours' });
    const nested = await session.call('proxmox-create-pool', { cluster, poolid: 'team/web' });
    expect(nested.isError).toBe(false);
    const { data } = await session.call('proxmox-list-pools', { cluster });
    expect(data.items).toContainEqual({ poolid: 'team', comment: 'Ours' });
    expect(data.items).toContainEqual({ poolid: 'team/web' });
  });

  it('has no blanks in its name', async () => {
    const { data } = await session.call('proxmox-create-pool', { cluster, poolid: 'our team' });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'poolid' }] });
    expect(writes()).toBe(before);
  });

  it('is deleted when it is empty and that is confirmed', async () => {
    const full = await session.call('proxmox-delete-pool', { cluster, poolid: 'web', confirm: true });
    expect(full.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('nfs-shared') });
    const plan = await session.call('proxmox-delete-pool', { cluster, poolid: 'team/web' });
    expect(plan.data.plan.writes).toEqual([{ method: 'DELETE', path: '/pools', parameters: { poolid: 'team/web' } }]);
    expect(writes()).toBe(before);
    const parent = await session.call('proxmox-delete-pool', { cluster, poolid: 'team', confirm: true });
    expect(parent.isError).toBe(true);
    expect(parent.text).toContain("contains pool 'team/web'");
    await session.call('proxmox-delete-pool', { cluster, poolid: 'team/web', confirm: true });
    expect(pool('team/web')).toBeUndefined();
  });

  it('needs Pool.Allocate', async () => {
    const { data } = await limited.call('proxmox-create-pool', { cluster, poolid: 'mine' });
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('Pool.Allocate') });
  });
});

describe('a member', () => {
  it('is a guest by VMID, moved only when that is allowed', async () => {
    const from = simulator.cluster(cluster).state.pools.find(({ vmids }) => vmids.includes(100));
    expect(from?.poolid).toBe('web');
    const refused = await session.call('proxmox-pool-add', { vmid: 100, poolid: 'team' });
    expect(refused.data.error).toMatchObject({
      code: 'REFUSED',
      message: "Guest 100 is in pool 'web'; nothing was sent.",
    });
    expect(writes()).toBe(before);
    const moved = await session.call('proxmox-pool-add', { vmid: 100, poolid: 'team', allow_move: true });
    expect(moved.data.result).toEqual({ poolid: 'team', vmid: 100, name: 'prod-web-1', moved_from: 'web' });
    expect(pool('team')?.vmids).toEqual([100]);
    const again = await session.call('proxmox-pool-add', { vmid: 100, poolid: 'team' });
    expect(again.data.result).toMatchObject({ unchanged: 'it is in this pool' });
  });

  it('is a guest by name, or a storage', async () => {
    const storage = await session.call('proxmox-pool-add', { cluster, poolid: 'team', storage: 'nfs-shared' });
    expect(storage.data.result).toEqual({ poolid: 'team', storage: 'nfs-shared' });
    for (const path of ['/pool/team', '/pool/other'])
      simulator
        .cluster(cluster)
        .state.acl.push({ path, type: 'user', ugid: 'lead@pve', roleid: 'PVEVMUser', propagate: true });
    const plan = await session.call('proxmox-pool-remove', { name: 'prod-web-1', poolid: 'team' });
    expect(plan.data.plan.writes).toEqual([
      { method: 'PUT', path: '/pools', parameters: { poolid: 'team', vms: '100', delete: true } },
    ]);
    expect(plan.data.plan.notes).toEqual([
      "Guest 100 ('prod-web-1') leaves pool 'team'. Rights that end with it: lead@pve PVEVMUser.",
    ]);
    expect(pool('team')?.vmids).toEqual([100]);
    const out = await session.call('proxmox-pool-remove', { name: 'prod-web-1', poolid: 'team', confirm: true });
    expect(out.data.result).toEqual({ poolid: 'team', vmid: 100, name: 'prod-web-1' });
    const again = await session.call('proxmox-pool-remove', { vmid: 100, poolid: 'team', confirm: true });
    expect(again.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('is not in pool') });
    await session.call('proxmox-pool-remove', { cluster, poolid: 'team', storage: 'nfs-shared', confirm: true });
    expect(pool('team')).toMatchObject({ vmids: [], storages: [] });
  });

  it.each([{}, { vmid: 100, storage: 'local' }])('is one of both: not %j', async (args) => {
    const { data } = await session.call('proxmox-pool-add', { cluster, poolid: 'team', ...args });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });

  it('is there', async () => {
    const { data } = await session.call('proxmox-pool-remove', { cluster, poolid: 'team', vmid: 98765 });
    expect(data.error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('proxmox-find-guest') });
    expect(writes()).toBe(before);
  });
});
