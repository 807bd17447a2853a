import { describe, expect, it } from 'vitest';
import { startSession } from '../support/session.js';
import { useWorld } from '../support/world.js';

const world = useWorld();
const tool = 'proxmox-cross-cluster-backup';
const target_cluster = 'disaster-recovery';
const here = () => world.simulator.cluster('production');
const there = () => world.simulator.cluster(target_cluster);
const guest = (vmid: number, cluster = there()) => cluster.state.guests.find((one) => one.vmid === vmid);
const storage = (name: string, cluster = there()) => {
  const found = cluster.state.storages.find((one) => one.storage === name);
  if (found === undefined) throw new Error(`no storage ${name}`);
  return found;
};
const listed = (name: string, volid: string) => storage(name).volumes.find((one) => one.volid === volid);
const mac = (config: object | undefined) => /([0-9A-F]{2}(:[0-9A-F]{2}){5})/i.exec(String(Object(config).net0))?.[1];
const begun = (type: string, cluster = here()) =>
  expect
    .poll(() => cluster.state.tasks.filter((task) => task.type === type && task.endtime === undefined))
    .not.toEqual([]);

describe('a backup to a storage that both mount', () => {
  it.each([
    [145, 'transfer', 'nfs', '10.10.0.5:/export/exchange'],
    [145, 'pbs-offsite', 'pbs', '10.10.0.6:offsite/exchange'],
    [105, 'transfer', 'nfs', '10.10.0.5:/export/exchange'],
    [105, 'pbs-offsite', 'pbs', '10.10.0.6:offsite/exchange'],
  ])('of guest %i on %s is proven by the list of the other cluster', async (vmid, name, _, where) => {
    const result = await world.result(tool, { vmid, target_cluster, storage: name });
    expect(result).toMatchObject({
      ...{ vmid, target_cluster, storage: name, storage_there: name, where, outcome: 'backed_up' },
      task: { state: 'ok' },
      upid: expect.stringContaining(':vzdump:'),
    });
    const volume = listed(name, result.archive);
    expect(result.size).toBe(volume?.size);
    expect(result.age_hours).toBeLessThan(1);
    expect(volume?.notes).toBe(`${result.name} | cluster production`);
    expect(world.writes()).toBe(1);
  });

  it('is planned with the storage, how it was recognised, and one request', async () => {
    const { data } = await world.call(tool, { vmid: 145, target_cluster, dry_run: true });
    expect(data.plan).toMatchObject({
      target: { vmid: 145, source: 'production', destination: target_cluster },
      storage: 'pbs-offsite: a Proxmox Backup Server goes before others; there is also transfer',
      shared_storages: [
        { source: 'pbs-offsite', target: 'pbs-offsite', type: 'pbs', where: '10.10.0.6:offsite/exchange' },
        { source: 'transfer', target: 'transfer', type: 'nfs', where: '10.10.0.5:/export/exchange' },
      ],
      writes: [
        {
          cluster: 'production',
          method: 'POST',
          path: '/nodes/pve3/vzdump',
          parameters: { vmid: 145, storage: 'pbs-offsite', 'notes-template': '{{guestname}} | cluster production' },
        },
      ],
    });
    expect(world.writes()).toBe(0);
  });

  it('is begun and not looked at without waiting', async () => {
    const result = await world.result(tool, { vmid: 145, target_cluster, storage: 'transfer', wait: false });
    expect(result).toMatchObject({
      outcome: 'running',
      upid: expect.stringMatching(/^UPID/),
      todo: [expect.any(String)],
    });
    expect(result).not.toHaveProperty('archive');
    await world.call('proxmox-wait-task', { cluster: 'production', upid: result.upid });
  });
});

