import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call, exitOf, logOf, started } from './guest-calls.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;
const vm = '/nodes/pve1/qemu/100';

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
});

afterEach(() => simulator.close());

const guest = (vmid: number) => production.state.guests.find((entry) => entry.vmid === vmid);

async function done(upid: string, seconds: number): Promise<unknown> {
  clock.advance(seconds);
  return exitOf(production, upid);
}

async function currentParent(): Promise<unknown> {
  return rows(await call(production, `GET ${vm}/snapshot`)).find((entry) => entry.name === 'current')?.parent;
}

describe('snapshots', () => {
  test('are taken, gone back to and deleted', async () => {
    const upid = await started(production, `POST ${vm}/snapshot`, { snapname: 'before', vmstate: 1 });
    expect(guest(100)?.config.lock).toBe('snapshot');
    expect(await done(upid, 5)).toBe('OK');
    expect(await currentParent()).toBe('before');
    await call(production, `PUT ${vm}/config`, { name: 'changed' });
    const back = await started(production, `POST ${vm}/snapshot/before-nginx-1-28/rollback`);
    expect(await done(back, 3)).toBe('OK');
    expect(guest(100)).toMatchObject({ status: 'stopped', config: { name: 'prod-web-1' } });
    expect(await currentParent()).toBe('before-nginx-1-28');
    const gone = await started(production, `DELETE ${vm}/snapshot/before-nginx-1-28`);
    expect(await done(gone, 2)).toBe('OK');
    expect(await currentParent()).toBeUndefined();
    const live = await started(production, `POST ${vm}/snapshot/before/rollback`);
    expect(await done(live, 3)).toBe('OK');
    expect(guest(100)?.status).toBe('running');
  });

  test('are refused', async () => {
    const take = (snapname: string) => call(production, `POST ${vm}/snapshot`, { snapname });
    expect((await take('1st')).body.errors).toHaveProperty('snapname');
    expect((await take('current')).reason).toBe("unable to use snapshot name 'current' (reserved name)");
    const used = await started(production, `POST ${vm}/snapshot`, { snapname: 'before-nginx-1-28' });
    const none = await started(production, `DELETE ${vm}/snapshot/none`);
    expect(await done(used, 1)).toBe("snapshot name 'before-nginx-1-28' already used");
    expect(await exitOf(production, none)).toBe("snapshot 'none' does not exist");
    await call(production, 'PUT /nodes/pve3/qemu/102/config', { scsi1: 'nfs-shared:4,format=raw' });
    const raw = await started(production, 'POST /nodes/pve3/qemu/102/snapshot', { snapname: 'raw' });
    expect(await done(raw, 1)).toBe('snapshot feature is not available');
  });
});

describe('power', () => {
  test('suspend, resume and reset need a running guest', async () => {
    for (const verb of ['reset', 'suspend', 'resume']) {
      const answer = await call(production, `POST /nodes/pve3/qemu/102/status/${verb}`);
      expect(answer).toMatchObject({ status: 500, reason: 'VM 102 not running' });
    }
    await done(await started(production, `POST ${vm}/status/suspend`), 1);
    expect(row(await call(production, `GET ${vm}/status/current`)).qmpstatus).toBe('paused');
    await done(await started(production, `POST ${vm}/status/resume`), 1);
    expect(row(await call(production, `GET ${vm}/status/current`)).qmpstatus).toBe('running');
  });

  test('suspend to disk leaves a lock that start takes away', async () => {
    expect(await done(await started(production, `POST ${vm}/status/suspend`, { todisk: 1 }), 5)).toBe('OK');
    expect(guest(100)).toMatchObject({ status: 'stopped', config: { lock: 'suspended' } });
    expect(await done(await started(production, `POST ${vm}/status/start`), 2)).toBe('OK');
    expect(guest(100)?.status).toBe('running');
  });
});

