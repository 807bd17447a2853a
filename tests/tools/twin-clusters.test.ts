import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

// Two clusters with the same VMIDs and names, and one share that each calls by another name.

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ world: 'twins', clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const share = { type: 'nfs', content: 'backup', options: { server: '10.10.0.5', export: '/export/exchange' } };
  for (const [cluster, storage] of [
    ['east', 'drop'],
    ['west', 'landing'],
  ]) {
    const { isError, text } = await session.call('proxmox-create-storage', { cluster, storage, ...share });
    if (isError) throw new Error(text);
  }
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

it('a backup is told by its notes, where neither VMID nor name tells whose it is', async () => {
  const args = { cluster: 'east', vmid: 100, target_cluster: 'west', storage: 'landing' };
  const { data, isError, text } = await session.call('proxmox-cross-cluster-backup', args);
  expect(isError, text).toBe(false);
  expect(data.result).toMatchObject({
    ...{
      storage: 'drop',
      storage_there: 'landing',
      archive: expect.stringMatching(/^landing:backup\/vzdump-qemu-100-/),
    },
    warnings: [{ code: 'same_vmid', message: expect.stringContaining("VMID 100 is also 'web' of cluster 'west'") }],
  });
  const report = await session.call('proxmox-dr-report', {});
  const row = (cluster: string) =>
    report.data.items.find((one: Record<string, unknown>) => one.cluster === cluster && one.vmid === 100);
  expect(row('east')).toMatchObject({ state: 'ok', copy: data.result.archive, seen_by: ['west'], copies: 1 });
  expect(row('west')).toMatchObject({ state: 'none' });
});

it('one without such notes is of nobody for sure', async () => {
  const { data } = await session.call('proxmox-backup-vm', { cluster: 'east', vmid: 101, storage: 'drop' });
  expect(data.result.task.state).toBe('ok');
  const report = await session.call('proxmox-dr-report', { max_age_hours: 1 });
  const rows = report.data.items.filter(({ vmid }: { vmid: number }) => vmid === 101);
  expect(rows).toMatchObject([
    { cluster: 'east', state: 'unknown', why: "it may be of another guest: 'db' of west has the same VMID and name" },
    { cluster: 'west', state: 'unknown', why: "it may be of another guest: 'db' of east has the same VMID and name" },
  ]);
});
