import { configText, type Disk, disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { toWord } from '../../pve/quoted.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { written } from './written.js';

export const diskName = written(
  /^(?:(?:ide|sata|scsi|virtio|mp|unused)\d{1,3}|efidisk0|tpmstate0|rootfs)$/,
  'as scsi0, rootfs, mp0 or unused0',
);

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of a size as a configuration writes it: `32G`. */
export function bytesOf(size: string | undefined): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(size ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * (units[unit] ?? 1);
}

/** An image in a drive, or the drive that cloud-init reads; neither is a disk of the guest's own. */
export const isCdrom = ({ media }: Disk) => media === 'cdrom';
export const isUnused = ({ disk }: Disk) => disk.startsWith('unused');
/** A path of the node, mounted into a container. */
export const isBind = ({ volid }: Disk) => volid.startsWith('/');

/** `container 105` */
export const label = ({ type, vmid }: Pick<GuestTarget, 'type' | 'vmid'>) =>
  `${type === 'qemu' ? 'VM' : 'container'} ${vmid}`;

/** `scsi0 (local-lvm:vm-100-disk-0, 32G)` */
export const inWords = ({ disk, volid, size }: Disk) =>
  `${disk} (${size === undefined ? toWord(volid) : `${toWord(volid)}, ${toWord(size)}`})`;

/** @throws {Refused} naming the disks that there are */
export function diskNamed(target: GuestTarget, config: GuestConfig, name: string): Disk {
  const disks = disksOf(config);
  const found = disks.find(({ disk }) => disk === name);
  if (found !== undefined) return found;
  throw new Refused(`${label(target)} has no ${name}`, `It has ${disks.map(inWords).join(', ') || 'no disk'}.`);
}

/** Whether a VM is told to boot from it. */
export const inBootOrder = (config: GuestConfig, name: string) =>
  (/order=([^,]*)/.exec(configText(config.boot) ?? '')?.[1] ?? '').split(';').includes(name);