describe('migration', () => {
  test('says beforehand what stands against it', async () => {
    const preconditions = row(await call(production, `GET ${vm}/migrate`));
    expect(preconditions).toMatchObject({ running: 1, local_disks: [{ volid: 'local-lvm:vm-100-disk-0' }] });
    const migrate = (values: Record<string, string | number>) => call(production, `POST ${vm}/migrate`, values);
    expect((await migrate({ target: 'pve1' })).body.errors).toEqual({ target: 'target is local node.' });
    expect((await migrate({ target: 'pve9' })).reason).toBe("no such cluster node 'pve9'");
    expect((await migrate({ target: 'pve2' })).reason).toBe("can't migrate running VM without --online");
    const stuck = await started(production, `POST ${vm}/migrate`, { target: 'pve2', online: 1 });
    expect(await done(stuck, 1)).toBe('migration aborted');
    expect(guest(100)?.config).not.toHaveProperty('lock');
  });

  test('moves the guest when its task ends', async () => {
    const values = { target: 'pve2', online: 1, 'with-local-disks': 1 };
    const upid = await started(production, `POST ${vm}/migrate`, values);
    expect(guest(100)?.config.lock).toBe('migrate');
    expect((await call(production, `GET ${vm}/config`)).status).toBe(200);
    expect(await done(upid, 8)).toBe('OK');
    expect((await logOf(production, upid)).join('\n')).toMatch(/transferred .* of .* VM-state/);
    expect((await call(production, `GET ${vm}/config`)).reason).toContain('does not exist');
    expect(guest(100)).toMatchObject({ node: 'pve2', status: 'running' });
  });

  test('of a container is a restart', async () => {
    const path = '/nodes/pve3/lxc/105/migrate';
    const refused = await call(production, `POST ${path}`, { target: 'pve1' });
    expect(refused.reason).toBe("can't migrate running container without --online or --restart");
    const live = await started(production, `POST ${path}`, { target: 'pve1', online: 1 });
    expect(await done(live, 1)).toBe('migration aborted');
    const upid = await started(production, `POST ${path}`, { target: 'pve1', restart: 1 });
    expect(await done(upid, 8)).toBe('OK');
    expect(guest(105)).toMatchObject({ node: 'pve1', status: 'running' });
  });

  test('of a managed guest is a request', async () => {
    const values = { target: 'pve2', online: 1, 'with-local-disks': 1 };
    const upid = await started(production, 'POST /nodes/pve1/qemu/103/migrate', values);
    expect(upid).toContain(':hamigrate:103:');
    expect(await done(upid, 1)).toBe('OK');
    expect(guest(103)?.node).toBe('pve1');
    clock.advance(13);
    expect(guest(103)?.node).toBe('pve2');
  });
});

