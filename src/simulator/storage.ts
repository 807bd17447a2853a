import type { Cluster } from './cluster.js';
import { died } from './pve-error.js';
import type { StorageState } from './state.js';

export function storageNamed(cluster: Cluster, name: string): StorageState {
  const storage = cluster.state.storages.find((entry) => entry.storage === name);
  if (storage === undefined) throw died(`storage '${name}' does not exist`);
  return storage;
}

export function isOnNode(storage: StorageState, node: string): boolean {
  return storage.nodes === undefined || storage.nodes.includes(node);
}

export function isActive(storage: StorageState, node: string): boolean {
  return storage.enabled && !storage.inactiveOn.includes(node);
}

/** The storage as a node sees it; dies where it is switched off or belongs to other nodes. */
export function storageOn(cluster: Cluster, name: string, node: string): StorageState {
  const storage = storageNamed(cluster, name);
  if (!storage.enabled) throw died(`storage '${name}' is disabled`);
  if (!isOnNode(storage, node)) throw died(`storage '${name}' is not available on node '${node}'`);
  return storage;
}

/** A local storage has its own usage on each node. */
export function usedOn(storage: StorageState, node: string): number {
  if (storage.shared) return storage.used;
  const spread = [...node].reduce((sum, char) => sum + char.charCodeAt(0), 0) % 20;
  return Math.min(storage.total, Math.floor(storage.used * (0.9 + spread / 100)));
}
