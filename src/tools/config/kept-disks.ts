import { isCloudInitVolume } from '../../pve/cloud-init.js';
import { configText, type Disk, disksOf, type GuestConfig, isDiskKey } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { refuseForeignVolume } from '../disks/foreign-volume.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

/** A drive whose medium may be changed without a loss. */
const isChangeable = (disk: Disk) =>
  (disk.media === 'cdrom' && !isCloudInitVolume(disk.volid)) || disk.volid === 'none';

/**
 * Refuses what would take a guest's disk away without a word, which Proxmox keeps as `unusedN` and the guest lacks, and
 * what would give it the volume of another guest.
 */
export function refuseLostDisk({ type, vmid }: GuestTarget, given: string, value: string, config: GuestConfig): void {
  // `cdrom` is another name of ide2.
  const key = given === 'cdrom' && type === 'qemu' ? 'ide2' : given;
  if (!isDiskKey(key)) return;
  const [before] = disksOf({ [key]: configText(config[key]) });
  const [after] = disksOf({ [key]: value });
  if (after === undefined || before?.volid === after.volid) return;
  if (before !== undefined && !isChangeable(before))
    throw new Refused(
      `${key} holds ${toWord(before.volid)}; setting it to ${toWord(after.volid)} would take that away`,
      'To change options of the disk, repeat its volume. To move it, use proxmox-move-disk. To replace it, detach it first with proxmox-detach-disk, or take another key.',
    );
  refuseForeignVolume(vmid, config, after.volid);
}
