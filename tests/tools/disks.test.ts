import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { startRawServer } from '../pve/raw-server.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  // So that a container's volumes have somewhere to go.
  simulator
    .cluster('production')
    .state.storages.find(({ storage }) => storage === 'nfs-shared')
    ?.content.push('rootdir');
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

const guest = (vmid: number) => simulator.cluster('production').state.guests.find((one) => one.vmid === vmid);
const config = (vmid: number) => guest(vmid)?.config ?? {};
const volume = (volid: string) =>
  simulator.cluster('production').state.storages.flatMap(({ volumes }) => volumes.filter((one) => one.volid === volid));
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

const done = async (tool: string, args: Record<string, unknown>) => {
  const answer = await session.call(tool, { ...args, confirm: undefined });
  expect(answer.isError, answer.text).toBe(false);
  return answer.data;
};
const confirmed = async (tool: string, args: Record<string, unknown>) => {
  const plan = await session.call(tool, args);
  expect(plan.data.plan.next, plan.text).toContain("'confirm': true");
  expect(writes()).toBe(before);
  const answer = await session.call(tool, { ...args, confirm: true });
  expect(answer.isError, answer.text).toBe(false);
  return { plan: plan.data.plan, result: answer.data.result, notes: answer.data.notes };
};
const refused = async (tool: string, args: Record<string, unknown>) => {
  const { data, isError } = await session.call(tool, args);
  expect(isError).toBe(true);
  expect(writes()).toBe(before);
  return data.error;
};

describe('the size of a disk', () => {
  it('grows by so much, and a preview changes nothing', async () => {
    const args = { vmid: 101, disk: 'scsi0', grow_gb: 8 };
    const preview = await session.call('proxmox-resize-vm-disk', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([
      {
        method: 'PUT',
        path: '/nodes/pve2/qemu/101/resize',
        parameters: { disk: 'scsi0', size: '+8G', digest: expect.any(String) },
      },
    ]);
    expect(writes()).toBe(before);
    const { result } = await done('proxmox-resize-vm-disk', args);
    expect(result).toMatchObject({ disk: 'scsi0', before: '40G', task: { state: 'ok' } });
    expect(config(101).scsi0).toContain('size=48G');
    expect(config(101).scsi0).toContain('ssd=1');
  });

  it('grows to so much, and takes the only disk where none is named', async () => {
    const { result, notes } = await done('proxmox-resize-lxc-disk', { vmid: 106, size_gb: 20 });
    expect(result).toMatchObject({ disk: 'rootfs', before: '16G', size: '20G', task: { state: 'ok' } });
    expect(notes).toEqual(['Disk: rootfs, the only one.']);
    expect(config(106).rootfs).toContain('size=20G');
    const again = await done('proxmox-resize-lxc-disk', { vmid: 106, size_gb: 20 });
    expect(again.result.unchanged).toBe('it has 20G');
  });

  it('never shrinks', async () => {
    const error = await refused('proxmox-resize-vm-disk', { vmid: 101, disk: 'scsi0', size_gb: 10 });
    expect(error.message).toContain('never shrinks');
  });

  it('names the disks there are for one that is not there, and a CD drive cannot grow', async () => {
    const missing = await refused('proxmox-resize-vm-disk', { vmid: 101, disk: 'scsi9', grow_gb: 1 });
    expect(missing.next).toContain('scsi0 (local-lvm:vm-101-disk-0');
    await refused('proxmox-resize-vm-disk', { vmid: 101, disk: 'ide2', grow_gb: 1 });
  });

  it('takes one of its two arguments', async () => {
    for (const args of [{}, { grow_gb: 1, size_gb: 90 }]) {
      const error = await refused('proxmox-resize-vm-disk', { vmid: 101, ...args });
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'grow_gb' }] });
    }
  });

  it('fails with what the task says of a locked VM', async () => {
    const { isError, text } = await session.call('proxmox-resize-vm-disk', { vmid: 104, grow_gb: 1 });
    expect(isError).toBe(true);
    expect(text).toContain('locked');
  });

  it('names the privilege that is missing', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!disks', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!disks',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-resize-vm-disk', { vmid: 101, grow_gb: 1 });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Config.Disk') });
  });
});

