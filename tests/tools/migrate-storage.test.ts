import { describe, expect, it } from 'vitest';
import { useDisks } from '../support/disk-world.js';

const { call, guest, config, mark, confirmed, refused } = useDisks();

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
    mark();
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
    const { data, isError } = await call('proxmox-migrate-storage', args);
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
    const kept = await call('proxmox-migrate-storage', { ...args, preserve_source: true });
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
