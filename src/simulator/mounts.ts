import type { StorageState, VolumeState } from './state.js';

/** What makes two storages of different clusters the same place: an export, a share, a namespace of a datastore. */
function placeOf({ type, options }: StorageState): string | undefined {
  const keys = {
    nfs: ['server', 'export'],
    cifs: ['server', 'share', 'subdir'],
    pbs: ['server', 'datastore', 'namespace'],
  };
  const named = Object.entries(keys).find(([name]) => name === type)?.[1];
  return named === undefined ? undefined : [type, ...named.map((key) => String(options[key] ?? ''))].join(' ');
}

const sharing = new WeakMap<StorageState, Set<StorageState>>();

/** The other clusters' storages that lie in the same place. */
export function sharersOf(storage: StorageState): StorageState[] {
  return [...(sharing.get(storage) ?? [])].filter((other) => other !== storage);
}

export function volidIn(other: StorageState, storage: StorageState, volid: string): string {
  return `${other.storage}${volid.slice(storage.storage.length)}`;
}

/** A volume as another storage of the same place names it; the very same one where both have one name. */
export function volumeIn(other: StorageState, storage: StorageState, volume: VolumeState): VolumeState {
  if (other.storage === storage.storage) return volume;
  return { ...volume, volid: volidIn(other, storage, volume.volid) };
}

/** What several clusters of one simulator have mounted: all that one of them puts there, the others see. */
export class Mounts {
  readonly #places = new Map<string, Set<StorageState>>();

  join(storage: StorageState): void {
    const place = placeOf(storage);
    if (place === undefined) return;
    const members = this.#places.get(place) ?? new Set();
    this.#places.set(place, members);
    if (members.has(storage)) return;
    this.leave(storage);
    const [first] = members;
    if (first !== undefined) {
      storage.volumes = first.volumes.map((volume) => volumeIn(storage, first, volume));
      storage.total = first.total;
      storage.used = first.used;
    }
    members.add(storage);
    sharing.set(storage, members);
  }

  leave(storage: StorageState): void {
    sharing.get(storage)?.delete(storage);
    sharing.delete(storage);
  }
}
