import { describe, expect, it } from 'vitest';
import { useDisks } from '../support/disk-world.js';

const { call, guest, config, volume, mark, done, confirmed, refused } = useDisks();

describe('a volume of a container', () => {
  it('is made, moved while the container is stopped, detached and deleted', async () => {
    const made = await done('proxmox-attach-disk', { vmid: 107, size_gb: 2, storage: 'local-lvm', mp: '/data' });
    expect(made.result).toMatchObject({ disk: 'mp0', value: expect.stringContaining('mp=/data') });
    expect(made.result.upid).toBeUndefined();
    mark();
    await refused('proxmox-delete-disk', { vmid: 107, disk: 'mp0', confirm: true });
    await refused('proxmox-detach-disk', { vmid: 107, disk: 'rootfs', confirm: true });
    const off = await call('proxmox-shutdown-lxc', { vmid: 107, confirm: true });
    expect(off.data.notes).toEqual([expect.stringContaining('HA manager')]);
    await expect.poll(() => guest(107)?.status).toBe('stopped');

    mark();
    const moved = await confirmed('proxmox-move-disk', { vmid: 107, disk: 'mp0', storage: 'nfs-shared' });
    expect(moved.result.task.state).toBe('ok');
    expect(config(107).mp0).toMatch(/^nfs-shared:.*mp=\/data/);
    expect(config(107).unused0).toBe(moved.result.from);

    mark();
    const detached = await confirmed('proxmox-detach-disk', { vmid: 107, disk: 'mp0' });
    expect(detached.result.kept_as).toBe('unused1');
    mark();
    await refused('proxmox-detach-disk', { vmid: 107, disk: 'unused1', confirm: true });
    await confirmed('proxmox-delete-disk', { vmid: 107, disk: 'unused1' });
    expect(config(107).unused1).toBeUndefined();
    expect(volume(detached.result.volid)).toEqual([]);
  });

  it('takes no path with a control character, at which Proxmox may split', async () => {
    const volume = { vmid: 107, size_gb: 2, storage: 'local-lvm', mp: '/data\0ro=1' };
    expect(await refused('proxmox-attach-disk', volume)).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      arguments: [{ argument: 'mp' }],
    });
  });
});
