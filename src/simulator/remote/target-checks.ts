import { requireOn } from '../guest-registry.js';
import { died } from '../pve-error.js';
import type { Call } from '../route.js';
import type { GuestType } from '../state.js';
import { storageOn } from '../storage.js';

export function requireTargetStorage(call: Call, type: GuestType, name: string, node: string): void {
  const { content } = storageOn(call.cluster, name, node);
  requireOn(call, `/storage/${name}`, 'Datastore.AllocateSpace');
  if (type === 'qemu' && !content.includes('images')) throw died(`storage '${name}' does not support vm images`);
  if (type === 'lxc' && !content.includes('rootdir')) throw died(`storage '${name}' does not support CT rootdirs`);
}

export function requireTargetBridge({ cluster }: Call, bridge: string, node: string): void {
  const { networks } = cluster.node(node);
  const vnets = cluster.state.configuration.sdn.running.vnets;
  const known = networks.some(({ iface, type }) => iface === bridge && /^(bridge|OVSBridge|vnet)$/.test(type));
  if (!known && !vnets.some(({ id }) => id === bridge)) throw died(`bridge '${bridge}' does not exist`);
}
