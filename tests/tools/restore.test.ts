import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const cluster = 'production';
const production = () => simulator.cluster(cluster);
const guest = (vmid: number) => production().state.guests.find((one) => one.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

function backupOf(vmid: number, storage = 'pbs-backup') {
  const found = production()
    .state.storages.find((one) => one.storage === storage)
    ?.volumes.find((volume) => volume.content === 'backup' && volume.vmid === vmid);
  if (found === undefined) throw new Error('no backup');
  return found;
}

let before = 0;
beforeEach(() => {
  before = writes();
});

const mac = (vmid: number, key = 'net0') =>
  /([0-9A-F]{2}(:[0-9A-F]{2}){5})/i.exec(String(guest(vmid)?.config[key]))?.[1];

describe('a VM', () => {
  it('comes from a backup under the next free VMID, with addresses of its own', async () => {
    const args = { cluster, archive: backupOf(100).volid, storage: 'local-lvm' };
    const { data } = await session.call('proxmox-restore-vm', args);
    expect(data.plan.notes[0]).toContain("The backup holds VM 'prod-web-1'");
    expect(data.plan.writes).toMatchObject([
      { method: 'POST', parameters: { archive: args.archive, storage: 'local-lvm', unique: true } },
    ]);
    expect(data.plan.writes[0].parameters.force).toBeUndefined();
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-restore-vm', { ...args, confirm: true });
    expect(done.isError).toBe(false);
    const { vmid, node } = done.data.result;
    expect(done.data.result.task.state).toBe('ok');
    expect(guest(vmid)).toMatchObject({ node, config: { name: 'prod-web-1' } });
    expect(mac(vmid)).not.toBe(mac(100));
  });

  it('is replaced only when that is said, and stopped', async () => {
    const args = { cluster, archive: backupOf(101).volid, vmid: 101, confirm: true };
    const taken = await session.call('proxmox-restore-vm', args);
    expect(taken.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("taken by VM 101 'prod-web-2' on node pve2"),
    });
    const running = await session.call('proxmox-restore-vm', { ...args, overwrite: true });
    expect(running.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('is running') });
    expect(writes()).toBe(before);
    await session.call('proxmox-stop-vm', { vmid: 101, confirm: true });
    const plan = await session.call('proxmox-restore-vm', { ...args, overwrite: true, confirm: false });
    expect(plan.data.plan.notes[1]).toBe(
      "It replaces VM 101 'prod-web-2' on node pve2: all that this has now is lost.",
    );
    expect(plan.data.plan.writes).toMatchObject([{ path: '/nodes/pve2/qemu', parameters: { vmid: 101, force: true } }]);
    const address = mac(101);
    const done = await session.call('proxmox-restore-vm', { ...args, overwrite: true, start: true });
    expect(done.data.result).toMatchObject({ vmid: 101, node: 'pve2', task: { state: 'ok' } });
    expect(guest(101)?.status).toBe('running');
    expect(plan.data.plan.notes.join(' ')).not.toContain('failed start');
    expect(done.data.notes).toContainEqual(expect.stringContaining('A failed start is only a line'));
    expect(mac(101)).toBe(address);
  });

  it.each([
    ['running', 'prod-web-3', 'is running now'],
    ['stopped', 'other', "is named 'other' now"],
  ] as const)('that is %s and named %s meanwhile is not replaced', async (status, name, said) => {
    const there = guest(102);
    if (there === undefined) throw new Error('no guest');
    const before102 = { status: there.status, config: there.config };
    const args = { cluster, archive: backupOf(100).volid, vmid: 102, overwrite: true, confirm: true };
    production().setFault({ kind: 'slow', ms: 500 }, { path: /\/nodes\/pve3\/storage$/ });
    const pending = session.call('proxmox-restore-vm', args);
    await new Promise((resolve) => setTimeout(resolve, 300));
    Object.assign(there, { status, config: { ...there.config, name } });
    const { data } = await pending;
    Object.assign(there, before102);
    production().setFault(undefined);
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(said) });
    expect(writes()).toBe(before);
  });

  it('is not made of what holds a container, nor without a place for its disks', async () => {
    const { data } = await session.call('proxmox-restore-vm', { cluster, archive: backupOf(105).volid, confirm: true });
    expect(data.error).toMatchObject({ code: 'REFUSED', next: 'Use proxmox-restore-lxc.' });
    const args = { cluster, archive: backupOf(100).volid, storage: 'elsewhere', confirm: true };
    const nowhere = await session.call('proxmox-restore-vm', args);
    expect(nowhere.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('no storage elsewhere'),
    });
    expect(writes()).toBe(before);
  });

  it('goes to no storage that holds no disks, or is not available', async () => {
    const args = { cluster, archive: backupOf(100).volid, confirm: true };
    const wrong = await session.call('proxmox-restore-vm', { ...args, storage: 'pbs-backup' });
    expect(wrong.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("'pbs-backup' holds no 'images'"),
    });
    const thin = production().state.storages.find(({ storage }) => storage === 'local-lvm');
    if (thin === undefined) throw new Error('no storage');
    const { inactiveOn, content } = thin;
    thin.inactiveOn = ['pve1', 'pve2', 'pve3'];
    const saved = await session.call('proxmox-restore-vm', args);
    thin.inactiveOn = inactiveOn;
    expect(saved.data.error).toMatchObject({ message: expect.stringContaining("'local-lvm' is not available") });
    thin.content = ['rootdir'];
    const emptied = await session.call('proxmox-restore-vm', args);
    thin.content = ['images'];
    const container = { cluster, archive: backupOf(105).volid, storage: 'local-lvm', confirm: true };
    const rootless = await session.call('proxmox-restore-lxc', container);
    thin.content = content;
    expect(emptied.data.error).toMatchObject({ message: expect.stringContaining("'local-lvm' holds no 'images'") });
    expect(rootless.data.error).toMatchObject({ message: expect.stringContaining("'local-lvm' holds no 'rootdir'") });
    expect(writes()).toBe(before);
  });

  it('is restored on the node that has the backup', async () => {
    await session.call('proxmox-backup-vm', { vmid: 102, storage: 'local' });
    const archive = backupOf(102, 'local').volid;
    const { data } = await session.call('proxmox-restore-vm', { cluster, archive });
    expect(data.plan.writes[0].path).toBe('/nodes/pve3/qemu');
    const elsewhere = await session.call('proxmox-restore-vm', { cluster, archive, node: 'pve1', confirm: true });
    expect(elsewhere.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("cannot be read on node 'pve1'"),
    });
    expect(writes()).toBe(before + 1);
  });

  it('under a lock, and one whose restore fails, are told as such', async () => {
    await session.call('proxmox-stop-vm', { vmid: 112, confirm: true });
    const args = { cluster, archive: backupOf(112).volid, vmid: 112, overwrite: true, confirm: true };
    const there = guest(112);
    if (there === undefined) throw new Error('no guest');
    there.config.lock = 'migrate';
    const locked = await session.call('proxmox-restore-vm', args);
    delete there.config.lock;
    expect(locked.isError).toBe(true);
    expect(JSON.stringify(locked.data.error)).toContain('VM is locked (migrate)');
    const thin = production().state.storages.find(({ storage }) => storage === 'local-lvm');
    if (thin === undefined) throw new Error('no storage');
    const { total } = thin;
    thin.total = 1;
    const { data, isError } = await session.call('proxmox-restore-vm', args);
    thin.total = total;
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('free space') });
    expect(data.notes).toContainEqual(expect.stringMatching(/half restored, and locked: proxmox-delete-vm takes/));
  });

  it('needs more than to look', async () => {
    const secret = production().addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const eyes = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await eyes.call('proxmox-restore-vm', { cluster, archive: backupOf(100).volid, confirm: true });
    await eyes.close();
    expect(data.error.code).toBe('PRIVILEGE_MISSING');
    expect(writes()).toBe(before);
  });

  it('is not replaced without its VMID', async () => {
    const args = { cluster, archive: backupOf(100).volid, overwrite: true, confirm: true };
    const { data } = await session.call('proxmox-restore-vm', args);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'overwrite' }] });
  });
});

