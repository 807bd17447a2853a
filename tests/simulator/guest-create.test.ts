import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call, exitOf, logOf, started } from './guest-calls.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
});

afterEach(() => simulator.close());

const template = 'local:vztmpl/debian-12-standard_12.7-1_amd64.tar.zst';
const guest = (vmid: number) => production.state.guests.find((entry) => entry.vmid === vmid);

async function config(path: string): Promise<Record<string, unknown>> {
  return row(await call(production, `GET ${path}/config`));
}

async function done(upid: string, seconds: number): Promise<unknown> {
  clock.advance(seconds);
  return exitOf(production, upid);
}

describe('a new VM', () => {
  test('is locked until its task ends, and then complete', async () => {
    const upid = await started(production, 'POST /nodes/pve1/qemu', {
      vmid: 900,
      name: 'fresh',
      memory: 2048,
      cores: 2,
      scsi0: 'local-lvm:32,ssd=1',
      ide2: 'local-lvm:cloudinit',
      net0: 'virtio,bridge=vmbr0',
      pool: 'web',
      start: 1,
    });
    expect(upid).toContain(':qmcreate:900:');
    expect(guest(900)?.config.lock).toBe('create');
    expect(await done(upid, 2)).toBe('OK');
    const made = await config('/nodes/pve1/qemu/900');
    expect(made).toMatchObject({
      scsi0: 'local-lvm:vm-900-disk-0,size=32G,ssd=1',
      ide2: 'local-lvm:vm-900-cloudinit,media=cdrom',
      boot: 'order=scsi0;ide2;net0',
      memory: '2048',
    });
    expect(made).not.toHaveProperty('lock');
    expect(guest(900)?.status).toBe('running');
    expect(production.state.pools.find((pool) => pool.poolid === 'web')?.vmids).toContain(900);
  });

  test('is refused at once, or fails in its task and leaves nothing', async () => {
    const taken = await call(production, 'POST /nodes/pve1/qemu', { vmid: 100 });
    expect(taken.reason).toBe("unable to create VM 100 - VM 100 already exists on node 'pve1'");
    const iso = await call(production, 'POST /nodes/pve1/qemu', { vmid: 900, scsi0: 'local:8' });
    expect(iso.body.errors).toEqual({ storage: "storage 'local' does not support vm images" });
    const nowhere = await call(production, 'POST /nodes/pve1/qemu', { vmid: 900, scsi0: 'nope:8' });
    expect(nowhere.reason).toBe("storage 'nope' does not exist");
    const upid = await started(production, 'POST /nodes/pve1/qemu', { vmid: 900, scsi0: 'local-lvm:90000' });
    expect(await done(upid, 2)).toContain('Insufficient free space');
    expect(guest(900)).toBeUndefined();
    const token = `bob@pve!low=${production.addToken('bob@pve!low', { '/pool/web': ['PVEVMAdmin'] })}`;
    const forbidden = await call(production, 'POST /nodes/pve1/qemu', { vmid: 900 }, token);
    expect(forbidden).toMatchObject({ status: 403, reason: 'Permission check failed' });
  });
});

describe('a new container', () => {
  test('comes from a template, with a warning that means nothing', async () => {
    const upid = await started(production, 'POST /nodes/pve1/lxc', {
      vmid: 901,
      ostemplate: template,
      rootfs: 'local-lvm:8',
      hostname: 'ct',
      net0: 'name=eth0,bridge=vmbr0,ip=dhcp',
      unprivileged: 1,
    });
    expect(await done(upid, 3)).toBe('WARNINGS: 1');
    const made = await config('/nodes/pve1/lxc/901');
    expect(made).toMatchObject({ rootfs: 'local-lvm:vm-901-disk-0,size=8G', ostype: 'debian', hostname: 'ct' });
    expect(made.net0).toMatch(/^name=eth0,bridge=vmbr0,hwaddr=BC:24:11:.*,ip=dhcp,type=veth$/);
  });

  test('needs a storage for it, and its template', async () => {
    const local = await call(production, 'POST /nodes/pve1/lxc', { vmid: 901, ostemplate: template });
    expect(local.body.errors).toEqual({ storage: "storage 'local' does not support container directories" });
    const upid = await started(production, 'POST /nodes/pve1/lxc', {
      vmid: 901,
      ostemplate: 'local:vztmpl/none.tar.zst',
      rootfs: 'local-lvm:4',
    });
    expect(await done(upid, 3)).toBe("volume 'local:vztmpl/none.tar.zst' does not exist");
    expect(guest(901)).toBeUndefined();
  });
});

