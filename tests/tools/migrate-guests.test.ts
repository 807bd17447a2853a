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
const state = () => simulator.cluster(cluster).state;
const guest = (vmid: number) => state().guests.find((one) => one.vmid === vmid);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('a VM', () => {
  it('moves running, with its local disks where that is asked', async () => {
    const args = { cluster, vmid: 112, target_node: 'pve2' };
    const refused = await session.call('proxmox-migrate-vm', args);
    expect(refused.data.error.message).toContain('scsi0 (local-lvm:vm-112-disk-0)');
    expect(refused.data.error.message).toContain('set with_local_disks');
    const { data: preview } = await session.call('proxmox-migrate-vm', {
      ...args,
      with_local_disks: true,
      dry_run: true,
    });
    expect(preview.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve1/qemu/112/migrate',
        parameters: { target: 'pve2', online: true, 'with-local-disks': true },
      },
    ]);
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-migrate-vm', { ...args, with_local_disks: true, bwlimit_kib: 50_000 });
    expect(data.result).toMatchObject({ node: 'pve1', target_node: 'pve2', task: { state: 'ok' } });
    expect(guest(112)).toMatchObject({ node: 'pve2', status: 'running' });
  });

  it('moves stopped', async () => {
    const { data } = await session.call('proxmox-migrate-vm', { cluster, vmid: 102, target_node: 'pve1' });
    expect(data.result.task.state).toBe('ok');
    expect(guest(102)?.node).toBe('pve1');
    const again = await session.call('proxmox-migrate-vm', { cluster, vmid: 102, target_node: 'pve1' });
    expect(again.data.result.unchanged).toBe('it is on that node');
    expect(writes()).toBe(before + 1);
  });

  it('is told all that hinders it at once', async () => {
    const found = guest(143);
    if (found !== undefined) found.config.hostpci0 = '0000:01:00.0';
    if (found !== undefined) found.config.ide0 = 'local-lvm:vm-143-cloudinit,media=cdrom';
    if (found !== undefined) found.config.ide2 = 'local:iso/debian-12.11.0-amd64-netinst.iso,media=cdrom';
    const args = { cluster, vmid: 143, target_node: 'pve3', live: false };
    const { data } = await session.call('proxmox-migrate-vm', args);
    for (const why of [
      'set live, or shut it down',
      'local disks: scsi0',
      'ide0 (local-lvm',
      'local devices: hostpci0',
      'local CD image: ide2',
    ])
      expect(data.error.message).toContain(why);
    expect(writes()).toBe(before);
  });

  it('is told the storages that a node lacks', async () => {
    const thin = state().storages.find(({ storage }) => storage === 'local-lvm');
    if (thin !== undefined) thin.nodes = ['pve1', 'pve3'];
    const { data } = await session.call('proxmox-migrate-vm', { cluster, vmid: 145, target_node: 'pve2' });
    if (thin !== undefined) thin.nodes = undefined;
    expect(data.error.message).toContain("node 'pve2': unavailable storages local-lvm");
    expect(writes()).toBe(before);
  });

  it.each([
    [{ vmid: 104, target_node: 'pve1' }, 'locked (backup)'],
    [{ vmid: 102, target_node: 'pve7' }, "there is no node 'pve7'"],
  ])('%j is refused before anything is sent', async (args, why) => {
    const { data } = await session.call('proxmox-migrate-vm', { cluster, ...args });
    expect(data.error.message).toContain(why);
    expect(writes()).toBe(before);
  });

  it('that HA manages is asked for, and that is said', async () => {
    const args = { cluster, vmid: 103, target_node: 'pve2', with_local_disks: true };
    const { data } = await session.call('proxmox-migrate-vm', args);
    expect(data.result.upid).toContain(':hamigrate:');
    expect(data.notes).toEqual([expect.stringContaining('HA manages it')]);
  });

  it('needs a privilege, and names it', async () => {
    const secret = simulator.cluster(cluster).addToken('eyes@pve!only', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!only',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-migrate-vm', { cluster, vmid: 145, target_node: 'pve1' });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Migrate') });
  });
});

describe('a container', () => {
  it('is stopped, moved and started, once that is confirmed', async () => {
    const args = { cluster, vmid: 142, target_node: 'pve2' };
    const refused = await session.call('proxmox-migrate-lxc', { ...args, confirm: true });
    expect(refused.data.error.message).toContain('set restart');
    const { data: plan } = await session.call('proxmox-migrate-lxc', { ...args, restart: true, grace: 30 });
    expect(plan.plan.writes[0].parameters).toEqual({ target: 'pve2', restart: true, timeout: 30 });
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-migrate-lxc', { ...args, restart: true, confirm: true });
    expect(data.result.task.state).toBe('ok');
    expect(guest(142)).toMatchObject({ node: 'pve2', status: 'running' });
  });

  it('with a path of the host stays', async () => {
    const found = guest(108);
    if (found !== undefined) found.config.mp0 = '/srv/data,mp=/data';
    const args = { cluster, vmid: 108, target_node: 'pve1', restart: true, confirm: true };
    const { data } = await session.call('proxmox-migrate-lxc', args);
    expect(data.error.message).toContain('paths of the host: mp0 (/srv/data)');
    expect(writes()).toBe(before);
  });
});
