import type { Cluster } from './cluster.js';
import { sharersOf, volidIn, volumeIn } from './mounts.js';
import { died } from './pve-error.js';
import type { Call } from './route.js';
import type { StorageState, VolumeState } from './state.js';
import { storageOn } from './storage.js';

export const fileTypes: readonly string[] = ['dir', 'nfs', 'cifs', 'cephfs', 'btrfs', 'glusterfs'];

const folders: Readonly<Record<string, string>> = {
  iso: 'template/iso',
  vztmpl: 'template/cache',
  import: 'import',
  backup: 'dump',
  snippets: 'snippets',
};

/** Where a storage that is a directory keeps a file. */
export function pathOf(storage: StorageState, content: string, file: string): string {
  const root = storage.options.path ?? `/mnt/pve/${storage.storage}`;
  return `${root}/${folders[content] ?? 'images'}/${file}`;
}

export function volumePath(storage: StorageState, volume: VolumeState): string {
  const name = volume.volid.slice(storage.storage.length + 1);
  if (storage.type === 'lvmthin' || storage.type === 'lvm') return `/dev/${storage.options.vgname ?? 'pve'}/${name}`;
  if (storage.type === 'zfspool') return `/dev/zvol/${storage.options.pool ?? 'rpool/data'}/${name}`;
  return pathOf(storage, volume.content, name.replace(/^[^/]*\//, ''));
}

/** A volume that a node sees, by its whole id. */
export function findVolume(storage: StorageState, volid: string, node: string): VolumeState | undefined {
  return storage.volumes.find(
    (volume) => volume.volid === volid && (volume.node === undefined || volume.node === node),
  );
}

function add(storage: StorageState, volume: VolumeState): void {
  storage.volumes.push(volume);
  storage.used += volume.size;
}

function remove(storage: StorageState, volid: string, node: string | undefined): void {
  const gone = storage.volumes.find((volume) => volume.volid === volid && volume.node === node);
  if (gone === undefined) return;
  storage.volumes.splice(storage.volumes.indexOf(gone), 1);
  storage.used = Math.max(0, storage.used - gone.size);
}

/** Puts a file in its place; one of the same name gives way. */
export function putVolume(storage: StorageState, volume: VolumeState): void {
  dropVolume(storage, volume.volid, volume.node);
  add(storage, volume);
  for (const other of sharersOf(storage)) add(other, volumeIn(other, storage, volume));
}

export function dropVolume(storage: StorageState, volid: string, node: string | undefined): void {
  remove(storage, volid, node);
  for (const other of sharersOf(storage)) remove(other, volidIn(other, storage, volid), node);
}

/** Tells those who share the storage what was changed of a volume. */
export function shareChange(storage: StorageState, volume: VolumeState): void {
  for (const other of sharersOf(storage)) {
    remove(other, volidIn(other, storage, volume.volid), volume.node);
    add(other, volumeIn(other, storage, volume));
  }
}

export interface VolumePlace {
  readonly storage: StorageState;
  readonly volid: string;
  readonly node: string;
}

/** The volume that a path names, whether or not it is there: `local:iso/x.iso` or, below its storage, `iso/x.iso`. */
export function placeOf({ cluster, params }: Call): VolumePlace {
  const { node } = cluster.node(params.text('node'));
  const name = params.text('storage');
  const storage = storageOn(cluster, name, node);
  const given = params.text('volume');
  const volid = given.includes(':') ? given : `${name}:${given}`;
  if (!volid.startsWith(`${name}:`)) throw died(`storage ID missmatch (${volid.split(':')[0]} != ${name})`);
  return { storage, volid, node };
}

/** The node of a new file on a storage: none where all nodes see the same. */
export function homeOf(storage: StorageState, node: string): string | undefined {
  return storage.shared ? undefined : node;
}

/** What a volume id says by itself. */
export function contentOfVolid(volid: string): { content: string; vmid: number | undefined } {
  const name = volid.slice(volid.indexOf(':') + 1);
  const archive = /^backup\/(?:vzdump-(?:qemu|lxc)-(\d+)-|(?:vm|ct)\/(\d+)\/)/.exec(name);
  if (archive !== null) return { content: 'backup', vmid: Number(archive[1] ?? archive[2]) };
  const folder = /^(iso|vztmpl|import|snippets|backup)\//.exec(name)?.[1];
  if (folder !== undefined) return { content: folder, vmid: undefined };
  const owner = /(?:^|\/)(?:vm|base|subvol|basevol)-(\d+)-/.exec(name)?.[1] ?? /^(\d+)\//.exec(name)?.[1];
  return { content: 'images', vmid: owner === undefined ? undefined : Number(owner) };
}

/** Linked clones keep their base alive. */
export function usersOfBase(cluster: Cluster, volid: string): boolean {
  const name = volid.slice(volid.indexOf(':') + 1);
  if (!/base/.test(name)) return false;
  return cluster.state.guests.some((guest) =>
    Object.values(guest.config).some((value) => String(value).includes(`${volid}/`)),
  );
}
