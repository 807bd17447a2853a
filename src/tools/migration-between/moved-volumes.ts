import { type Disk, disksOf, type GuestConfig } from '../../pve/guest-config.js';
import type { Volume } from '../../pve/storage.js';

/** A volume that goes along. */
export interface MovedVolume {
  /** `scsi0`, `rootfs`, ... */
  readonly key: string;
  readonly volid: string;
  readonly storage: string;
  readonly bytes: number;
  readonly format: string;
  /** Sent by the running VM itself, to any kind of storage; else as a stream, which not every storage takes. */
  readonly mirrored: boolean;
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `32G` in bytes. */
export function sizeInBytes(written: string | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(written ?? '') ?? [];
  return amount === undefined ? undefined : Math.round(Number(amount) * (units[unit] ?? 1));
}

export const isCloudInit = ({ volid }: { readonly volid: string }) => /(?:^|[:/-])cloudinit(?:\.\w+)?$/.test(volid);

/** A CD drive that holds something, but for the one of cloud-init, which is made anew. */
export const isImage = (disk: Disk) =>
  disk.media === 'cdrom' && disk.volid !== 'none' && disk.volid !== '' && !isCloudInit(disk);

/** What cannot be copied live, even of a running VM (qemu-server, QemuMigrate.pm). */
const streamed = /^(?:unused|tpmstate)\d+$/;

/** Every volume of a guest on a storage, with the size and format that its storage tells. */
export function movedVolumes(config: GuestConfig, listed: readonly Volume[], live: boolean): MovedVolume[] {
  return disksOf(config).flatMap((disk) => {
    const { storage, volid } = disk;
    if (storage === undefined || isImage(disk) || disk.volid === 'none') return [];
    const row = listed.find((one) => one.volid === volid);
    const bytes = row?.size ?? row?.['approximate-size'] ?? sizeInBytes(disk.size) ?? 0;
    const format = row?.format ?? /\.(qcow2|vmdk|subvol)$/.exec(volid)?.[1] ?? 'raw';
    // What cloud-init needs is written anew on the other side.
    const mirrored = (live && !streamed.test(disk.disk)) || isCloudInit(disk);
    return [{ key: disk.disk, volid, storage, bytes, format, mirrored }];
  });
}

/** `base-100-disk-0/vm-101-disk-0`: it has its beginning in common with a template. */
export const isLinkedClone = ({ volid }: { readonly volid: string }) => /(?:^|[:/])base-\d+-[^/]+\/./.test(volid);

export const bytesOf = (volumes: readonly MovedVolume[]) => volumes.reduce((sum, { bytes }) => sum + bytes, 0);
