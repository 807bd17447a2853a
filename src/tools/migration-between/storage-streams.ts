import type { MovedVolume } from './moved-volumes.js';

// What is not mirrored by a running VM goes as a stream that both storages must know (pve-storage, Storage.pm,
// volume_export_formats and volume_import_formats).

const files: ReadonlySet<string> = new Set(['dir', 'nfs', 'cifs', 'cephfs', 'glusterfs', 'btrfs']);
const blocks: ReadonlySet<string> = new Set(['lvm', 'lvmthin', 'rbd']);
/** Containers leave from no other (pve-container, LXC/Migrate.pm). */
const forContainers: ReadonlySet<string> = new Set([
  ...['dir', 'zfspool', 'lvm', 'lvmthin', 'btrfs', 'cifs', 'nfs', 'rbd'],
]);

/** The formats that cannot be sent from the one type of storage to the other; nothing is refused of a type that is not known. */
export function refusedFormats(
  guest: 'qemu' | 'lxc',
  source: string | undefined,
  target: string,
  volumes: readonly MovedVolume[],
): string | undefined {
  const sent = volumes.filter(({ mirrored }) => !mirrored);
  if (source === undefined || sent.length === 0) return undefined;
  if (guest === 'lxc' && !forContainers.has(source)) return `volumes of a container from a ${source} storage`;
  const refused = sent.filter(({ format }) => !takes(source, target, format)).map(({ format }) => format);
  if (refused.length === 0) return undefined;
  return `'${[...new Set(refused)].sort().join("', '")}' from a ${source} storage${guest === 'qemu' ? ' but of a running VM' : ''}`;
}

function takes(source: string, target: string, format: string): boolean {
  if (source === 'zfspool' || target === 'zfspool') return source === target;
  if (files.has(source) && format !== 'raw') return files.has(target);
  // A plain image: what is neither a file nor a block device, such as iscsi, takes nothing at all.
  return files.has(target) || blocks.has(target);
}
