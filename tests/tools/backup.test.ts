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

const production = () => simulator.cluster('production');
const backups = () =>
  production().state.storages.flatMap(({ volumes }) => volumes.filter(({ content }) => content === 'backup'));
const backupsOf = (vmid: number) => backups().filter((volume) => volume.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;
const limited = (secret: string) =>
  startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_VALIDATION: 'false',
    PROXMOX_CLUSTER_production_TOKEN_ID: 'some@pve!only',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a backup', () => {
  it('of a VM is planned, and then made on the storage that was named', async () => {
    const args = {
      vmid: 100,
      storage: 'local',
      notes: 'a\\b\nc',
      protected: true,
      fleecing: 'local-lvm',
      bwlimit: 5000,
    };
    const { data } = await session.call('proxmox-backup-vm', { ...args, dry_run: true });
    expect(data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve1/vzdump',
        parameters: {
          vmid: 100,
          storage: 'local',
          mode: 'snapshot',
          compress: 'zstd',
          'notes-template': 'a\\\\b\\nc',
          protected: true,
          bwlimit: 5000,
          fleecing: 'enabled=1,storage=local-lvm',
          remove: false,
        },
      },
    ]);
    expect(writes()).toBe(before);
    const had = backupsOf(100).length;
    const done = await session.call('proxmox-backup-vm', args);
    expect(done.isError).toBe(false);
    expect(done.data.result).toMatchObject({ vmid: 100, node: 'pve1', storage: 'local', task: { state: 'ok' } });
    expect(backupsOf(100)).toHaveLength(had + 1);
    expect(backupsOf(100).at(-1)).toMatchObject({ protected: true });
  });

  it('deletes none that are there, whatever the rule of its storage', async () => {
    const local = production().state.storages.find(({ storage }) => storage === 'local');
    if (local === undefined) throw new Error('no storage');
    local.options['prune-backups'] = 'keep-last=1';
    await session.call('proxmox-backup-vm', { vmid: 110, storage: 'local' });
    await session.call('proxmox-backup-vm', { vmid: 110, storage: 'local' });
    delete local.options['prune-backups'];
    expect(backupsOf(110).filter(({ volid }) => volid.startsWith('local:'))).toHaveLength(2);
  });

  it.each([
    ['proxmox-backup-vm', 101, 'stop', 'shut it down'],
    ['proxmox-backup-vm', 101, 'suspend', 'suspend it'],
    ['proxmox-backup-lxc', 105, 'stop', 'keep it down'],
  ])('by %s of guest %i in mode %s halts what runs only when that is confirmed', async (tool, vmid, mode, what) => {
    const args = { vmid, storage: 'local', mode };
    const { data } = await session.call(tool, args);
    expect(data.plan.writes[0].parameters).toMatchObject({ mode });
    expect(data.plan.notes).toContainEqual(expect.stringContaining(`is running: mode ${mode} will ${what}`));
    expect(data.plan.next).toContain("'confirm': true");
    expect(writes()).toBe(before);
  });

  it('of a stopped guest may stop it', async () => {
    const { data } = await session.call('proxmox-backup-vm', {
      vmid: 102,
      storage: 'local',
      mode: 'stop',
      dry_run: true,
    });
    expect(data.plan.writes[0].parameters).toMatchObject({ mode: 'stop' });
  });

  it('of a container goes to the default storage where that holds backups', async () => {
    const withDefault = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_DEFAULT_STORAGE: 'pbs-backup',
    });
    const { data } = await withDefault.call('proxmox-backup-lxc', { vmid: 105, mode: 'stop', confirm: true });
    await withDefault.close();
    expect(data.notes).toEqual([
      'The guest is running: mode stop will keep it down until the backup is done.',
      'It goes to storage pbs-backup.',
    ]);
    expect(data.result).toMatchObject({ vmid: 105, storage: 'pbs-backup', task: { state: 'ok' } });
    expect(backupsOf(105).some(({ volid }) => volid.startsWith('pbs-backup:backup/ct/105/'))).toBe(true);
  });

  it('is refused where no storage is named and several would do, or the named one holds none', async () => {
    const { data } = await session.call('proxmox-backup-lxc', { vmid: 105 });
    expect(data.error).toMatchObject({
      code: 'REFUSED',
      next: 'Name one of local, pbs-backup, pbs-offsite, transfer.',
    });
    const wrong = await session.call('proxmox-backup-lxc', { vmid: 105, storage: 'local-lvm' });
    expect(wrong.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining("'local-lvm' holds no"),
    });
    expect(writes()).toBe(before);
  });

  it('that fails is an error, with what the log says', async () => {
    const guest = production().state.guests.find(({ vmid }) => vmid === 121);
    if (guest === undefined) throw new Error('no guest');
    guest.config.lock = 'migrate';
    const { data, isError } = await session.call('proxmox-backup-vm', { vmid: 121, storage: 'local' });
    delete guest.config.lock;
    expect(isError).toBe(true);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: 'job errors' });
    expect(data.result.task.log.join('\n')).toContain('VM is locked (migrate)');
  });

  it('of a guest that has just moved is no success', async () => {
    const guest = production().state.guests.find(({ vmid }) => vmid === 112);
    if (guest === undefined) throw new Error('no guest');
    const { node } = guest;
    production().setFault({ kind: 'slow', ms: 500 }, { path: /\/nodes\/pve1\/storage$/ });
    const pending = session.call('proxmox-backup-vm', { vmid: 112, storage: 'local' });
    await new Promise((resolve) => setTimeout(resolve, 250));
    guest.node = 'pve3';
    const { data, isError } = await pending;
    guest.node = node;
    production().setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ vmid: 112, unchanged: expect.stringContaining('no longer on node pve1') });
  });

  it('needs a privilege, and names it', async () => {
    const secret = production().addToken('some@pve!only', { '/': ['PVEAuditor'] });
    const other = await limited(secret);
    const { data } = await other.call('proxmox-backup-vm', { vmid: 100, storage: 'local' });
    await other.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('Datastore') });
  });

  it('takes no more than the name of a storage for fleecing', async () => {
    const args = { vmid: 100, storage: 'local', fleecing: 'local-lvm,enabled=0' };
    const { data } = await session.call('proxmox-backup-vm', args);
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'fleecing' }] });
  });

  it('takes no rate that no server would', async () => {
    const { data } = await session.call('proxmox-backup-vm', { vmid: 100, storage: 'local', bwlimit: 1e21 });
    expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'bwlimit' }] });
    expect(writes()).toBe(before);
  });

  it('takes no mode that there is not', async () => {
    const { data } = await session.call('proxmox-backup-vm', { vmid: 100, storage: 'local', mode: 'cold' });
    expect(data.error.code).toBe('INVALID_ARGUMENTS');
    expect(writes()).toBe(before);
  });
});

