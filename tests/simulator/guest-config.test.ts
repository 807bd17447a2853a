import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { call, exitOf, started, type Values } from './guest-calls.js';
import { row, rows } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;
const running = '/nodes/pve1/qemu/100';
const stopped = '/nodes/pve3/qemu/102';

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
});

afterEach(() => simulator.close());

async function config(path: string, values: Values = {}): Promise<Record<string, unknown>> {
  return row(await call(production, `GET ${path}/config`, values));
}

const put = (path: string, values: Values) => call(production, `PUT ${path}/config`, values);

describe('a configuration', () => {
  test('of a stopped VM changes at once and answers null', async () => {
    const answer = await put(stopped, { cores: 6, tags: 'Web;PROD;web', description: 'Spare' });
    expect(answer).toMatchObject({ status: 200, body: { data: null } });
    expect(await config(stopped)).toMatchObject({ cores: 6, tags: 'prod;web', description: 'Spare\n' });
  });

  test('of a running VM waits where it cannot be hotplugged', async () => {
    await put(running, { cores: 8, memory: 4096, net1: 'virtio,bridge=vmbr0', name: 'renamed' });
    const live = await config(running, { current: 1 });
    expect(live).toMatchObject({ cores: 4, name: 'renamed' });
    expect(live.net1).toMatch(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0$/);
    expect(await config(running)).toMatchObject({ cores: 8, memory: '4096' });
    const pending = rows(await call(production, `GET ${running}/pending`));
    expect(pending.find((entry) => entry.key === 'cores')).toEqual({ key: 'cores', value: 4, pending: 8 });
    await put(running, { revert: 'cores,memory' });
    expect(await config(running)).toMatchObject({ cores: 4 });
    await put(running, { delete: 'agent' });
    const waiting = rows(await call(production, `GET ${running}/pending`));
    expect(waiting.find((entry) => entry.key === 'agent')).toMatchObject({ delete: 1 });
  });

  test('replaces whole property strings, with a new address where none is given', async () => {
    const before = String((await config(running)).net0);
    await put(running, { net0: 'virtio,bridge=vmbr0,tag=30' });
    const after = String((await config(running)).net0);
    expect(after).toContain('tag=30');
    expect(after).not.toContain('firewall');
    expect(after.split(',')[0]).not.toBe(before.split(',')[0]);
  });

  test('is held against its digest', async () => {
    const wrong = await put(running, { name: 'x', digest: 'a'.repeat(40) });
    expect(wrong).toMatchObject({ status: 500, reason: 'checksum mismatch (file change by other user?)' });
    const container = await put('/nodes/pve3/lxc/105', { hostname: 'x', digest: 'a'.repeat(40) });
    expect(container.reason).toBe('detected modified configuration - file changed by other user? Try again.');
    const { digest } = await config(running);
    expect((await put(running, { name: 'x', digest: String(digest) })).status).toBe(200);
  });

  test('makes, detaches and destroys disks', async () => {
    await put(stopped, { scsi1: 'local-lvm:10,ssd=1' });
    expect((await config(stopped)).scsi1).toBe('local-lvm:vm-102-disk-1,size=10G,ssd=1');
    await put(stopped, { delete: 'scsi1' });
    expect(await config(stopped)).toMatchObject({ unused0: 'local-lvm:vm-102-disk-1' });
    await put(stopped, { scsi2: 'local-lvm:vm-102-disk-1' });
    expect(await config(stopped)).not.toHaveProperty('unused0');
    expect((await config(stopped)).scsi2).toBe('local-lvm:vm-102-disk-1,size=10G');
    await call(production, `PUT ${stopped}/unlink`, { idlist: 'scsi2', force: 1 });
    const volumes = production.state.storages.flatMap((entry) => entry.volumes);
    expect(volumes.some((volume) => volume.volid === 'local-lvm:vm-102-disk-1')).toBe(false);
  });

  test('refuses what it must', async () => {
    expect((await put(stopped, {})).reason).toBe('no options specified');
    expect((await put(stopped, { bogus: 1 })).body.errors).toHaveProperty('bogus');
    expect((await put(stopped, { net0: 'bridge=vmbr0' })).body.errors).toHaveProperty('net0');
    expect((await put(stopped, { net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0' })).status).toBe(200);
    expect((await put(stopped, { boot: 'order=scsi9' })).reason).toContain("'scsi9' does not exist");
    expect((await put(stopped, { args: '-foo' })).reason).toBe("only root can set 'args' config");
    expect((await put('/nodes/pve2/qemu/104', { name: 'x' })).reason).toBe('VM is locked (backup)');
    expect((await put('/nodes/pve3/lxc/105', { features: 'mount=nfs' })).status).toBe(403);
    expect((await put(stopped, { skiplock: 1, delete: 'lock' })).status).toBe(400);
    expect((await put(stopped, { sshkeys: 'no key' })).body.errors).toHaveProperty('sshkeys');
    expect((await put(stopped, { sshkeys: 'no%20key' })).reason).toBe('SSH public key validation error');
  });

  test('hides its password and regenerates cloud-init', async () => {
    await put(running, { ciuser: 'admin', cipassword: 'secret', ipconfig0: 'ip=dhcp' });
    expect(await config(running)).toMatchObject({ cipassword: '**********' });
    const waiting = rows(await call(production, `GET ${running}/cloudinit`));
    expect(waiting).toContainEqual({ key: 'ciuser', pending: 'admin' });
    expect((await call(production, `PUT ${running}/cloudinit`)).data).toBeNull();
    expect(rows(await call(production, `GET ${running}/cloudinit`))).toContainEqual({ key: 'ciuser', value: 'admin' });
    const dump = await call(production, `GET ${running}/cloudinit/dump`, { type: 'user' });
    expect(dump.data).toContain('user: admin');
  });

  test('by POST is a task, or null when it was quick enough', async () => {
    const upid = await started(production, `POST ${stopped}/config`, { cores: 3 });
    expect(upid).toContain(':qmconfig:102:');
    expect(await config(stopped)).toMatchObject({ cores: 4 });
    clock.advance(1);
    expect(await exitOf(production, upid)).toBe('OK');
    expect(await config(stopped)).toMatchObject({ cores: 3 });
    const quick = await call(production, `POST ${stopped}/config`, { cores: 5, background_delay: 5 });
    expect(quick.data).toBeNull();
    expect(await config(stopped)).toMatchObject({ cores: 5 });
    const full = await started(production, `POST ${stopped}/config`, { scsi5: 'local-lvm:99999' });
    clock.advance(1);
    expect(await exitOf(production, full)).toContain('Insufficient free space');
  });
});

describe('disks', () => {
  test('grow in a task and never shrink', async () => {
    const upid = await started(production, `PUT ${running}/resize`, { disk: 'scsi0', size: '+10G' });
    clock.advance(1);
    expect(await exitOf(production, upid)).toBe('OK');
    expect((await config(running)).scsi0).toContain('size=50G');
    const smaller = await started(production, `PUT ${running}/resize`, { disk: 'scsi0', size: '8G' });
    const missing = await started(production, `PUT ${running}/resize`, { disk: 'scsi9', size: '8G' });
    clock.advance(1);
    expect(await exitOf(production, smaller)).toBe('shrinking disks is not supported');
    expect(await exitOf(production, missing)).toBe("disk 'scsi9' does not exist");
    const container = await call(production, 'PUT /nodes/pve3/lxc/105/resize', { disk: 'rootfs', size: '1G' });
    expect(container).toMatchObject({ status: 500, reason: 'unable to shrink disk size' });
  });

  test('move to another storage, and the source stays or goes', async () => {
    const same = await call(production, `POST ${stopped}/move_disk`, { disk: 'scsi0', storage: 'local-lvm' });
    expect(same.reason).toBe("you can't move to the same storage with same format");
    const upid = await started(production, `POST ${stopped}/move_disk`, { disk: 'scsi0', storage: 'nfs-shared' });
    clock.advance(6);
    expect(await exitOf(production, upid)).toBe('OK');
    const moved = await config(stopped);
    expect(moved.scsi0).toMatch(/^nfs-shared:102\/vm-102-disk-0.qcow2,.*size=40G/);
    expect(moved.unused0).toBe('local-lvm:vm-102-disk-0');
    const neither = await call(production, `POST ${stopped}/move_disk`, { disk: 'scsi0' });
    expect(neither.body.errors).toHaveProperty('target-vmid');
  });
});
