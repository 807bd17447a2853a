import { configText, disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { parseProperties } from '../../pve/property-string.js';
import { toWord } from '../../pve/quoted.js';
import type { GuestResource, StorageResource } from '../../pve/resources.js';
import { bytesOf, isBind, isCdrom } from '../disks/guest-disk.js';
import { bindMounts } from '../guests/migration.js';

/** What a guest needs where it goes, and what holds it where it is. */
export interface Mobility {
  /** Nothing helps against these. */
  readonly stops: readonly string[];
  /** Disks that only its node sees. */
  readonly local: readonly { readonly disk: string; readonly storage: string; readonly bytes: number }[];
  readonly storages: readonly string[];
}

/** Devices of the node that a guest uses; one that is mapped exists elsewhere, yet does not move while it runs. */
function devices(config: GuestConfig): string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    const line = configText(value) ?? '';
    if (/^hostpci\d+$/.test(key)) return [`${key} (${toWord(line)})`];
    if (/^usb\d+$/.test(key))
      return parseProperties(line, 'host').get('host') === 'spice' ? [] : [`${key} (${toWord(line)})`];
    return /^(?:(?:serial|parallel|dev)\d+)$/.test(key) && line.includes('/dev/') ? [`${key} (${toWord(line)})`] : [];
  });
}

/** A guest as its configuration shows it. */
export function mobilityOf(guest: GuestResource, config: GuestConfig, all: readonly StorageResource[]): Mobility {
  const isShared = (name: string | undefined) => all.some(({ storage, shared }) => storage === name && shared);
  const disks = disksOf(config).filter((disk) => !isBind(disk) && disk.storage !== undefined);
  const isImage = (disk: (typeof disks)[number]) => isCdrom(disk) && !disk.volid.includes('cloudinit');
  const images = disks.filter((disk) => isImage(disk) && !isShared(disk.storage));
  const own = disks.filter((disk) => !isImage(disk));
  const binds = guest.type === 'lxc' ? bindMounts(config) : [];
  const used = devices(config);
  return {
    stops: [
      ...(guest.lock === undefined ? [] : [`it is locked (${guest.lock})`]),
      ...(used.length > 0 ? [`devices of the node: ${used.join(', ')}`] : []),
      ...(binds.length > 0 ? [`paths of the node: ${binds.join(', ')}`] : []),
      ...(images.length > 0
        ? [`local CD image: ${images.map(({ disk, volid }) => `${disk} (${toWord(volid)})`).join(', ')}`]
        : []),
    ],
    local: own
      .filter(({ storage }) => !isShared(storage))
      .map(({ disk, storage = '', size }) => ({ disk, storage, bytes: bytesOf(size) ?? 0 })),
    storages: [...new Set(own.flatMap(({ storage }) => storage ?? []))].sort(),
  };
}

/** Why a node cannot take the disks; `undefined` where it can. */
export function lacks(
  { storages, local }: Mobility,
  node: string,
  all: readonly StorageResource[],
): string | undefined {
  const there = all.filter((row) => row.node === node && row.status === 'available');
  const missing = storages.filter((name) => !there.some(({ storage }) => storage === name));
  if (missing.length > 0) return `${node} has no ${missing.join(', ')}`;
  const full = there.filter(({ storage, disk = 0, maxdisk = 0 }) => {
    const needed = local.reduce((sum, one) => sum + (one.storage === storage ? one.bytes : 0), 0);
    return needed > maxdisk - disk;
  });
  return full.length > 0 ? `${full.map(({ storage }) => storage).join(', ')} on ${node} has no room` : undefined;
}

export const localBytes = ({ local }: Mobility) => local.reduce((sum, { bytes }) => sum + bytes, 0);