describe('a disk of a VM', () => {
  it('is made in the next free slot, on the storage that was named', async () => {
    const args = { vmid: 101, size_gb: 4, storage: 'nfs-shared', options: 'discard=on,ssd=1' };
    const preview = await session.call('proxmox-attach-disk', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve2/qemu/101/config',
        parameters: { scsi1: 'nfs-shared:4,discard=on,ssd=1', digest: expect.any(String) },
      },
    ]);
    expect(config(101).scsi1).toBeUndefined();
    const { result } = await done('proxmox-attach-disk', args);
    expect(result).toMatchObject({ disk: 'scsi1', task: { state: 'ok' }, value: expect.stringContaining('size=4G') });
    expect(result.pending).toBeUndefined();
    expect(config(101).scsi1).toContain('discard=on');
  });

  it('is pending where a running VM cannot take it, and that is said', async () => {
    const { result, notes } = await done('proxmox-attach-disk', {
      vmid: 101,
      size_gb: 1,
      storage: 'local-lvm',
      slot: 'sata',
    });
    expect(result).toMatchObject({ disk: 'sata0', pending: ['sata0'] });
    expect(notes.join()).toContain('Not in effect yet: sata0');
  });

  it('moves to another storage, with all its options, and its original goes when that is asked', async () => {
    const args = { vmid: 101, disk: 'scsi1', storage: 'local-lvm', delete_original: true };
    const preview = await session.call('proxmox-move-disk', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([
      { path: '/nodes/pve2/qemu/101/move_disk', parameters: { disk: 'scsi1', storage: 'local-lvm', delete: true } },
    ]);
    expect(writes()).toBe(before);
    const { plan, result } = await confirmed('proxmox-move-disk', args);
    expect(plan.notes).toEqual([expect.stringMatching(/scsi1 \(nfs-shared:.*; the original is deleted\./)]);
    expect(result).toMatchObject({ to: 'local-lvm', task: { state: 'ok' } });
    expect(config(101).scsi1).toMatch(/^local-lvm:.*discard=on/);
    expect(volume(result.from)).toEqual([]);
  });

  it('goes nowhere else', async () => {
    const tool = 'proxmox-move-disk';
    const none = await refused(tool, { vmid: 101, disk: 'scsi1', storage: 'pbs-backup' });
    expect(none).toMatchObject({
      message: expect.stringContaining('no images'),
      next: expect.stringContaining('local-lvm'),
    });
    await refused(tool, { vmid: 101, disk: 'scsi1', storage: 'nowhere' });
    await refused(tool, { vmid: 101, disk: 'scsi1', storage: 'local-lvm' });
    await refused(tool, { vmid: 101, disk: 'ide2', storage: 'nfs-shared' });
    await refused(tool, { vmid: 101, disk: 'scsi1', target_vmid: 104 });
    await refused(tool, { vmid: 105, disk: 'rootfs', storage: 'nfs-shared' });
    const error = await refused(tool, { vmid: 101, disk: 'scsi1' });
    expect(error.arguments).toMatchObject([{ argument: 'storage' }]);
  });

  it('is detached when that is confirmed, keeps its data, is attached again, and is deleted', async () => {
    const detached = await confirmed('proxmox-detach-disk', { vmid: 101, disk: 'scsi1' });
    expect(detached.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve2/qemu/101/config',
        parameters: { delete: 'scsi1', digest: expect.any(String) },
      },
    ]);
    expect(detached.plan.notes.join()).toContain('scsi1 (local-lvm:');
    expect(detached.result).toMatchObject({ kept_as: 'unused0', task: { state: 'ok' } });
    expect(volume(detached.result.volid)).toHaveLength(1);
    expect(config(101).scsi1).toBeUndefined();

    const again = await done('proxmox-attach-disk', { vmid: 101, volid: 'unused0', slot: 'virtio' });
    expect(again.result).toMatchObject({ disk: 'virtio0' });
    expect(config(101).virtio0).toContain(detached.result.volid);
    expect(config(101).unused0).toBeUndefined();

    before = writes();
    const deleted = await confirmed('proxmox-delete-disk', { vmid: 101, disk: 'virtio0' });
    expect(deleted.plan.notes.join()).toContain('Deleted with its data would be virtio0');
    expect(deleted.result).toMatchObject({ deleted: detached.result.volid, task: { state: 'ok' } });
    expect(config(101)).not.toHaveProperty('virtio0');
    expect(volume(detached.result.volid)).toEqual([]);
  });

  it('is not called detached or deleted where that was not seen', async () => {
    await done('proxmox-attach-disk', { vmid: 102, size_gb: 1, storage: 'local-lvm', slot: 'scsi9' });
    const args = { vmid: 102, confirm: true, wait: false };
    const { data: detached } = await session.call('proxmox-detach-disk', { ...args, disk: 'scsi9' });
    expect(detached.result.kept_as).toBeUndefined();
    expect(detached.notes).toContainEqual(expect.stringMatching(/^Asked: detach scsi9 /));
    await expect.poll(() => config(102).unused0).toBeDefined();
    const { data: deleted } = await session.call('proxmox-delete-disk', { ...args, disk: 'unused0' });
    expect(deleted.result.deleted).toBeUndefined();
    expect(deleted.notes).toContainEqual(expect.stringMatching(/^Asked: delete unused0 /));
    await expect.poll(() => config(102).unused0).toBeUndefined();
  });

  it('is handed to another VM on the node', async () => {
    await done('proxmox-attach-disk', { vmid: 102, size_gb: 1, storage: 'local-lvm' });
    before = writes();
    const args = { vmid: 102, disk: 'scsi1', target_vmid: 117, target_disk: 'scsi4' };
    await refused('proxmox-move-disk', { ...args, target_disk: 'scsi0' });
    const { plan } = await confirmed('proxmox-move-disk', args);
    expect(plan.notes).toEqual([
      expect.stringMatching(/^VM 102 would lose scsi1 .* to VM 117 \(.+, running\), which gets it as scsi4\.$/),
    ]);
    expect(plan.writes).toMatchObject([
      {
        parameters: {
          'target-vmid': 117,
          'target-disk': 'scsi4',
          'target-digest': expect.stringMatching(/^[0-9a-f]{40}$/),
        },
      },
    ]);
    expect(config(102).scsi1).toBeUndefined();
    expect(config(117).scsi4).toContain('local-lvm:vm-117-disk-');
  });

  it("is not another guest's", async () => {
    const args = { vmid: 101, volid: 'local-lvm:vm-100-disk-0' };
    expect((await refused('proxmox-attach-disk', args)).message).toContain('disk of guest 100');
    await refused('proxmox-attach-disk', { vmid: 101, volid: 'local-lvm:vm-101-disk-0' });
    await refused('proxmox-attach-disk', { vmid: 101, volid: 'unused7' });
    await refused('proxmox-attach-disk', { vmid: 101, size_gb: 1, storage: 'local-lvm', slot: 'scsi0' });
    await refused('proxmox-attach-disk', { vmid: 101, size_gb: 1 });
  });

  it.each([
    ['local-lvm', 'available', ['local-lvm', 'nfs-shared'], 'Storage: local-lvm, the default.'],
    [
      'pbs-backup',
      'available',
      ['local-lvm', 'nfs-shared'],
      'no storage was named; the default pbs-backup does not fit',
    ],
    [
      'pbs-backup',
      'available',
      ['local-lvm'],
      'Storage: local-lvm, the only one for disks; the default pbs-backup does not fit.',
    ],
    [
      'nfs-shared',
      'unknown',
      ['local-lvm', 'nfs-shared'],
      'Storage: local-lvm, the only one for disks; the default nfs-shared does not fit.',
    ],
  ])('is made on the default %s where that is %s and fits beside %j', async (preset, status, holding, told) => {
    const rows = ['local-lvm', 'nfs-shared', 'pbs-backup'].map((storage) => ({
      ...{ type: 'storage', id: `storage/pve1/${storage}`, node: 'pve1', storage },
      ...{
        status: storage === preset ? status : 'available',
        content: holding.includes(storage) ? 'images' : 'backup',
      },
    }));
    const guest = {
      type: 'qemu',
      id: 'qemu/100',
      vmid: 100,
      node: 'pve1',
      name: 'web',
      status: 'running',
      template: 0,
    };
    const server = await startRawServer((response, { target }) => {
      const { pathname } = new URL(target, 'http://pve');
      const config = pathname.endsWith('/config') ? { digest: 'a'.repeat(40) } : [];
      response.end(JSON.stringify({ data: pathname.endsWith('/resources') ? [guest, ...rows] : config }));
    });
    const other = await startSession({
      PROXMOX_API_URL: server.url,
      PROXMOX_TOKEN_ID: 'mcp@pve!test',
      PROXMOX_TOKEN_SECRET: '11111111-2222-3333-4444-555555555555',
      PROXMOX_DEFAULT_STORAGE: preset,
      PROXMOX_CLUSTER_VALIDATION: 'false',
    });
    const { text } = await other.call('proxmox-attach-disk', { vmid: 100, size_gb: 1, dry_run: true });
    await other.close();
    await server.close();
    expect(text).toContain(told);
  });

  it.each([
    ['size_gb', {}],
    ['size_gb', { size_gb: 1, volid: 'unused0' }],
    ['mp', { size_gb: 1, mp: '/data' }],
    ['options', { size_gb: 1, options: 'file=local:1' }],
    ['slot', { size_gb: 1, storage: 'local-lvm', slot: 'mp0' }],
    ['storage', { volid: 'unused0', storage: 'local-lvm' }],
  ])('is not made with a wrong %s', async (argument, args) => {
    const error = await refused('proxmox-attach-disk', { vmid: 101, ...args });
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
  });

  it('fails with its task where a storage is full', async () => {
    const args = { vmid: 101, size_gb: 100_000, storage: 'nfs-shared' };
    const { data, isError } = await session.call('proxmox-attach-disk', args);
    expect(isError).toBe(true);
    expect(data.result.value).toBeUndefined();
    expect(data.notes.join()).toMatch(/Asked: set scsi\d+: nfs-shared:100000\./);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('No space') });
  });
});