describe('a backup', () => {
  test('locks its guest and leaves an archive that can be restored', async () => {
    const upid = await started(production, 'POST /nodes/pve1/vzdump', {
      vmid: 100,
      storage: 'pbs-backup',
      'notes-template': '{{guestname}} by hand',
      protected: 1,
    });
    expect(guest(100)?.config.lock).toBe('backup');
    clock.advance(5);
    expect((await logOf(production, upid)).some((line) => /^INFO:\s+\d+% \(/.test(line))).toBe(true);
    const content = { content: 'backup', vmid: 100 };
    const before = rows(await call(production, 'GET /nodes/pve1/storage/pbs-backup/content', content)).length;
    expect(await done(upid, 5)).toBe('OK');
    expect(guest(100)?.config).not.toHaveProperty('lock');
    const after = rows(await call(production, 'GET /nodes/pve1/storage/pbs-backup/content', content));
    expect(after).toHaveLength(before + 1);
    const archive = after.find((volume) => volume.notes === 'prod-web-1 by hand');
    expect(archive).toMatchObject({ protected: 1, subtype: 'qemu' });
    const volume = String(archive?.volid);
    const text = await call(production, 'GET /nodes/pve1/vzdump/extractconfig', { volume });
    expect(text.data).toContain('name: prod-web-1\n');
    const restore = await started(production, 'POST /nodes/pve2/qemu', {
      vmid: 950,
      archive: volume,
      unique: 1,
      name: 'again',
    });
    expect(restore).toContain(':qmrestore:950:');
    expect(await done(restore, 8)).toBe('OK');
    expect(guest(950)).toMatchObject({ node: 'pve2', config: { name: 'again' } });
    expect(guest(950)?.config.net0).not.toBe(guest(100)?.config.net0);
    const over = await call(production, 'POST /nodes/pve1/qemu', { vmid: 100, archive: volume, force: 1 });
    expect(over.reason).toBe('unable to restore VM 100 - vm is running');
    const disk = await call(production, 'POST /nodes/pve1/qemu', { vmid: 951, archive: volume, scsi0: 'local-lvm:8' });
    expect(disk.body.errors).toHaveProperty('scsi0');
  });

  test('of guests elsewhere is OK, of one that is locked or gone fails', async () => {
    expect((await call(production, 'POST /nodes/pve1/vzdump', { vmid: 101, storage: 'pbs-backup' })).data).toBe('OK');
    const upid = await started(production, 'POST /nodes/pve1/vzdump', { vmid: '100,999', storage: 'pbs-backup' });
    const next = await started(production, 'POST /nodes/pve1/vzdump', { vmid: 103, storage: 'pbs-backup' });
    expect(await done(upid, 20)).toBe('job errors');
    expect((await logOf(production, upid)).join('\n')).toContain(
      "ERROR: Backup of VM 999 failed - unable to find VM '999'",
    );
    expect(await exitOf(production, next)).toBeUndefined();
    expect(guest(103)?.config.lock).toBe('backup');
    expect(await logOf(production, next)).toContain('INFO: trying to get global lock - waiting...');
    expect(await done(next, 10)).toBe('OK');
    const thin = await started(production, 'POST /nodes/pve1/vzdump', { vmid: 100, storage: 'local-lvm' });
    expect(await done(thin, 1)).toContain('wrong content type');
  });
});

describe('the guest agent', () => {
  const agent = `${vm}/agent`;

  test('runs commands whose result is there once', async () => {
    const { pid } = row(await call(production, `POST ${agent}/exec`, { command: ['echo', 'grüße', 'all'] }));
    const status = await call(production, `GET ${agent}/exec-status`, { pid: Number(pid) });
    const result = row(status);
    expect(result).toMatchObject({ exited: 1, exitcode: 0 });
    expect(Buffer.from(String(result['out-data']), 'latin1').toString('utf8')).toBe('grüße all\n');
    expect((await call(production, `GET ${agent}/exec-status`, { pid: Number(pid) })).status).toBe(500);
    const slow = row(await call(production, `POST ${agent}/exec`, { command: ['sh', '-c', 'sleep 5; exit 3'] }));
    const poll = async () => row(await call(production, `GET ${agent}/exec-status`, { pid: Number(slow.pid) }));
    expect(await poll()).toEqual({ exited: 0 });
    clock.advance(5);
    expect(await poll()).toMatchObject({ exited: 1, exitcode: 3 });
    const unknown = await call(production, `POST ${agent}/exec`, { command: 'nosuch' });
    expect(unknown.reason).toContain('Agent error: Guest agent command failed');
  });

  test('reads and writes files', async () => {
    expect((await call(production, `POST ${agent}/file-write`, { file: '/tmp/x', content: 'hello' })).data).toBeNull();
    expect(row(await call(production, `GET ${agent}/file-read`, { file: '/tmp/x' }))).toMatchObject({
      content: 'hello',
    });
    expect((await call(production, `GET ${agent}/file-read`, { file: '/no' })).reason).toContain('Agent error');
    const content = Buffer.from('größe – €').toString('base64');
    await call(production, `POST ${agent}/file-write`, { file: '/tmp/y', content, encode: 0 });
    expect(Buffer.from(guest(100)?.agent?.files?.['/tmp/y'] ?? []).toString()).toBe('größe – €');
  });

  test('wraps its results, and its own errors inside them', async () => {
    const post = async (name: string) => row(await call(production, `POST ${agent}/${name}`));
    expect(await post('ping')).toEqual({ result: {} });
    expect(await post('fsfreeze-freeze')).toEqual({ result: 1 });
    expect(await post('fsfreeze-status')).toEqual({ result: 'frozen' });
    expect(await post('fstrim')).toMatchObject({ result: { error: { class: 'GenericError' } } });
    expect(await post('fsfreeze-thaw')).toEqual({ result: 1 });
    expect(row(await call(production, `GET ${agent}/get-fsinfo`))).toMatchObject({ result: [{ mountpoint: '/' }] });
  });
});