describe('a standby', () => {
  it.each([
    ['pbs-offsite', 145, 'qemu'],
    ['transfer', 105, 'lxc'],
  ] as const)('is made through %s of guest %i, off, and not to start with its node', async (name, vmid, type) => {
    const source = guest(vmid, here());
    if (source === undefined) throw new Error('no guest');
    source.config.onboot = 1;
    const result = await world.result(tool, { vmid, target_cluster, storage: name, restore: true });
    expect(result).toMatchObject({ outcome: 'restored', task: { state: 'ok' }, standby: { status: 'stopped' } });
    // The map gives the numbers 100 to 199 to production.
    expect(result.standby.vmid).toBeGreaterThanOrEqual(900);
    const made = guest(result.standby.vmid);
    expect(made).toMatchObject({ type, status: 'stopped', node: result.standby.node });
    expect(made?.config).toMatchObject({ onboot: 0 });
    expect(made?.config.lock).toBeUndefined();
    expect(mac(made?.config)).toBe(mac(source.config));
    expect(result.todo).toEqual([expect.stringContaining('start only one of the two')]);
    expect(world.writes()).toBe(2);
  });

  it('takes a VMID, storage and node of choice, with MACs of its own, and starts', async () => {
    const args = { vmid: 100, target_cluster, storage: 'transfer', restore: true, unique: true, start: true };
    const place = { target_vmid: 977, target_storage: 'nfs-shared', target_node: 'pve-dr2' };
    const { data } = await world.call(tool, { ...args, ...place, dry_run: true });
    expect(data.plan.writes).toMatchObject([
      { cluster: 'production', path: '/nodes/pve1/vzdump' },
      {
        cluster: target_cluster,
        path: '/nodes/pve-dr2/qemu',
        parameters: { vmid: 977, storage: 'nfs-shared', unique: true, archive: 'transfer:the new backup' },
      },
      { cluster: target_cluster, path: '/nodes/pve-dr2/qemu/977/status/start' },
    ]);
    expect(data.plan.standby).toEqual({ vmid: 977, storage: 'nfs-shared', unique: true, start: true });
    expect(world.writes()).toBe(0);
    const result = await world.result(tool, { ...args, ...place });
    expect(result).toMatchObject({ outcome: 'started', standby: { vmid: 977, node: 'pve-dr2', status: 'running' } });
    expect(result.warnings).toContainEqual(expect.objectContaining({ code: 'same_addresses' }));
    expect(guest(977)).toMatchObject({ status: 'running', node: 'pve-dr2' });
    expect(String(guest(977)?.config.scsi0)).toContain('nfs-shared:');
    expect(mac(guest(977)?.config)).not.toBe(mac(guest(100, here())?.config));
  });
});