describe('a CD drive', () => {
  const iso = 'nfs-shared:iso/virtio-win-0.1.271.iso';

  it('gets an image where there is a free slot, and another one where it is there', async () => {
    const { result } = await done('proxmox-attach-disk', { vmid: 101, volid: iso });
    expect(result).toMatchObject({ disk: 'ide0', pending: ['ide0'] });
    const inserted = await done('proxmox-attach-disk', { vmid: 101, volid: iso, slot: 'ide2' });
    expect(inserted.result.pending).toBeUndefined();
    expect(config(101).ide2).toBe(`${iso},media=cdrom`);
    await done('proxmox-attach-disk', { vmid: 101, volid: 'none', slot: 'ide2' });
    expect(config(101).ide2).toBe('none,media=cdrom');
  });

  it.each(['none', iso])('of cloud-init is not replaced by %s', async (volid) => {
    config(101).sata4 = 'local-lvm:vm-101-cloudinit,media=cdrom';
    const error = await refused('proxmox-attach-disk', { vmid: 101, volid, slot: 'sata4' });
    delete config(101).sata4;
    expect(error.message).toContain('cloud-init drive at sata4');
  });

  it('is taken out, and not deleted', async () => {
    await refused('proxmox-delete-disk', { vmid: 102, disk: 'ide2', confirm: true });
    const { result, notes } = await confirmed('proxmox-detach-disk', { vmid: 102, disk: 'ide2' });
    expect(result.kept_as).toBeUndefined();
    expect(notes.join()).toContain('told to boot from ide2');
    expect(config(102).ide2).toBeUndefined();
  });
});

