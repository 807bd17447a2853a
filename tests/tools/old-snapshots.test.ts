import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
const began = Date.now();
const day = 86_400;

beforeAll(async () => {
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const dated = (days: number) => new Date(began + days * day * 1000).toISOString().slice(0, 10).replaceAll('-', '');
  put(101, `gone-exp${dated(-3)}`, 10);
  put(101, `gone-too-exp${dated(-1)}`, 5);
  put(101, `today-exp${dated(0)}`, 4);
  put(105, `gone-exp${dated(-2)}`, 6);
  put(105, 'no-day-exp20260230', 1);
  put(105, 'ancient', 400);
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const guest = (vmid: number) => simulator.cluster('production').state.guests.find((one) => one.vmid === vmid);

/** A snapshot that was taken so many days ago. */
function put(vmid: number, name: string, days: number) {
  const snaptime = Math.floor(began / 1000) - days * day;
  guest(vmid)?.snapshots.push({ name, description: '', snaptime, parent: undefined, vmstate: false, config: {} });
}

const names = (vmid: number) => guest(vmid)?.snapshots.map(({ name }) => name.replace(/-exp\d+$/, '')) ?? [];
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

it('lists old and expired snapshots of all clusters, oldest first', async () => {
  const { data } = await session.call('proxmox-list-old-snapshots', { days: 100 });
  expect(data.clusters.map(({ cluster }: { cluster: string }) => cluster)).toContain('staging');
  const own = data.clusters.find(({ cluster }: { cluster: string }) => cluster === 'production');
  expect(own.items.map(({ vmid, snapname }: Record<string, any>) => [vmid, snapname.replace(/-exp\d+$/, '')])).toEqual([
    [105, 'ancient'],
    [101, 'gone'],
    [105, 'gone'],
    [101, 'gone-too'],
  ]);
  expect(own.items[0]).toMatchObject({ type: 'lxc', name: 'prod-redis', age_days: 400 });
  expect(own.items[1]).toMatchObject({
    age_days: 10,
    expired: true,
    expires: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  });
});

it('lists only the expired ones, or those of an age', async () => {
  const expired = await session.call('proxmox-list-old-snapshots', { cluster: 'production', expired: true });
  expect(expired.data.clusters[0].total).toBe(3);
  const all = await session.call('proxmox-list-old-snapshots', { cluster: 'production', days: 0 });
  expect(all.data.clusters[0].total).toBeGreaterThan(5);
});

it('says which guests could not be asked', async () => {
  const cluster = simulator.cluster('production');
  cluster.setFault({ kind: 'status', status: 595, reason: 'No route to host' }, { path: /\/106\/snapshot/ });
  const { data } = await session.call('proxmox-list-old-snapshots', { cluster: 'production' });
  cluster.setFault(undefined);
  expect(data.clusters[0].notes).toEqual(['Snapshots of 106 could not be read (could not be reached).']);
});

it('deletes what has expired and nothing else, when that is confirmed', async () => {
  const before = writes();
  const { data } = await session.call('proxmox-expire-snapshots', { cluster: 'production' });
  expect(data.plan.writes).toHaveLength(3);
  expect(data.plan.notes).toContainEqual(expect.stringMatching(/^gone-exp\d{8} of 105 'prod-redis'$/));
  const refused = await session.call('proxmox-expire-snapshots', { cluster: 'production', most: 2, confirm: true });
  expect(refused.data.error.message).toContain("'most' is 2");
  expect(writes()).toBe(before);
  const done = await session.call('proxmox-expire-snapshots', { cluster: 'production', confirm: true });
  expect(done.isError, done.text).toBe(false);
  expect(done.data.result).toMatchObject({ ok: 3, failed: 0 });
  expect(names(101)).toEqual(['today']);
  expect(names(105)).toEqual(['no-day', 'ancient']);
  const again = await session.call('proxmox-expire-snapshots', { cluster: 'production', confirm: true });
  expect(again.data.result).toMatchObject({ ok: 0, rows: [] });
});

it('fails with a row where one cannot be deleted', async () => {
  const stuck = guest(104);
  put(104, 'stuck-exp20260101', 9);
  expect(stuck?.config.lock).toBe('backup');
  const { data, isError } = await session.call('proxmox-expire-snapshots', { cluster: 'production', confirm: true });
  expect(isError).toBe(true);
  expect(data.result.rows).toMatchObject([{ vmid: 104, outcome: 'failed', why: expect.stringContaining('locked') }]);
});

it('writes the expiry into the name of a new snapshot', async () => {
  const args = { vmid: 102, snapname: 'upgrade', expires_days: 7 };
  const { data, isError } = await session.call('proxmox-create-snapshot', args);
  expect(isError).toBe(false);
  expect(data.result.snapname).toMatch(/^upgrade-exp\d{8}$/);
  expect(guest(102)?.snapshots.map(({ name }) => name)).toEqual([data.result.snapname]);
  const long = await session.call('proxmox-create-snapshot', { ...args, snapname: 'x'.repeat(29) });
  expect(long.data.error).toMatchObject({
    arguments: [{ argument: 'snapname', message: expect.stringContaining('41') }],
  });
});
