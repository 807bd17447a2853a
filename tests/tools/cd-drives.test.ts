import { describe, expect, it } from 'vitest';
import { useDisks } from '../support/disk-world.js';

const { config, done, confirmed, refused } = useDisks();

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