describe('a volume of a container', () => {
  it('is made, moved while the container is stopped, detached and deleted', async () => {
    const made = await done('proxmox-attach-disk', { vmid: 107, size_gb: 2, storage: 'local-lvm', mp: '/data' });
    expect(made.result).toMatchObject({ disk: 'mp0', value: expect.stringContaining('mp=/data') });
    expect(made.result.upid).toBeUndefined();
    before = writes();
    await refused('proxmox-delete-disk', { vmid: 107, disk: 'mp0', confirm: true });
    await refused('proxmox-detach-disk', { vmid: 107, disk: 'rootfs', confirm: true });
    const off = await session.call('proxmox-shutdown-lxc', { vmid: 107, confirm: true });
    expect(off.data.notes).toEqual([expect.stringContaining('HA manager')]);
    await expect.poll(() => guest(107)?.status).toBe('stopped');

    before = writes();
    const moved = await confirmed('proxmox-move-disk', { vmid: 107, disk: 'mp0', storage: 'nfs-shared' });
    expect(moved.result.task.state).toBe('ok');
    expect(config(107).mp0).toMatch(/^nfs-shared:.*mp=\/data/);
    expect(config(107).unused0).toBe(moved.result.from);

    before = writes();
    const detached = await confirmed('proxmox-detach-disk', { vmid: 107, disk: 'mp0' });
    expect(detached.result.kept_as).toBe('unused1');
    before = writes();
    await refused('proxmox-detach-disk', { vmid: 107, disk: 'unused1', confirm: true });
    await confirmed('proxmox-delete-disk', { vmid: 107, disk: 'unused1' });
    expect(config(107).unused1).toBeUndefined();
    expect(volume(detached.result.volid)).toEqual([]);
  });
});

