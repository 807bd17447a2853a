import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call, exitOf, started, type Values } from './guest-calls.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;
let staging: SimulatedCluster;
let recovery: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
  staging = simulator.cluster('staging');
  recovery = simulator.cluster('disaster-recovery');
});

afterEach(() => simulator.close());

const content = async (cluster: SimulatedCluster, node: string, storage: string) =>
  rows(await call(cluster, `GET /nodes/${node}/storage/${storage}/content`, { content: 'backup' })).map(({ volid }) =>
    String(volid),
  );

async function done(cluster: SimulatedCluster, what: string, values: Values): Promise<unknown> {
  const upid = await started(cluster, what, values);
  clock.advance(60);
  return exitOf(cluster, upid);
}

async function backup(vmid: number, node: string, storage: string): Promise<string> {
  const before = await content(recovery, 'pve-dr1', storage);
  expect(await done(production, `POST /nodes/${node}/vzdump`, { vmid, storage, mode: 'stop' })).toBe('OK');
  const [volid] = (await content(recovery, 'pve-dr1', storage)).filter((one) => !before.includes(one));
  return String(volid);
}

describe('a storage that two clusters have mounted', () => {
  test.each(['transfer', 'pbs-offsite'])('%s shows both the same', async (storage) => {
    const here = await content(production, 'pve1', storage);
    expect(here).toHaveLength(1);
    expect(await content(recovery, 'pve-dr2', storage)).toEqual(here);
    const status = async (cluster: SimulatedCluster, node: string) =>
      row(await call(cluster, `GET /nodes/${node}/storage/${storage}/status`));
    const own = await status(production, 'pve1');
    expect(await status(recovery, 'pve-dr1')).toEqual(own);
    await backup(145, 'pve3', storage);
    expect(await content(production, 'pve1', storage)).toEqual(await content(recovery, 'pve-dr1', storage));
    expect((await status(recovery, 'pve-dr1')).used).toBe((await status(production, 'pve1')).used);
    expect((await status(recovery, 'pve-dr1')).used).toBeGreaterThan(Number(own.used));
  });

  test.each(['transfer', 'pbs-offsite'])(
    '%s brings a machine over, to a storage and number of choice',
    async (storage) => {
      const volid = await backup(145, 'pve3', storage);
      const values = { vmid: 955, archive: volid, storage: 'local-lvm', unique: 1 };
      expect(await done(recovery, 'POST /nodes/pve-dr2/qemu', values)).toBe('OK');
      const guest = recovery.state.guests.find(({ vmid }) => vmid === 955);
      expect(guest?.config).toMatchObject({ name: 'legacy-erp' });
      expect(guest?.config.scsi0).toMatch(/^local-lvm:vm-955-disk-0,.*size=60G/);
    },
  );

  test('brings a container over', async () => {
    const [volid = ''] = await content(recovery, 'pve-dr1', 'transfer');
    const values = { vmid: 956, ostemplate: volid, restore: 1, storage: 'local-lvm' };
    expect(await done(recovery, 'POST /nodes/pve-dr1/lxc', values)).toBe('OK');
    expect(recovery.state.guests.find(({ vmid }) => vmid === 956)?.config.hostname).toBe('prod-redis');
  });

  test('what one changes or deletes, the other sees', async () => {
    const [volid = ''] = await content(recovery, 'pve-dr1', 'pbs-offsite');
    const path = `/nodes/pve-dr1/storage/pbs-offsite/content/${volid}`;
    await call(recovery, `PUT ${path}`, { notes: 'ours now' });
    const [there] = rows(await call(production, 'GET /nodes/pve1/storage/pbs-offsite/content'));
    expect(there?.notes).toBe('ours now');
    await done(recovery, `DELETE ${path}`, {});
    expect(await content(production, 'pve1', 'pbs-offsite')).toEqual([]);
  });

  test('mounted later and under another name', async () => {
    const values = { server: '10.10.0.5', export: '/export/exchange', content: 'backup' };
    await call(staging, 'POST /storage', { storage: 'drop', type: 'nfs', ...values });
    const [volid = ''] = await content(production, 'pve1', 'transfer');
    expect(await content(staging, 'pve-stg1', 'drop')).toEqual([volid.replace('transfer', 'drop')]);
    await backup(145, 'pve3', 'transfer');
    const [, fresh = ''] = await content(staging, 'pve-stg1', 'drop');
    expect(await done(staging, 'POST /nodes/pve-stg1/qemu', { vmid: 255, archive: fresh, storage: 'local-lvm' })).toBe(
      'OK',
    );
    await call(staging, `PUT /nodes/pve-stg1/storage/drop/content/${fresh}`, { protected: 1 });
    const shown = rows(await call(production, 'GET /nodes/pve1/storage/transfer/content'));
    expect(shown.at(-1)?.protected).toBe(1);
    await call(staging, 'DELETE /storage/drop');
    expect(await content(production, 'pve1', 'transfer')).toHaveLength(2);
  });

  test('another namespace of the datastore is another place', async () => {
    const values = { server: '10.10.0.6', datastore: 'offsite', namespace: 'other', username: 'pve@pbs' };
    await call(staging, 'POST /storage', { storage: 'own-part', type: 'pbs', ...values });
    expect(await content(staging, 'pve-stg1', 'own-part')).toEqual([]);
  });
});

describe('the archive of a guest of another number', () => {
  const rights = { '/vms': ['VM.Allocate', 'VM.Config.Disk'], '/storage': ['Datastore.AllocateSpace'] };
  const restore = async (vmid: number, token: string) => {
    const [archive = ''] = await content(recovery, 'pve-dr1', 'pbs-offsite');
    const values = { vmid, archive, storage: 'local-lvm' };
    return call(recovery, 'POST /nodes/pve-dr1/qemu', values, `mover@pve!some=${token}`);
  };

  test('takes the right to read it, and is not even shown without', async () => {
    const secret = recovery.addToken('mover@pve!some', rights);
    const answer = await restore(957, secret);
    expect(answer).toMatchObject({ status: 403, reason: 'Permission check failed (/vms/101, VM.Backup)' });
    const path = 'GET /nodes/pve-dr1/storage/pbs-offsite/content';
    expect(rows(await call(recovery, path, {}, `mover@pve!some=${secret}`))).toEqual([]);
    expect((await restore(101, secret)).status).toBe(200);
  });

  test.each([
    { ...rights, '/vms/101': ['VM.Backup'] },
    { ...rights, '/storage/pbs-offsite': ['Datastore.Allocate'] },
  ])('is open with %j', async (acl) => {
    const secret = recovery.addToken('mover@pve!some', acl);
    expect((await restore(957, secret)).status).toBe(200);
  });
});
