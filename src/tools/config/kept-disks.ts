import { isCloudInitVolume } from '../../pve/cloud-init.js';
import type { GuestType } from '../../pve/config-keys/find-key.js';
import { configText, type Disk, disksOf, type GuestConfig, isDiskKey } from '../../pve/guest-config.js';
import { Refused } from '../refused.js';

/** A drive whose medium may be changed without a loss. */
const isChangeable = (disk: Disk) =>
  (disk.media === 'cdrom' && !isCloudInitVolume(disk.volid)) || disk.volid === 'none';

/** Refuses what would take a guest's disk away without a word: Proxmox keeps it as `unusedN`, and the guest lacks it. */
export function refuseLostDisk(type: GuestType, given: string, value: string, config: GuestConfig): void {
  // `cdrom` is another name of ide2.
  const key = given === 'cdrom' && type === 'qemu' ? 'ide2' : given;
  const line = configText(config[key]);
  if (!isDiskKey(key) || line === undefined) return;
  const [before] = disksOf({ [key]: line });
  const [after] = disksOf({ [key]: value });
  if (before === undefined || after === undefined || before.volid === after.volid || isChangeable(before)) return;
  throw new Refused(
    `${key} holds ${before.volid}; setting it to ${after.volid} would take that away`,
    `To change options of the disk, repeat its volume. To move it, use proxmox-move-disk. To replace it, detach it first with proxmox-detach-disk, or take another key.`,
  );
}