describe('all disks of a guest', () => {
  it('move one after the other, and what is no disk of its own stays', async () => {
    const args = { vmid: 132, target_storage: 'nfs-shared', source_storage: 'local-lvm' };
    const { plan, result, notes } = await confirmed('proxmox-migrate-storage', args);
    expect(plan.writes).toMatchObject([
      { path: '/nodes/pve3/qemu/132/move_disk', parameters: { disk: 'efidisk0', storage: 'nfs-shared', delete: true } },
      { parameters: { disk: 'scsi0', digest: expect.any(String) } },
    ]);
    expect(result).toMatchObject({ ok: 2, failed: 0, rows: [{ disk: 'efidisk0', outcome: 'ok' }, { disk: 'scsi0' }] });
    expect(notes).toBeUndefined();
    expect(config(132).scsi0).toMatch(/^nfs-shared:/);
    expect(config(132).unused0).toBeUndefined();
    before = writes();
    expect((await refused('proxmox-migrate-storage', { ...args, confirm: true })).message).toContain('no disk to move');
  });

  it('stop where one fails: what is done and what is left is said', async () => {
    const guest130 = guest(130);
    guest130?.snapshots.push({
      name: 'held',
      description: '',
      snaptime: 1,
      parent: undefined,
      vmstate: false,
      config: {},
    });
    const args = { vmid: 130, target_storage: 'nfs-shared', confirm: true };
    const { data, isError } = await session.call('proxmox-migrate-storage', args);
    expect(isError).toBe(true);
    expect(data.result).toMatchObject({
      ok: 0,
      failed: 1,
      left: 1,
      rows: [
        { disk: 'efidisk0', outcome: 'failed', why: expect.stringContaining('snapshots') },
        { disk: 'scsi0', outcome: 'left' },
      ],
    });
    const kept = await session.call('proxmox-migrate-storage', { ...args, preserve_source: true });
    expect(kept.data.result).toMatchObject({ ok: 2 });
    expect(config(130).unused1).toMatch(/^local-lvm:/);
  });

  it('are refused where they cannot go', async () => {
    const tool = 'proxmox-migrate-storage';
    await refused(tool, { vmid: 101, target_storage: 'pbs-backup', confirm: true });
    await refused(tool, { vmid: 101, target_storage: 'local-lvm', source_storage: 'local-lvm', confirm: true });
    await refused(tool, { vmid: 101, target_storage: 'nfs-shared', online: false, confirm: true });
    await refused(tool, { vmid: 105, target_storage: 'nfs-shared', confirm: true });
  });
});
