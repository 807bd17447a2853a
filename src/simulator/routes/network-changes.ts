import type { Settings } from '../configuration-state.js';
import { stagedChanges, writtenNetworks } from '../interfaces.js';
import { splitList } from '../parameter-format.js';
import { parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import { deletedKeys, settingsOf } from '../sections.js';
import type { NetworkState, NodeState } from '../state.js';
import type { Handler } from './declaration.js';
import { interfaceRow } from './nodes.js';

const own: Readonly<Record<string, keyof NetworkState>> = {
  address: 'address',
  netmask: 'netmask',
  gateway: 'gateway',
  bridge_ports: 'bridgePorts',
  bridge_vlan_aware: 'bridgeVlanAware',
  slaves: 'slaves',
  bond_mode: 'bondMode',
  'vlan-id': 'vlanId',
  'vlan-raw-device': 'vlanRawDevice',
  comments: 'comments',
};
const place = ['node', 'iface', 'type', 'autostart', 'cidr', ...Object.keys(own)];
const types = [
  'bridge',
  'bond',
  'eth',
  'vlan',
  'alias',
  'OVSBridge',
  'OVSBond',
  'OVSPort',
  'OVSIntPort',
  'vnet',
] as const;

function typeOf({ params }: Call): NetworkState['type'] {
  const type = types.find((one) => one === params.text('type'));
  if (type === undefined)
    throw parameterError({ type: `unable to configure an interface of type '${params.text('type')}'` });
  return type;
}

function networkNamed(node: NodeState, call: Call): NetworkState {
  const iface = call.params.text('iface');
  const network = writtenNetworks(node).find((one) => one.iface === iface);
  if (network === undefined) throw parameterError({ iface: 'interface does not exist' });
  return network;
}

/** From here on the node has an interfaces.new. */
function stage(node: NodeState): NetworkState[] {
  node.stagedNetworks ??= node.networks.map((network) => ({ ...network }));
  return node.stagedNetworks;
}

function setAddress({ params }: Call, network: NetworkState): void {
  const cidr = params.optionalText('cidr');
  const [address, netmask] = cidr?.split('/') ?? [params.optionalText('address'), params.optionalText('netmask')];
  if (address !== undefined) network.address = address;
  if (netmask !== undefined) network.netmask = netmask;
  if (address !== undefined && network.netmask === undefined) throw parameterError({ netmask: 'property is missing' });
}

function setTexts({ params }: Call, network: NetworkState): void {
  const text = (key: string) => params.optionalText(key);
  network.bridgePorts = text('bridge_ports') ?? network.bridgePorts ?? '';
  if (network.type !== 'bridge') delete network.bridgePorts;
  const values = {
    gateway: text('gateway'),
    slaves: text('slaves'),
    bondMode: text('bond_mode'),
    comments: text('comments'),
  };
  for (const key of ['gateway', 'slaves', 'bondMode', 'comments'] as const) {
    const value = values[key];
    if (value !== undefined) network[key] = value;
  }
}

function setVlan({ params }: Call, network: NetworkState): void {
  const [, raw, tag] = /^(.+)\.(\d+)$/.exec(network.iface) ?? [];
  if (network.type !== 'vlan') return;
  const device = params.optionalText('vlan-raw-device') ?? network.vlanRawDevice ?? raw;
  const id = params.optionalInteger('vlan-id') ?? network.vlanId ?? (tag === undefined ? undefined : Number(tag));
  if (device === undefined) throw parameterError({ 'vlan-raw-device': 'property is missing and it is not optional' });
  network.vlanRawDevice = device;
  if (id !== undefined) network.vlanId = id;
}

function requireOneGateway(node: NodeState, network: NetworkState): void {
  if (network.gateway === undefined) return;
  const other = writtenNetworks(node).find((one) => one.gateway !== undefined && one.iface !== network.iface);
  if (other !== undefined) {
    throw parameterError({ gateway: `Default gateway already exists on interface '${other.iface}'.` });
  }
}

function setKeys(call: Call, node: NodeState, network: NetworkState, options: Settings): void {
  const { params } = call;
  setAddress(call, network);
  setTexts(call, network);
  setVlan(call, network);
  // what writes the file asks whether it is there, not what it is
  if (params.has('bridge_vlan_aware')) network.bridgeVlanAware = true;
  if (params.has('autostart')) network.autostart = params.flag('autostart');
  if (Object.keys(options).length > 0) network.options = { ...network.options, ...options };
  requireOneGateway(node, network);
}

function nodeOf({ cluster, params }: Call): NodeState {
  return cluster.node(params.text('node'));
}

const create: Handler = (call, specs) => {
  const node = nodeOf(call);
  const iface = call.params.text('iface');
  if (writtenNetworks(node).some((one) => one.iface === iface))
    throw parameterError({ iface: 'interface already exists' });
  const network: NetworkState = { iface, type: typeOf(call), active: false, autostart: false };
  setKeys(call, node, network, settingsOf(call, specs, place));
  stage(node).push(network);
  return null;
};

const update: Handler = (call, specs) => {
  const node = nodeOf(call);
  const before = networkNamed(node, call);
  const changed: NetworkState = { ...before, type: typeOf(call) };
  // without an address in the call the interface becomes `manual`, and what only a static one has is not written
  for (const key of ['address', 'netmask', 'gateway'] as const) delete changed[key];
  for (const key of deletedKeys(call)) {
    if (key === 'cidr') {
      delete changed.address;
      delete changed.netmask;
    } else if (key === 'autostart') changed.autostart = false;
    else if (own[key] !== undefined) Reflect.deleteProperty(changed, own[key]);
    else if (changed.options !== undefined) {
      changed.options = Object.fromEntries(Object.entries(changed.options).filter(([name]) => name !== key));
    }
  }
  setKeys(call, node, changed, settingsOf(call, specs, place));
  const staged = stage(node);
  const at = staged.findIndex((one) => one.iface === before.iface);
  staged.splice(at, 1, changed);
  return null;
};

const remove: Handler = (call) => {
  const node = nodeOf(call);
  const { iface } = networkNamed(node, call);
  stage(node);
  node.stagedNetworks = writtenNetworks(node).filter((one) => one.iface !== iface);
  return null;
};

/** Ports of bridges and bonds that the node does not have: ifreload brings up the rest, and fails. */
function missingPorts(networks: readonly NetworkState[]): string[] {
  const known = new Set(networks.map(({ iface }) => iface));
  return networks.flatMap(({ iface, bridgePorts = '', slaves = '' }) =>
    [...splitList(bridgePorts), ...splitList(slaves)]
      .filter((port) => port !== 'none' && !known.has(port))
      .map((port) => `error: ${iface}: bridge port ${port} does not exist`),
  );
}

const apply: Handler = (call) => {
  const node = nodeOf(call);
  const staged = node.stagedNetworks;
  const missing = missingPorts(staged ?? []);
  return call.cluster.tasks.start({
    node: node.node,
    type: 'srvreload',
    id: 'networking',
    user: call.caller.authid,
    duration: 3,
    log: [...(stagedChanges(node) === undefined ? [] : ['reloading network config']), ...missing],
    finish: () => {
      if (staged !== undefined) {
        node.networks = staged.map((network) => ({ ...network, active: network.active || network.type !== 'eth' }));
        if (node.stagedNetworks === staged) node.stagedNetworks = undefined;
      }
      return missing.length > 0 ? "command 'ifreload -a' failed: exit code 1" : 'OK';
    },
  }).upid;
};

const path = '/nodes/{node}/network';

export const networkHandlers: Readonly<Record<string, Handler>> = {
  [`POST ${path}`]: create,
  [`PUT ${path}`]: apply,
  [`DELETE ${path}`]: (call) => {
    nodeOf(call).stagedNetworks = undefined;
    return null;
  },
  [`GET ${path}/{iface}`]: (call) => {
    const { iface: _, ...row } = interfaceRow(networkNamed(nodeOf(call), call), 0);
    return row;
  },
  [`PUT ${path}/{iface}`]: update,
  [`DELETE ${path}/{iface}`]: remove,
};