describe('one backup', () => {
  const some = (vmid: number) => {
    const [backup] = backupsOf(vmid);
    if (backup === undefined) throw new Error('no backup');
    return backup;
  };

  it('is protected, and given notes', async () => {
    const { volid } = some(101);
    const args = { cluster: 'production', volid, protected: true, notes: 'keep this' };
    const { data } = await session.call('proxmox-protect-backup', { ...args, dry_run: true });
    expect(data.plan.writes[0]).toMatchObject({ method: 'PUT', parameters: { protected: true, notes: 'keep this' } });
    expect(writes()).toBe(before);
    await session.call('proxmox-protect-backup', args);
    expect(some(101)).toMatchObject({ protected: true, notes: 'keep this' });
    const again = await session.call('proxmox-protect-backup', args);
    expect(again.data.result.unchanged).toBe('it is so already');
    expect(writes()).toBe(before + 1);
    const nothing = await session.call('proxmox-protect-backup', { cluster: 'production', volid });
    expect(nothing.data.error.code).toBe('INVALID_ARGUMENTS');
    const lift = await session.call('proxmox-protect-backup', { cluster: 'production', volid, protected: false });
    expect(lift.data.plan.writes[0]).toMatchObject({ parameters: { protected: false } });
    expect(some(101).protected).toBe(true);
  });

  it('is deleted once that is confirmed, unless it is protected', async () => {
    const { volid } = some(103);
    const args = { cluster: 'production', volid };
    some(103).protected = true;
    const kept = await session.call('proxmox-delete-backup', { ...args, confirm: true });
    expect(kept.data.error).toMatchObject({ code: 'REFUSED', next: expect.stringContaining('proxmox-protect-backup') });
    some(103).protected = false;
    const { data } = await session.call('proxmox-delete-backup', args);
    expect(data.plan.writes).toMatchObject([{ method: 'DELETE' }]);
    expect(data.plan.notes[0]).toContain(`${volid} is the backup of guest 103`);
    expect(writes()).toBe(before);
    const done = await session.call('proxmox-delete-backup', { ...args, confirm: true });
    expect(done.data.result).toMatchObject({ volid, vmid: 103, task: { state: 'ok' } });
    expect(backups().some((backup) => backup.volid === volid)).toBe(false);
  });

  it('is found on the node that has it, and what is no backup is not deleted', async () => {
    await session.call('proxmox-backup-vm', { vmid: 102, storage: 'local' });
    const { volid } = some(102);
    const { data } = await session.call('proxmox-delete-backup', { cluster: 'production', volid });
    expect(data.plan.writes[0].path).toContain('/nodes/pve3/storage/local/');
    const disk = await session.call('proxmox-delete-backup', {
      cluster: 'production',
      volid: 'local-lvm:vm-100-disk-0',
      confirm: true,
    });
    expect(disk.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('lists no backup') });
  });

  it('shows the configuration that it holds, and its files', async () => {
    const { volid } = some(100);
    const { data } = await session.call('proxmox-backup-contents', { cluster: 'production', volid });
    expect(data.result).toMatchObject({ volid, type: 'qemu', name: 'prod-web-1', config: { name: 'prod-web-1' } });
    expect(data.result.files).toBeUndefined();
    const pbs = backupsOf(105).find((one) => one.volid.startsWith('pbs-backup:'))?.volid;
    const files = await session.call('proxmox-backup-contents', {
      cluster: 'production',
      volid: pbs,
      path: '/root.pxar.didx/etc',
    });
    expect(files.data.result.files).toContainEqual(
      expect.objectContaining({ name: 'hostname', folder: false, size: 11 }),
    );
    const local = backupsOf(102).find((one) => one.volid.startsWith('local:'))?.volid;
    const none = await session.call('proxmox-backup-contents', { cluster: 'production', volid: local, path: '/' });
    expect(none.data.error).toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('Proxmox Backup Server'),
    });
  });
});