describe('a container', () => {
  it('comes from a backup, on the storage of its root', async () => {
    const args = { cluster, archive: backupOf(105).volid, vmid: 195 };
    const { data } = await session.call('proxmox-restore-lxc', args);
    expect(data.plan.writes[0].parameters).toMatchObject({
      vmid: 195,
      ostemplate: args.archive,
      restore: true,
      storage: 'local-lvm',
      unique: true,
    });
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-restore-lxc', { ...args, confirm: true });
    expect(done.data.notes).toContain('All its volumes go to storage local-lvm.');
    expect(done.data.notes).toContainEqual(expect.stringContaining('proxmox-delete-lxc'));
    expect(done.data.result).toMatchObject({ vmid: 195, name: 'prod-redis', task: { state: 'ok' } });
    expect(guest(195)).toMatchObject({ type: 'lxc', config: { hostname: 'prod-redis' } });
    const wrong = await session.call('proxmox-restore-lxc', { cluster, archive: backupOf(100).volid, confirm: true });
    expect(wrong.data.error).toMatchObject({ code: 'REFUSED', next: 'Use proxmox-restore-vm.' });
  });
});

it('a guest that another cluster has too is not replaced on the default one without its being named', async () => {
  const twins = await startSimulator({ world: 'twins' });
  const twin = await startSession({ ...twins.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const archive = 'pbs-backup:backup/vm/103/2026-01-01T00:00:00Z';
  const { data } = await twin.call('proxmox-restore-vm', { archive, vmid: 103, overwrite: true, confirm: true });
  expect(data.error).toMatchObject({ code: 'AMBIGUOUS_CLUSTER', message: expect.stringContaining('also on west') });
  expect(twins.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET'))).toEqual([]);
  await twin.close();
  await twins.close();
});
