import { describe, expect, it } from 'vitest';
import { useDisks } from '../support/disk-world.js';
import { startSession } from '../support/session.js';

const { world, call, config, writes, done, refused } = useDisks();

describe('the size of a disk', () => {
  it('grows by so much, and a preview changes nothing', async () => {
    const args = { vmid: 101, disk: 'scsi0', grow_gb: 8 };
    const preview = await call('proxmox-resize-vm-disk', { ...args, dry_run: true });
    expect(preview.data.plan.writes).toEqual([
      {
        method: 'PUT',
        path: '/nodes/pve2/qemu/101/resize',
        parameters: { disk: 'scsi0', size: '+8G', digest: expect.any(String) },
      },
    ]);
    expect(writes()).toBe(0);
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
    const { isError, text } = await call('proxmox-resize-vm-disk', { vmid: 104, grow_gb: 1 });
    expect(isError).toBe(true);
    expect(text).toContain('locked');
  });

  it('names the privilege that is missing', async () => {
    const secret = world.simulator.cluster('production').addToken('eyes@pve!disks', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...world.simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!disks',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-resize-vm-disk', { vmid: 101, grow_gb: 1 });
    await limited.close();
    expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', message: expect.stringContaining('VM.Config.Disk') });
  });
});