describe('nothing is sent', () => {
  const refused = async (args: Record<string, unknown>) => {
    const error = await world.error(tool, { target_cluster, ...args });
    expect(world.writes()).toBe(0);
    return error;
  };
  const codes = (error: Record<string, any>) => error.hard_stops.map(({ code }: { code: string }) => code);

  it('for a twin that would run with the same MACs beside its source, and a VMID that is taken, at once', async () => {
    const error = await refused({ vmid: 100, restore: true, start: true, target_vmid: 902 });
    expect(error.code).toBe('REFUSED');
    expect(codes(error)).toEqual(['vmid', 'same_macs']);
  });

  it('for a storage that only one of them has, or that is away', async () => {
    expect(await refused({ vmid: 145, storage: 'pbs-backup' })).toMatchObject({
      message: expect.stringContaining("'pbs-backup' is no storage for backups that"),
      hard_stops: [{ code: 'shared_storage', fix: 'Name one of pbs-offsite, transfer.' }],
    });
    storage('transfer').inactiveOn = ['pve-dr1', 'pve-dr2'];
    const error = await refused({ vmid: 145, storage: 'transfer' });
    storage('transfer').inactiveOn = [];
    expect(error.message).toMatch(/storage 'transfer' is not available on node 'pve-dr\d' just now/);
  });

  it('to a cluster that mounts none of them', async () => {
    const error = await refused({ vmid: 145, target_cluster: 'staging' });
    expect(error.hard_stops).toMatchObject([{ code: 'shared_storage', fix: expect.stringContaining('NFS export') }]);
  });

  it('for a storage without room or of the wrong kind, and a bridge that is not there where it is to start', async () => {
    const bridge = String(guest(145, here())?.config.net0);
    const source = guest(145, here());
    if (source !== undefined) source.config.net0 = bridge.replace(/bridge=\w+/, 'bridge=vmbr77');
    const args = { vmid: 145, restore: true, unique: true };
    const error = await refused({ ...args, start: true, target_storage: 'pbs-offsite' });
    const { data } = await world.call(tool, { ...args, target_cluster, dry_run: true });
    if (source !== undefined) source.config.net0 = bridge;
    expect(codes(error)).toEqual(['storage', 'bridge']);
    expect(data.plan.warnings).toContainEqual(expect.objectContaining({ code: 'bridge' }));
  });

  it('for a guest under a lock', async () => {
    const source = guest(145, here());
    if (source !== undefined) source.config.lock = 'snapshot';
    const error = await refused({ vmid: 145 });
    if (source !== undefined) delete source.config.lock;
    expect(codes(error)).toEqual(['lock']);
  });

  it.each([
    [{ target_vmid: 950 }, 'target_vmid'],
    [{ start: true }, 'start'],
    [{ restore: true, wait: false }, 'wait'],
    [{ restore: true, target_node: '' }, 'target_node'],
  ])('with %j', async (args, argument) => {
    expect(await refused({ vmid: 145, ...args })).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      arguments: [{ argument }],
    });
  });

  it('to a node that is not there', async () => {
    const error = await refused({ vmid: 145, target_node: 'pve9' });
    expect(error.message).toContain("has no node 'pve9'");
  });

  it.each(['production', target_cluster])('while %s cannot be reached', async (name) => {
    world.simulator.cluster(name).setFault({ kind: 'unreachable' });
    const error = await refused({ vmid: 145, cluster: 'production' });
    world.simulator.cluster(name).setFault(undefined);
    expect(error).toMatchObject({ cluster: name });
  });

  it.each([
    ['production', { '/': ['PVEAuditor'] }, ['VM.Backup on /vms/145', 'Datastore.AllocateSpace on /storage/transfer']],
    [
      target_cluster,
      { '/': ['PVEAuditor'] },
      [
        'Datastore.Allocate on /storage/transfer',
        'Datastore.AllocateSpace on /storage/local-lvm',
        'VM.Allocate, VM.Config.Options on /vms,',
        'SDN.Use on /sdn/zones/localnetwork/vmbr0',
      ],
    ],
  ] as const)('without privileges on %s, which are all named with the commands', async (name, acl, lacking) => {
    const source = guest(145, here());
    if (source !== undefined) source.config.onboot = 1;
    const secret = world.simulator.cluster(name).addToken('eyes@pve!only', JSON.parse(JSON.stringify(acl)));
    const prefix = `PROXMOX_CLUSTER_${name.replaceAll('-', '_')}`;
    const limited = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      [`${prefix}_TOKEN_ID`]: 'eyes@pve!only',
      [`${prefix}_TOKEN_SECRET`]: secret,
    });
    const { data } = await limited.call(tool, { vmid: 145, target_cluster, storage: 'transfer', restore: true });
    await limited.close();
    expect(data.error.code).toBe('REFUSED');
    for (const need of lacking) expect(data.error.message).toContain(need);
    for (const stop of data.error.hard_stops) expect(stop.pveum[0]).toContain("--tokens 'eyes@pve!only'");
    expect(data.error.hard_stops.filter(({ code }: { code: string }) => code === 'privilege')).toHaveLength(
      lacking.length,
    );
    expect(world.writes()).toBe(0);
  });
});

