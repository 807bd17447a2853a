import type { Cluster } from './cluster.js';
import { died } from './pve-error.js';
import type { GuestType, StorageState, VolumeState } from './state.js';
import { isActive, storageOn, usedOn } from './storage.js';
import { dropVolume, fileTypes, findVolume, homeOf, putVolume } from './stored-volumes.js';

export function storageIdOf(volid: string): string {
  return volid.slice(0, Math.max(0, volid.indexOf(':')));
}

function storageOf(cluster: Cluster, volid: string): StorageState | undefined {
  return cluster.state.storages.find((entry) => entry.storage === storageIdOf(volid));
}

/** Files have formats and a folder per guest; block devices are raw. */
export function holdsFiles(storage: StorageState): boolean {
  return fileTypes.includes(storage.type);
}

/** The volume of an id, wherever it is stored, as a node sees it. */
export function volumeNamed(cluster: Cluster, volid: string, node: string): VolumeState | undefined {
  const storage = storageOf(cluster, volid);
  return storage === undefined ? undefined : findVolume(storage, volid, node);
}

export interface Allocation {
  readonly storage: string;
  readonly node: string;
  readonly vmid: number;
  readonly type: GuestType;
  readonly size: number;
  readonly format?: string | undefined;
  /** Its name instead of the next `vm-100-disk-n`. */
  readonly name?: string | undefined;
  /** The volume that a linked clone stands on. */
  readonly base?: string | undefined;
}

function nextName(storage: StorageState, { vmid, node }: Allocation): string {
  const taken = new Set(
    storage.volumes
      .filter((volume) => volume.node === undefined || volume.node === node)
      .map((volume) => new RegExp(`-${vmid}-disk-(\\d+)(?:\\.\\w+)?$`).exec(volume.volid)?.[1]),
  );
  let index = 0;
  while (taken.has(String(index))) index += 1;
  return `vm-${vmid}-disk-${index}`;
}

function volidFor(storage: StorageState, plan: Allocation): string {
  const name = plan.name ?? nextName(storage, plan);
  const file = holdsFiles(storage) ? `${plan.vmid}/${name}.${plan.format ?? 'raw'}` : name;
  // thin LVM does not say in a clone's name what it stands on
  const base = plan.base === undefined || /^lvm/.test(storage.type) ? undefined : plan.base.split(':')[1];
  return `${storage.storage}:${base === undefined ? '' : `${base}/`}${file}`;
}

function shortage(storage: StorageState, volid: string): string {
  if (!/^lvm/.test(storage.type)) return 'unable to create image: No space left on device';
  const name = volid.slice(storage.storage.length + 1);
  return `lvcreate '${storage.options.vgname ?? 'pve'}/${name}' error:   Insufficient free space`;
}

/** A new disk volume; dies as the tools do that would have made it. */
export function allocate(cluster: Cluster, plan: Allocation): VolumeState {
  const storage = storageOn(cluster, plan.storage, plan.node);
  if (!isActive(storage, plan.node)) throw died(`storage '${plan.storage}' is not online`);
  const volid = volidFor(storage, plan);
  if (usedOn(storage, plan.node) + plan.size > storage.total) throw died(shortage(storage, volid));
  const volume: VolumeState = {
    volid,
    content: plan.type === 'qemu' ? 'images' : 'rootdir',
    format: holdsFiles(storage) ? (plan.format ?? 'raw') : 'raw',
    size: plan.size,
    ctime: cluster.now,
    vmid: plan.vmid,
    node: homeOf(storage, plan.node),
  };
  // a thin volume takes no room before something is written to it
  const { used } = storage;
  putVolume(storage, volume);
  if (plan.base !== undefined || storage.type === 'lvmthin') storage.used = used;
  return volume;
}

export function free(cluster: Cluster, volid: string, node: string): void {
  const storage = storageOf(cluster, volid);
  const volume = storage === undefined ? undefined : findVolume(storage, volid, node);
  if (storage === undefined || volume === undefined) return;
  const { used } = storage;
  dropVolume(storage, volid, volume.node);
  if (storage.type === 'lvmthin') storage.used = used;
}

/** Every disk that bears a guest's number, whether its configuration names it or not. */
export function disksOwnedBy(cluster: Cluster, vmid: number, node: string): VolumeState[] {
  return cluster.state.storages
    .flatMap((storage) => storage.volumes)
    .filter((volume) => volume.vmid === vmid && /^(images|rootdir)$/.test(volume.content))
    .filter((volume) => volume.node === undefined || volume.node === node);
}
