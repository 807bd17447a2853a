import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ManualClock,
  type MigrationStage,
  type SimulatedCluster,
  type Simulator,
  startSimulator,
} from '../../src/simulator/listen.js';
import { call, exitOf, logOf, type Values } from './guest-calls.js';
import { endpointOf, migrate } from './remote-migration.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;
let recovery: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
  recovery = simulator.cluster('disaster-recovery');
});

afterEach(() => simulator.close());

const guestIn = (cluster: SimulatedCluster, vmid: number) => cluster.state.guests.find((entry) => entry.vmid === vmid);
const volumesOf = (cluster: SimulatedCluster, vmid: number) =>
  cluster.state.storages.flatMap(({ volumes }) =>
    volumes.filter((volume) => volume.vmid === vmid && volume.content !== 'backup').map(({ volid }) => volid),
  );
const stopped = 'pve3/qemu/102';
const running = 'pve2/qemu/101';

async function refused(guest: string, values: Values = {}) {
  const before = recovery.state.tasks.length;
  const { status, reason, body } = await migrate(production, recovery, guest, values);
  expect(recovery.state.tasks.length).toBe(before);
  return { status, reason, errors: body.errors };
}

/** Ends it; nothing of it may be left on the other side but what `left` names. */
async function failed(guest: string, values: Values = {}) {
  const answer = await migrate(production, recovery, guest, values);
  if (typeof answer.data !== 'string') throw new Error(`${answer.status} ${answer.reason} ${answer.text}`);
  clock.advance(300);
  const log = await logOf(production, answer.data);
  return { exit: await exitOf(production, answer.data), log: log.join('\n') };
}

async function aborted(guest: string, values: Values = {}) {
  const vmid = Number(guest.split('/')[2]);
  const status = guestIn(production, vmid)?.status;
  const { exit, log } = await failed(guest, values);
  expect(exit).toBe('migration aborted');
  expect(guestIn(production, vmid)?.status).toBe(status);
  expect(guestIn(production, vmid)?.config.lock).toBeUndefined();
  const target = Number(values['target-vmid'] ?? vmid);
  expect(volumesOf(recovery, target)).toEqual([]);
  return log;
}