describe('what fails in the middle is told as it is', () => {
  const args = { vmid: 145, target_cluster, storage: 'transfer', restore: true };

  it('the backup: nothing is done on the other side', async () => {
    const source = guest(145, here());
    there().setFault({ kind: 'slow', ms: 600 }, { path: /\/nodes\/pve-dr\d\/storage$/ });
    const pending = world.call(tool, args);
    await new Promise((resolve) => setTimeout(resolve, 400));
    if (source !== undefined) source.config.lock = 'migrate';
    const { data, isError } = await pending;
    if (source !== undefined) delete source.config.lock;
    there().setFault(undefined);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({ outcome: 'backup_failed', task: { state: 'failed' } });
    expect(world.writes()).toBe(1);
  });

  it('the proof: the backup is named, and stays', async () => {
    Object.defineProperty(storage('transfer').volumes, 'push', { value: () => 0, configurable: true });
    const { data, isError } = await world.call(tool, args);
    Reflect.deleteProperty(storage('transfer').volumes, 'push');
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({
      message: expect.stringMatching(
        /the backup was made \(transfer:backup\/vzdump-qemu-145-.*but 'disaster-recovery' does not list it/,
      ),
      done: [{ cluster: 'production', upid: expect.stringContaining(':vzdump:') }],
      undo: [expect.stringContaining('proxmox-delete-backup')],
      left: expect.stringContaining('restore'),
    });
    expect(world.writes()).toBe(1);
  });

  it('the look at the backup: it goes on unseen, and nothing is restored', async () => {
    here().setFault({ kind: 'status', status: 403, reason: 'Permission check failed' }, { path: /\/tasks\// });
    const { data, isError } = await world.call(tool, { ...args, vmid: 146 });
    here().setFault(undefined);
    expect(isError).toBe(true);
    await world.call('proxmox-wait-task', { cluster: 'production', upid: data.result.upid });
    expect(data.result).toMatchObject({
      ...{ outcome: 'running', upid: expect.stringContaining(':vzdump:'), task: { state: 'unknown' } },
      summary: expect.stringContaining('can no longer be seen'),
      todo: [expect.stringContaining('proxmox-wait-task'), expect.stringContaining('proxmox-restore-vm')],
    });
    expect(world.writes()).toBe(1);
  });

  it('the request to restore', async () => {
    there().setFault({ kind: 'status', status: 500, reason: 'no such thing' }, { path: /\/nodes\/pve-dr\d\/qemu$/ });
    const { data } = await world.call(tool, args);
    there().setFault(undefined);
    expect(data.error).toMatchObject({
      done: [{ cluster: 'production' }],
      left: expect.stringMatching(/the restore of transfer:backup\/vzdump-qemu-145-/),
      undo: [expect.stringContaining('proxmox-delete-backup')],
    });
  });

  it('the task that restores: the backup stays, and what is left there is named', async () => {
    const pending = world.call(tool, { ...args, target_vmid: 981, target_storage: 'local-lvm' });
    await begun('qmrestore', there());
    const { state } = there();
    const all = state.storages;
    state.storages = all.filter((one) => one.storage !== 'local-lvm');
    const { data, isError } = await pending;
    state.storages = all;
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      outcome: 'restore_failed',
      task: { state: 'failed' },
      archive: expect.stringContaining('transfer:backup/'),
      summary: expect.stringContaining('the backup stays'),
      todo: [expect.stringContaining('guest 981'), expect.stringContaining('proxmox-restore-vm')],
    });
  });

  it('the start: the guest is there, off', async () => {
    const path = /\/nodes\/pve-dr\d\/qemu\/982\/status\/start$/;
    there().setFault({ kind: 'status', status: 500, reason: 'no memory left' }, { path });
    const { data } = await world.call(tool, { ...args, target_vmid: 982, unique: true, start: true });
    there().setFault(undefined);
    expect(data.error).toMatchObject({
      left: "the start of guest 982 on 'disaster-recovery'",
      undo: [expect.stringContaining('proxmox-delete-backup'), expect.stringContaining('Delete guest 982')],
    });
    expect(guest(982)).toMatchObject({ status: 'stopped' });
  });

  it('the time: a restore that goes on is told with its UPID', async () => {
    there().setFault({ kind: 'slow', ms: 2500 }, { path: /\/nodes\/pve-dr\d\/qemu$/ });
    const result = await world.result(tool, { ...args, target_vmid: 983, timeout: 2 });
    there().setFault(undefined);
    expect(result).toMatchObject({
      ...{ outcome: 'running', upid: expect.stringContaining(':qmrestore:') },
      ...{ standby: { vmid: 983, status: 'being restored' }, todo: [expect.stringContaining('proxmox-wait-task')] },
    });
  });
});

describe('what a backup does not make clear is said before', () => {
  it('a VMID that both clusters use: one group on a Backup Server', async () => {
    const taken = guest(999);
    if (taken === undefined) throw new Error('no guest');
    taken.vmid = 145;
    const pbs = await world.call(tool, {
      vmid: 145,
      target_cluster,
      cluster: 'production',
      storage: 'pbs-offsite',
      dry_run: true,
    });
    const nfs = await world.call(tool, {
      vmid: 145,
      target_cluster,
      cluster: 'production',
      storage: 'transfer',
      dry_run: true,
    });
    taken.vmid = 999;
    expect(pbs.data.plan.warnings).toMatchObject([
      { code: 'same_group', message: expect.stringContaining("'failover-drill'") },
    ]);
    expect(nfs.data.plan.warnings).toMatchObject([{ code: 'same_vmid' }]);
  });

  it('disks that a backup leaves out', async () => {
    const source = guest(145, here());
    const before = String(source?.config.scsi0);
    if (source !== undefined) source.config.scsi0 = `${before},backup=0`;
    const { data } = await world.call(tool, { vmid: 145, target_cluster, dry_run: true });
    if (source !== undefined) source.config.scsi0 = before;
    expect(data.plan.warnings).toMatchObject([{ code: 'not_in_backup', message: expect.stringContaining('scsi0') }]);
  });
});
