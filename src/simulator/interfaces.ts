import type { NetworkState, NodeState } from './state.js';

/** What the next apply will make of the node; the same as now where nothing is staged. */
export function writtenNetworks(node: NodeState): NetworkState[] {
  return node.stagedNetworks ?? node.networks;
}

function stanza(network: NetworkState): string[] {
  const { iface, address, netmask, gateway, options } = network;
  const lines = [`iface ${iface} inet ${address === undefined ? 'manual' : 'static'}`];
  if (network.autostart) lines.unshift(`auto ${iface}`);
  if (address !== undefined) lines.push(`\taddress ${address}/${netmask}`);
  if (gateway !== undefined) lines.push(`\tgateway ${gateway}`);
  if (network.bridgePorts !== undefined) lines.push(`\tbridge-ports ${network.bridgePorts || 'none'}`);
  if (network.bridgeVlanAware === true) lines.push('\tbridge-vlan-aware yes');
  if (network.slaves !== undefined) lines.push(`\tbond-slaves ${network.slaves}`);
  if (network.bondMode !== undefined) lines.push(`\tbond-mode ${network.bondMode}`);
  if (network.vlanRawDevice !== undefined) lines.push(`\tvlan-raw-device ${network.vlanRawDevice}`);
  for (const [key, value] of Object.entries(options ?? {})) lines.push(`\t${key} ${value}`);
  for (const line of network.comments?.trim().split('\n') ?? []) lines.push(`#${line}`);
  return [...lines, ''];
}

/** The difference between interfaces and interfaces.new, as `diff -u` would show it. */
export function stagedChanges(node: NodeState): string | undefined {
  const { networks, stagedNetworks: staged } = node;
  if (staged === undefined) return undefined;
  const text = (list: readonly NetworkState[], iface: string) =>
    list.filter((one) => one.iface === iface).flatMap(stanza);
  const names = [...new Set([...networks, ...staged].map((network) => network.iface))];
  const body = names.flatMap((iface) => {
    const [before, after] = [text(networks, iface), text(staged, iface)];
    if (before.join('\n') === after.join('\n')) return [];
    return [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)];
  });
  if (body.length === 0) return undefined;
  return ['--- /etc/network/interfaces', '+++ /etc/network/interfaces.new', '@@ -1 +1 @@', ...body, ''].join('\n');
}