describe('before there is a task', () => {
  test('guests that cannot go', async () => {
    const ha = await refused('pve1/qemu/103', { online: 1 });
    expect(ha).toMatchObject({ status: 400, errors: { vmid: 'cannot remote-migrate VM that is configured for HA' } });
    expect((await refused('pve1/lxc/107', { restart: 1 })).errors).toEqual({
      vmid: 'cannot migrate HA-managed CT to remote cluster',
    });
    expect((await refused('pve2/qemu/104', { online: 1 })).reason).toBe('VM is locked (backup)');
    expect((await refused(running)).reason).toBe("can't migrate running VM without --online");
    expect((await refused('pve3/lxc/105')).reason).toBe(
      "can't migrate running container without --online or --restart",
    );
    production.state.configuration.replication.push({ id: '102-0', settings: { target: 'pve1', type: 'local' } });
    expect((await refused(stopped)).reason).toBe('cannot remote-migrate replicated VM');
    expect((await refused('pve1/qemu/999')).status).toBe(500);
  });

  test('parameters', async () => {
    expect((await refused(stopped, { 'target-storage': '1' })).reason).toBe(
      'remote migration requires explicit storage mapping!',
    );
    expect((await refused(stopped, { 'target-bridge': 'vmbr0=vmbr0' })).errors).toHaveProperty('target-bridge');
    expect((await refused(stopped, { 'target-storage': 'a1:b1,a1:c1' })).errors).toEqual({
      'target-storage': "failed to parse storage map: duplicate mapping for source 'a1'",
    });
    expect((await refused(stopped, { 'target-endpoint': 'host=127.0.0.1' })).errors).toHaveProperty('target-endpoint');
    const unknown = `${endpointOf(recovery)},node=pve-dr1`;
    expect((await refused(stopped, { 'target-endpoint': unknown })).errors).toHaveProperty('target-endpoint');
  });

  test('the other side cannot be reached or does not trust', async () => {
    const reason = async (endpoint: string) => (await refused(stopped, { 'target-endpoint': endpoint })).reason;
    expect(await reason(endpointOf(recovery, { host: '10.99.0.1' }))).toMatch(/^500 Can't connect .*No route to host/);
    expect(await reason(endpointOf(recovery, { host: 'nowhere.example' }))).toMatch(/Name or service not known/);
    expect(await reason(endpointOf(recovery, { port: 1 }))).toMatch(/Connection refused/);
    const other = `${'AB:'.repeat(31)}AB`;
    expect(await reason(endpointOf(recovery, { fingerprint: other }))).toMatch(/certificate verify failed/);
    expect(await reason(endpointOf(recovery, { fingerprint: false }))).toMatch(/certificate verify failed/);
    expect(await reason(endpointOf(recovery, { token: `${recovery.tokenId}=wrong` }))).toBe(
      '401 Authentication failed!',
    );
    const secret = recovery.addToken('mover@pve!some', { '/vms': ['PVEVMAdmin'] });
    expect(await reason(endpointOf(recovery, { token: `mover@pve!some=${secret}` }))).toBe(
      '403 Permission check failed (/, Sys.Audit)',
    );
    recovery.setFault({ kind: 'unreachable' });
    expect(await reason(endpointOf(recovery))).toMatch(/Connection refused/);
    recovery.setFault(undefined);
    recovery.setFault({ kind: 'certificate' });
    expect(await reason(endpointOf(recovery))).toMatch(/certificate verify failed/);
  });

  test('the source without a quorum, or without the right to it', async () => {
    const secret = production.addToken('mover@pve!some', { '/vms': ['VM.Audit'] });
    const values = {
      'target-endpoint': endpointOf(recovery),
      'target-storage': 'local-lvm',
      'target-bridge': 'vmbr0',
    };
    const path = `POST /nodes/${stopped}/remote_migrate`;
    const answer = await call(production, path, values, `mover@pve!some=${secret}`);
    expect(answer).toMatchObject({ status: 403, reason: 'Permission check failed (/vms/102, VM.Migrate)' });
    production.setFault({ kind: 'no-quorum' });
    expect((await refused(stopped)).reason).toBe('cluster not ready - no quorum?');
  });

  test('a CPU model of the own is not the same over there', async () => {
    await call(production, 'PUT /nodes/pve3/qemu/102/config', { cpu: 'custom-fast' });
    const model = { id: 'fast', settings: { 'reported-model': 'EPYC', flags: '+aes' } };
    production.state.configuration.cpuModels.push(model);
    expect((await refused(stopped)).reason).toBe(
      "could not validate custom CPU model compatibility: 500 Custom cputype 'fast' not found",
    );
    recovery.state.configuration.cpuModels.push({ id: 'fast', settings: { 'reported-model': 'EPYC' } });
    expect((await refused(stopped)).reason).toMatch(/is not compatible/);
    recovery.state.configuration.cpuModels = [structuredClone(model)];
    expect((await migrate(production, recovery, stopped)).status).toBe(200);
  });
});

describe('the task is refused by the other side and leaves nothing', () => {
  test.each([
    ['Sys.Audit', /403 Permission check failed \(\/vms\/102, VM.Allocate\)/],
    ['Sys.Audit VM.Allocate', /403 Permission check failed \(\/, Sys.Incoming\)/],
    [
      'Sys.Audit VM.Allocate Sys.Incoming',
      /403 Permission check failed \(\/storage\/local-lvm, Datastore.AllocateSpace\)/,
    ],
    [
      'Sys.Audit VM.Allocate Sys.Incoming Datastore.AllocateSpace',
      /failed to handle 'config' command - 403 Permission check failed \(\/vms\/102, VM.Config/,
    ],
    [
      'Sys.Audit VM.Allocate Sys.Incoming Datastore.AllocateSpace VM.Config.CPU VM.Config.Disk VM.Config.CDROM VM.Config.HWType VM.Config.Memory VM.Config.Network VM.Config.Options',
      /failed to handle 'config' command - 403 Permission check failed \(\/sdn\/zones\/localnetwork\/vmbr0\/20, SDN.Use\)/,
    ],
  ])('a token with no more than %s', async (privileges, text) => {
    const secret = recovery.addToken('mover@pve!some', { '/': privileges.split(' ') });
    const endpoint = endpointOf(recovery, { token: `mover@pve!some=${secret}` });
    expect(await aborted(stopped, { 'target-endpoint': endpoint })).toMatch(text);
    expect(guestIn(recovery, 102)).toBeUndefined();
  });

  test('storage, bridge and number', async () => {
    expect(await aborted(stopped, { 'target-storage': 'none1' })).toMatch(/500 storage 'none1' does not exist/);
    expect(await aborted(stopped, { 'target-storage': 'pbs-backup' })).toMatch(/does not support vm images/);
    expect(await aborted('pve3/lxc/105', { restart: 1, 'target-storage': 'nfs-shared' })).toMatch(/CT rootdirs/);
    expect(await aborted(stopped, { 'target-bridge': 'vmbr9' })).toMatch(/500 bridge 'vmbr9' does not exist/);
    const { exit, log } = await failed(stopped, { 'target-vmid': 900 });
    expect(exit).toBe('migration aborted');
    expect(log).toMatch(/vmid: unable to create empty VM config - VM 900 already exists on node 'pve-dr1'/);
    expect(guestIn(recovery, 900)?.config.name).toBe('dr-web-1');
  });

  test('no quorum, an older protocol, a full storage', async () => {
    recovery.setFault({ kind: 'no-quorum' });
    expect(await aborted(stopped)).toMatch(/500 cluster not ready - no quorum\?/);
    recovery.setFault(undefined);
    const thin = recovery.state.storages.find(({ storage }) => storage === 'local-lvm');
    if (thin === undefined) throw new Error('no storage');
    const { total } = thin;
    thin.total = thin.used;
    expect(await aborted(stopped)).toMatch(/'disk-import' command - lvcreate .* Insufficient free space/);
    expect(guestIn(recovery, 102)).toBeUndefined();
    thin.total = total;
    recovery.state.tunnelVersion = 1;
    expect(await aborted(stopped)).toMatch(/Remote tunnel endpoint too old, upgrade required/);
  });
});

describe('what the source finds while it looks at the guest', () => {
  const config = (values: Record<string, string>) => {
    const guest = guestIn(production, 102);
    if (guest !== undefined) Object.assign(guest.config, values);
  };

  test('snapshots, an image in a drive, devices, raw paths', async () => {
    const snapshots = await aborted('pve2/qemu/143', { online: 1 });
    expect(snapshots).toMatch(/online storage migration not possible if non-replicated snapshot exists/);
    expect(snapshots).toMatch(/Problem found while scanning volumes - can't migrate VM - check log/);
    config({ ide2: 'local:iso/debian-12.11.0-amd64-netinst.iso,media=cdrom' });
    expect(await aborted(stopped)).toMatch(/can't migrate local disk 'local:iso\/debian.*': local cdrom image/);
    config({ ide2: 'none,media=cdrom', hostpci0: '0000:01:00.0', usb0: 'host=0951:1666' });
    expect(await aborted(stopped)).toMatch(/can't migrate VM which uses local devices: hostpci0, usb0$/m);
    delete guestIn(production, 102)?.config.hostpci0;
    config({ usb0: 'spice', scsi1: '/dev/sdb,size=1T' });
    expect(await aborted(stopped)).toMatch(/'\/dev\/sdb': local file\/device/);
    expect(guestIn(recovery, 102)).toBeUndefined();
  });

  test('a base image in use and its clone', async () => {
    const clone = await call(production, 'POST /nodes/pve1/qemu/110/clone', { newid: 190, full: 0 });
    clock.advance(60);
    expect(await exitOf(production, String(clone.data))).toBe('OK');
    expect(await aborted('pve1/qemu/110', { 'target-storage': 'nfs-shared' })).toMatch(/referenced by linked clone/);
    expect(await aborted('pve1/qemu/190', { 'target-storage': 'nfs-shared' })).toMatch(/as it's a clone of 'base-110/);
  });

  test('streams that the other storage does not take', async () => {
    await call(production, 'PUT /nodes/pve3/qemu/102/config', { scsi1: 'nfs-shared:4,format=qcow2' });
    const log = await aborted(stopped);
    expect(log).toMatch(/'disk-import' command - unsupported format 'qcow2' for storage type lvmthin/);
    const [storage] = production.state.storages.filter((entry) => entry.storage === 'nfs-shared');
    if (storage !== undefined) storage.type = 'zfs';
    expect(await aborted(stopped)).toMatch(/no export formats for 'nfs-shared:102\/vm-102-disk-0.qcow2'/);
  });

  test('keys that only root may set, after the disks were copied', async () => {
    config({ args: '-no-hpet' });
    const log = await aborted(stopped);
    expect(log).toMatch(/copied,[\s\S]*failed to handle 'config' command - only root can set 'args' config/);
    const container = guestIn(production, 105);
    if (container !== undefined) container.config.features = 'nesting=1,keyctl=1';
    expect(await aborted('pve3/lxc/105', { restart: 1 })).toMatch(
      /copied,[\s\S]*changing feature flags \(except nesting\) is only allowed for root@pam/,
    );
  });

  test('a container is not moved live', async () => {
    expect(await aborted('pve3/lxc/105', { online: 1 })).toMatch(/lxc live migration is currently not implemented/);
  });
});

describe('late failures', () => {
  const fail = (at: MigrationStage) => production.setFault({ kind: 'migration', at }, { times: 1 });

  test.each([
    [stopped, {}],
    [running, { online: 1 }],
    ['pve3/lxc/105', { restart: 1 }],
  ])('%s: in phase 1 all is taken back', async (guest, values) => {
    fail('copy');
    await aborted(guest, { ...values, delete: 1 });
    expect(guestIn(recovery, Number(guest.split('/')[2]))).toBeUndefined();
    fail('config');
    await aborted(guest, { ...values, delete: 1 });
    expect((await failed(guest, values)).exit).toBe('OK');
  });

  test('with the connection lost while disks are copied the other side keeps an empty locked guest', async () => {
    fail('connection');
    const { exit, log } = await failed(stopped, { delete: 1 });
    expect(exit).toBe('migration aborted');
    expect(log).toMatch(/aborting phase 1/);
    expect(guestIn(production, 102)?.config.lock).toBeUndefined();
    expect(guestIn(recovery, 102)?.config).toEqual({ lock: 'create' });
    expect(volumesOf(recovery, 102)).toHaveLength(1);
    expect(recovery.state.tasks.at(-1)).toMatchObject({ type: 'qmtunnel', exitstatus: 'mtunnel exited unexpectedly' });
  });

  test('the same when the other cluster goes away under way', async () => {
    const { data } = await migrate(production, recovery, stopped);
    clock.advance(6);
    expect(guestIn(production, 102)?.config.lock).toBe('migrate');
    recovery.setFault({ kind: 'unreachable' });
    clock.advance(60);
    expect(await exitOf(production, String(data))).toBe('migration aborted');
    recovery.setFault(undefined);
    expect(guestIn(recovery, 102)?.config.lock).toBe('create');
  });

  test('with the source dead nobody says how it ended', async () => {
    fail('source');
    const { exit, log } = await failed(stopped, { delete: 1 });
    expect(exit).toBe('unexpected status');
    expect(log).not.toMatch(/TASK|ERROR/);
    expect(guestIn(production, 102)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
    expect(guestIn(recovery, 102)?.config).toEqual({ lock: 'create' });
  });

  test('in phase 2 the source goes on and the other side is cleared', async () => {
    fail('memory');
    const { exit, log } = await failed(running, { online: 1, delete: 1 });
    expect(exit).toBe('migration problems');
    expect(log).toMatch(/online migrate failure - aborting[\s\S]*migration finished with problems/);
    expect(guestIn(production, 101)).toMatchObject({ status: 'running' });
    expect(guestIn(production, 101)?.config.lock).toBeUndefined();
    expect(guestIn(recovery, 101)).toBeUndefined();
    expect(volumesOf(recovery, 101)).toEqual([]);
  });

  test('in phase 2 with the connection lost both sides have a guest', async () => {
    fail('connection');
    expect((await failed(running, { online: 1, delete: 1 })).exit).toBe('migration problems');
    expect(guestIn(production, 101)).toMatchObject({ status: 'running' });
    expect(guestIn(recovery, 101)).toMatchObject({ qmpstatus: 'inmigrate', config: { lock: 'migrate' } });
  });

  test('in phase 3 the guest may hang on the other side, and the source is gone all the same', async () => {
    fail('resume');
    expect((await failed(running, { online: 1, delete: 1 })).exit).toBe('migration problems');
    expect(guestIn(production, 101)).toBeUndefined();
    expect(guestIn(recovery, 101)).toMatchObject({ status: 'running', qmpstatus: 'inmigrate' });
  });

  test('in phase 3 the lock may stay, and the source is kept', async () => {
    fail('unlock');
    expect((await failed(stopped, { delete: 1 })).exit).toBe('migration problems');
    expect(guestIn(production, 102)?.config.lock).toBe('migrate');
    expect(guestIn(recovery, 102)?.config).toMatchObject({ name: 'prod-web-3', lock: 'migrate' });
  });

  test('a container that does not start over there', async () => {
    fail('resume');
    expect((await failed('pve3/lxc/105', { restart: 1, delete: 1 })).exit).toBe('migration problems');
    expect(guestIn(production, 105)).toMatchObject({ status: 'stopped', config: { lock: 'migrate' } });
    expect(guestIn(recovery, 105)).toMatchObject({ status: 'stopped' });
  });

  test('interrupted, it is taken back', async () => {
    const { data } = await migrate(production, recovery, stopped);
    clock.advance(6);
    expect(guestIn(recovery, 102)?.config.lock).toBe('create');
    const path = `/nodes/pve3/tasks/${encodeURIComponent(String(data))}`;
    expect((await call(production, `DELETE ${path}`)).status).toBe(200);
    expect(await exitOf(production, String(data))).toBe('migration aborted');
    expect(guestIn(production, 102)?.config.lock).toBeUndefined();
    expect(guestIn(recovery, 102)).toBeUndefined();
  });

  test('a token that is taken away under way', async () => {
    const { data } = await migrate(production, recovery, stopped);
    clock.advance(6);
    await call(recovery, 'DELETE /access/users/mcp@pve/token/main');
    clock.advance(60);
    expect(await exitOf(production, String(data))).toBe('migration aborted');
    expect(guestIn(production, 102)?.config.lock).toBeUndefined();
  });
});
