import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const place = { cluster: 'production', storage: 'pbs-backup' };
const backups = (vmid: number) =>
  simulator
    .cluster('production')
    .state.storages.find(({ storage }) => storage === 'pbs-backup')
    ?.volumes.filter((volume) => volume.vmid === vmid)
    .sort((a, b) => b.ctime - a.ctime) ?? [];
const writes = () => simulator.cluster('production').requests.filter(({ method }) => method !== 'GET').length;

it('shows what a rule keeps and removes, and changes nothing', async () => {
  const { data } = await session.call('proxmox-prune-preview', { ...place, vmid: 101, keep: 'last=1' });
  const [newer, older] = backups(101);
  expect(data.items.map(({ volid, mark }: Record<string, string>) => [volid, mark])).toEqual([
    [newer?.volid, 'keep'],
    [older?.volid, 'remove'],
  ]);
  expect(data.items[0].ctime).toMatch(/Z$/);
  expect(data.notes[0]).toContain('1 of 2 would go');
  const protecting = await session.call('proxmox-prune-preview', { ...place, vmid: 100, keep: 'keep-last=1' });
  expect(protecting.data.items.map(({ mark }: Record<string, string>) => mark)).toEqual(['keep', 'protected']);
  expect(writes()).toBe(0);
});

it('removes what the plan names once that is confirmed, and says what is gone', async () => {
  const [newer, older] = backups(101);
  const args = { ...place, vmid: 101, keep: 'last=1' };
  const { data } = await session.call('proxmox-prune-backups', args);
  expect(data.plan.notes).toEqual([`1 of 2 go: ${older?.volid}.`]);
  expect(data.plan.writes).toEqual([
    {
      method: 'DELETE',
      path: '/nodes/pve1/storage/pbs-backup/prunebackups',
      parameters: { 'prune-backups': 'keep-last=1', vmid: 101 },
    },
  ]);
  expect(writes()).toBe(0);
  const done = await session.call('proxmox-prune-backups', { ...args, confirm: true });
  expect(done.data.result).toMatchObject({ removed: [older?.volid], task: { state: 'ok' } });
  expect(backups(101)).toEqual([newer]);
  const again = await session.call('proxmox-prune-backups', { ...args, confirm: true });
  expect(again.data.result).toMatchObject({ removed: [], unchanged: expect.stringContaining('every backup is kept') });
});

it.each([
  ['is not waited for', { wait: false }, 103],
  ['takes longer than the call may', { timeout: 1 }, 104],
])('answers with the task where it %s', async (_, waiting, vmid) => {
  const began = Date.now();
  const slow = await startSimulator({ clock: { now: () => began + (Date.now() - began) / 20 } });
  const other = await startSession({ ...slow.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const args = { ...place, vmid, keep: 'last=1', confirm: true, ...waiting };
  const { data, isError } = await other.call('proxmox-prune-backups', args);
  await other.close();
  await slow.close();
  expect(isError).toBe(false);
  expect(data.result).toMatchObject({ storage: 'pbs-backup', upid: expect.stringMatching(/^UPID:pve1:/) });
  expect(data.result).not.toHaveProperty('removed');
  expect(data.notes).toContainEqual(expect.stringContaining('What is gone is not read'));
});

it('does nothing by a rule that is none, or without the right to', async () => {
  const sent = writes();
  const { data } = await session.call('proxmox-prune-backups', { ...place, keep: 'last', confirm: true });
  expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'keep' }] });
  const secret = simulator.cluster('production').addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
  const eyes = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
  const refused = await eyes.call('proxmox-prune-backups', { ...place, vmid: 103, keep: 'last=1', confirm: true });
  await eyes.close();
  expect(refused.data.error.code).toBe('PRIVILEGE_MISSING');
  expect(backups(103)).toHaveLength(2);
  expect(writes()).toBe(sent + 1);
});
