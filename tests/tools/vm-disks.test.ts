import { describe, expect, it } from 'vitest';
import { startRawServer } from '../pve/raw-server.js';
import { useDisks } from '../support/disk-world.js';
import { startSession } from '../support/session.js';

const { call, config, volume, writes, mark, done, confirmed, refused } = useDisks();

describe('a disk of a VM', () => {
  it('is made in the next free slot, on the storage that was named', async () => {
    const args = { vmid: 101, size_gb: 4, storage: 'nfs-shared', options: 'discard=on,ssd=1' };
    const preview = await call('proxmox-attach-disk', { ...args, dry_run: true });
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
    const preview = await call('proxmox-move-disk', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toMatchObject([
      { path: '/nodes/pve2/qemu/101/move_disk', parameters: { disk: 'scsi1', storage: 'local-lvm', delete: true } },
    ]);
    expect(writes()).toBe(0);
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

    mark();
    const deleted = await confirmed('proxmox-delete-disk', { vmid: 101, disk: 'virtio0' });
    expect(deleted.plan.notes.join()).toContain('Deleted with its data would be virtio0');
    expect(deleted.result).toMatchObject({ deleted: detached.result.volid, task: { state: 'ok' } });
    expect(config(101)).not.toHaveProperty('virtio0');
    expect(volume(detached.result.volid)).toEqual([]);
  });

  it('is not called detached or deleted where that was not seen', async () => {
    await done('proxmox-attach-disk', { vmid: 102, size_gb: 1, storage: 'local-lvm', slot: 'scsi9' });
    const args = { vmid: 102, confirm: true, wait: false };
    const { data: detached } = await call('proxmox-detach-disk', { ...args, disk: 'scsi9' });
    expect(detached.result.kept_as).toBeUndefined();
    expect(detached.notes).toContainEqual(expect.stringMatching(/^Asked: detach scsi9 /));
    await expect.poll(() => config(102).unused0).toBeDefined();
    const { data: deleted } = await call('proxmox-delete-disk', { ...args, disk: 'unused0' });
    expect(deleted.result.deleted).toBeUndefined();
    expect(deleted.notes).toContainEqual(expect.stringMatching(/^Asked: delete unused0 /));
    await expect.poll(() => config(102).unused0).toBeUndefined();
  });

  it('is handed to another VM on the node', async () => {
    await done('proxmox-attach-disk', { vmid: 102, size_gb: 1, storage: 'local-lvm' });
    mark();
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
    ['volid', { volid: 'nfs-shared:iso/virtio-win-0.1.271.iso;key=1' }],
  ])('is not made with a wrong %s', async (argument, args) => {
    const error = await refused('proxmox-attach-disk', { vmid: 101, ...args });
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument }] });
  });

  it('fails with its task where a storage is full', async () => {
    const args = { vmid: 101, size_gb: 100_000, storage: 'nfs-shared' };
    const { data, isError } = await call('proxmox-attach-disk', args);
    expect(isError).toBe(true);
    expect(data.result.value).toBeUndefined();
    expect(data.notes.join()).toMatch(/Asked: set scsi\d+: nfs-shared:100000\./);
    expect(data.result.task).toMatchObject({ state: 'failed', exitstatus: expect.stringContaining('No space') });
  });
});
