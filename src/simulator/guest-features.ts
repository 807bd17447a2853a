import type { Cluster } from './cluster.js';
import { holdsFiles, storageIdOf, volumeNamed } from './disk-volumes.js';
import { type Disk, ownDisksOf } from './disks.js';
import type { GuestState, StorageState } from './state.js';

function snapshots(storage: StorageState, format: string, guest: GuestState): boolean {
  if (['lvmthin', 'zfspool', 'rbd', 'btrfs', 'cephfs'].includes(storage.type)) return true;
  if (storage.options['snapshot-as-volume-chain'] === 1) return true;
  return holdsFiles(storage) && format === 'qcow2' && guest.type === 'qemu';
}

function supports(cluster: Cluster, guest: GuestState, disk: Disk): boolean {
  const storage = cluster.state.storages.find((entry) => entry.storage === storageIdOf(disk.volid));
  if (storage === undefined) return false;
  return snapshots(storage, volumeNamed(cluster, disk.volid, guest.node)?.format ?? 'raw', guest);
}

/** A snapshot takes all disks, or there is none. */
export function canSnapshot(cluster: Cluster, guest: GuestState): boolean {
  return ownDisksOf(guest).every((disk) => supports(cluster, guest, disk));
}

/** Only templates have disks that others can stand on. */
export function isLinkable(disk: Disk): boolean {
  return /(^|[:/])base(vol)?-/.test(disk.volid);
}

export function isShared(cluster: Cluster, disk: Disk): boolean {
  return cluster.state.storages.find((entry) => entry.storage === storageIdOf(disk.volid))?.shared === true;
}
