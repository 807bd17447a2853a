import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { Refused } from '../refused.js';
import { isUnused } from './guest-disk.js';

export const isImage = (volid: string | undefined) => volid === 'none' || /^[^:]+:iso\//.test(volid ?? '');

/** The guest whose volume it is by its name; of a linked clone (`base-100-disk-0/vm-101-disk-0`) the last says it. */
const ownerOf = (volid: string) => [...volid.matchAll(/(?:vm|subvol|basevol|base)-(\d+)-/g)].at(-1)?.[1];

/** @throws {Refused} for a volume that another guest has, or this one at another place */
export function refuseForeignVolume(vmid: number, config: GuestConfig, volid: string): void {
  const attached = disksOf(config).find((disk) => disk.volid === volid && !isUnused(disk));
  if (attached !== undefined && !isImage(volid))
    throw new Refused(
      `${toWord(volid)} is attached as ${attached.disk}`,
      `If it is to be elsewhere, detach it from ${attached.disk} first.`,
    );
  const owner = ownerOf(volid);
  if (owner !== undefined && owner !== String(vmid))
    throw new Refused(
      `${toWord(volid)} is a disk of guest ${owner}`,
      "proxmox-move-disk with 'target_vmid' hands it over.",
    );
}