describe('a clone', () => {
  test('of a template is linked, of a guest full', async () => {
    const linked = await started(production, 'POST /nodes/pve1/qemu/110/clone', { newid: 910, name: 'from-template' });
    const full = await started(production, 'POST /nodes/pve1/qemu/100/clone', { newid: 911 });
    expect(guest(911)?.config.lock).toBe('clone');
    expect(await done(linked, 6)).toBe('OK');
    expect(await exitOf(production, full)).toBe('OK');
    expect(await logOf(production, full)).toContain('transferred 20.0 GiB of 40.0 GiB (50.00%)');
    const copy = await config('/nodes/pve1/qemu/911');
    expect(copy.name).toBe('Copy-of-VM-prod-web-1');
    expect(copy.net0).not.toBe(guest(100)?.config.net0);
    expect(copy.scsi0).toContain('local-lvm:vm-911-disk-0');
    expect(copy).not.toHaveProperty('parent');
    expect(await config('/nodes/pve1/qemu/910')).toMatchObject({ name: 'from-template' });
  });

  test('follows the rules of its kind', async () => {
    const clone = (vmid: number, values: Record<string, string | number>) =>
      call(production, `POST /nodes/pve1/qemu/${vmid}/clone`, values);
    const storage = await clone(110, { newid: 910, storage: 'local-lvm' });
    expect(storage.reason).toBe("parameter 'storage' not allowed for linked clones");
    expect((await clone(100, { newid: 910, full: 0 })).reason).toContain('Linked clone feature is not supported');
    expect((await clone(100, { newid: 910, target: 'pve2' })).reason).toContain('uses local storage');
    expect((await clone(100, { newid: 103 })).reason).toContain('config file already exists');
    expect((await clone(100, { newid: 910, snapname: 'nope' })).reason).toBe("snapshot 'nope' does not exist");
  });

  test('of a running source fails beside another', async () => {
    const first = await started(production, 'POST /nodes/pve1/qemu/100/clone', { newid: 910 });
    const second = await started(production, 'POST /nodes/pve1/qemu/100/clone', { newid: 911 });
    const config = await call(production, 'PUT /nodes/pve1/qemu/100/config', { name: 'x' });
    expect(config.reason).toBe("can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout");
    expect(await done(second, 1)).toBe("can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout");
    expect(guest(911)).toBeUndefined();
    expect(await done(first, 5)).toBe('OK');
  });

  test('that is interrupted leaves nothing', async () => {
    const upid = await started(production, 'POST /nodes/pve1/qemu/100/clone', { newid: 910 });
    await call(production, `DELETE /nodes/pve1/tasks/${encodeURIComponent(upid)}`);
    expect(guest(910)).toBeUndefined();
  });
});

describe('a guest that is deleted', () => {
  test('must be off, unprotected and free of high availability', async () => {
    const remove = (path: string, values = {}) => call(production, `DELETE ${path}`, values);
    expect((await remove('/nodes/pve1/qemu/100')).reason).toBe('VM 100 is running - destroy failed');
    expect((await remove('/nodes/pve1/qemu/103')).reason).toContain(
      'used in HA resources and purge parameter not set.',
    );
    await call(production, 'PUT /nodes/pve3/qemu/102/config', { protection: 1 });
    expect((await remove('/nodes/pve3/qemu/102')).reason).toBe("can't remove VM 102 - protection mode enabled");
  });

  test('takes its disks, its ACL and its pool with it', async () => {
    await call(production, 'PUT /nodes/pve3/qemu/102/config', { delete: 'scsi0' });
    const upid = await started(production, 'DELETE /nodes/pve3/qemu/102', { purge: 1 });
    expect(guest(102)).toBeDefined();
    expect(await done(upid, 2)).toBe('OK');
    expect(guest(102)).toBeUndefined();
    const volumes = production.state.storages.flatMap((entry) => entry.volumes);
    expect(volumes.some((volume) => volume.vmid === 102 && volume.content === 'images')).toBe(false);
    expect(production.state.pools.some((pool) => pool.vmids.includes(102))).toBe(false);
    const container = await started(production, 'DELETE /nodes/pve3/lxc/105', { force: 1 });
    expect(await done(container, 2)).toBe('OK');
  });
});

describe('a template', () => {
  test('is made of a stopped guest; a container does not tell its task', async () => {
    const running = await call(production, 'POST /nodes/pve1/qemu/100/template');
    expect(running.reason).toBe('unable to create template, because VM contains snapshots');
    const upid = await started(production, 'POST /nodes/pve3/qemu/102/template');
    expect(await done(upid, 2)).toBe('OK');
    expect((await config('/nodes/pve3/qemu/102')).scsi0).toContain('local-lvm:base-102-disk-0');
    const stop = await started(production, 'POST /nodes/pve3/lxc/105/status/stop');
    await done(stop, 2);
    const container = await call(production, 'POST /nodes/pve3/lxc/105/template');
    expect(container).toMatchObject({ status: 200, data: null });
    clock.advance(2);
    const tasks = rows(await call(production, 'GET /nodes/pve3/tasks', { typefilter: 'vztemplate', source: 'all' }));
    expect(tasks).toHaveLength(1);
    expect(guest(105)?.config.template).toBe(1);
  });
});
