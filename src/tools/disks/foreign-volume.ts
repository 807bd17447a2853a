import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { ownersOf } from '../../pve/volume-owner.js';
import { Refused } from '../refused.js';
import { isUnused } from './guest-disk.js';

export const isImage = (volid: string | undefined) => volid === 'none' || /^[^:]+:iso\//.test(volid ?? '');

/** @throws {Refused} for a volume that another guest has, or this one at another place */
export function refuseForeignVolume(vmid: number, config: GuestConfig, volid: string): void {
  const attached = disksOf(config).find((disk) => disk.volid === volid && !isUnused(disk));
  if (attached !== undefined && !isImage(volid))
    throw new Refused(
      `${toWord(volid)} is attached as ${attached.disk}`,
      `If it is to be elsewhere, detach it from ${attached.disk} first.`,
    );
  const owner = ownersOf(volid).find((one) => one !== vmid);
  if (owner !== undefined)
    throw new Refused(
      `${toWord(volid)} is a disk of guest ${owner}`,
      "proxmox-move-disk with 'target_vmid' hands it over.",
    );
}
