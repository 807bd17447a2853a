import type { GuestType, StorageState, VolumeState } from '../state.js';
import { fileTypes } from '../stored-volumes.js';

const blockTypes: readonly string[] = ['lvm', 'lvmthin', 'rbd', 'btrfs'];

/** The streams in which a volume can leave its storage: one with snapshots inside takes them along. */
export function exportStreams(type: GuestType, storage: StorageState, volume: VolumeState): string[] {
  if (storage.type === 'zfspool') return ['zfs'];
  if (fileTypes.includes(storage.type) && storage.type !== 'btrfs') {
    if (type === 'qemu' && /^(qcow2|vmdk)$/.test(volume.format)) return [`${volume.format}+size`];
    return [volume.format === 'subvol' ? 'tar+size' : 'raw+size'];
  }
  return blockTypes.includes(storage.type) ? ['raw+size'] : [];
}

/** What a storage cannot take in; undefined where it can. */
export function importFault(storage: StorageState, format: string, streams: readonly string[]): string | undefined {
  const files = fileTypes.includes(storage.type);
  if (!files && format !== 'raw' && !(storage.type === 'zfspool' && format === 'subvol')) {
    return `unsupported format '${format}' for storage type ${storage.type}`;
  }
  const accepted =
    storage.type === 'zfspool' ? ['zfs'] : files ? ['raw+size', 'qcow2+size', 'vmdk+size', 'tar+size'] : ['raw+size'];
  if (streams.some((stream) => accepted.includes(stream))) return undefined;
  return `no matching import/export format found for storage '${storage.storage}'`;
}
