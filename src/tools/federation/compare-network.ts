import { nodes } from '../../pve/discovery.js';
import type { Bound } from '../../pve/endpoint.js';
import { settle } from '../../pve/settle.js';
import { type NetworkInterface, networks } from '../network/network-interface.js';
import { readSdn, type SdnObject, sdnReads } from '../network/sdn-objects.js';
import type { Fields, Items } from './difference.js';
import type { Seen } from './seen.js';
import { settingTexts } from './setting-text.js';

export const networkReads = { nodes, networks, ...sdnReads };

interface OnNode {
  readonly node: string;
  readonly bridge: NetworkInterface;
}

/** Bridges by their names, whatever node they are on, and what the software-defined network has. */
export async function seeNetwork(call: Bound<typeof networkReads>): Promise<Seen> {
  const [{ data: known }, sdn] = await Promise.all([call.nodes({}), seeSdn(call)]);
  const online = known.filter(({ status }) => status === 'online').map(({ node }) => node);
  const offline = known.filter(({ status }) => status !== 'online').map(({ node }) => `${node} is offline`);
  const { values, failed } = await settle(online, async (node) =>
    (await call.networks({ node }, { type: 'any_bridge' })).data.filter(({ type }) => type !== 'vnet'),
  );
  const found = values.flatMap(({ key, value }) => value.map((bridge) => ({ node: key, bridge })));
  return {
    items: new Map([...bridgeItems(found, values.length), ...sdn]),
    unread: [...offline, ...failed.map(({ key, reason }) => `${key} ${reason}`)],
  };
}

/** What guests see of a bridge: its ports and addresses are those of a node. */
function bridgeItems(found: readonly OnNode[], nodeCount: number): Items {
  const names = [...new Set(found.map(({ bridge }) => bridge.iface))];
  return new Map(names.map((name): [string, Fields] => [`bridge ${name}`, bridgeFields(found, name, nodeCount)]));
}

function bridgeFields(found: readonly OnNode[], name: string, nodeCount: number): Fields {
  const rows = found.filter(({ bridge }) => bridge.iface === name);
  const each = (text: (bridge: NetworkInterface) => string) =>
    [...new Set(rows.map(({ bridge }) => text(bridge)))].sort().join(' | ');
  return {
    type: each(({ type }) => type),
    vlan_aware: each((bridge) => (bridge.type === 'bridge' ? String(bridge.bridge_vlan_aware ?? false) : 'true')),
    mtu: each(({ mtu }) => String(mtu ?? 1500)),
    nodes: rows.length === nodeCount ? 'all' : `${rows.length} of ${nodeCount}`,
  };
}

/** Which node has a zone, and what is not in force yet, is of the cluster alone. */
const ofCluster = ['state', 'pending', 'digest', 'nodes', 'zone', 'vnet', 'subnet', 'id', 'lock-token'];

async function seeSdn(call: Bound<typeof sdnReads>): Promise<Items> {
  const [zones, vnets, subnets] = await Promise.all([
    readSdn('zone', call, false),
    readSdn('vnet', call, false),
    readSdn('subnet', call, false),
  ]);
  return new Map([...zones, ...vnets, ...subnets].map((one) => [`${one.kind} ${nameOf(one)}`, fieldsOf(one)]));
}

const nameOf = ({ kind, id, vnet, settings }: SdnObject) =>
  kind === 'subnet' ? `${String(settings.cidr ?? id)} of ${vnet}` : id;

function fieldsOf({ kind, settings }: SdnObject): Fields {
  const zone = kind === 'vnet' ? { zone: String(settings.zone ?? '') } : {};
  return { ...settingTexts(settings, ofCluster), ...zone };
}
