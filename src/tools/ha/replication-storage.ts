import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import { parseProperties, propertyFlag } from '../../pve/property-string.js';
import { type StorageDefinition, splitList } from '../../pve/storage.js';

/** What stands in the way of copying a guest's disks to a node, in words; only what can be seen is judged. */
export function obstaclesOf(config: GuestConfig, storages: readonly StorageDefinition[], node: string): string[] {
  return disksOf(config).flatMap(({ disk, storage: name, media, options }) => {
    const storage = storages.find((one) => one.storage === name);
    const kept = propertyFlag(parseProperties(options ?? '', '').get('replicate')) === false;
    if (storage === undefined || media === 'cdrom' || kept || disk.startsWith('unused')) return [];
    if (storage.type !== 'zfspool') return [`${disk} is on '${name}' of type ${storage.type}, and only ZFS is copied`];
    const places = splitList(storage.nodes);
    if (places.length > 0 && !places.includes(node))
      return [`node '${node}' has no storage '${name}', where ${disk} is`];
    return [];
  });
}
