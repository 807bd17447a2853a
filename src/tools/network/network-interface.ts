import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';

const word = text.optional();

/** A network interface of a node as its configuration says, staged changes included. */
const networkInterface = z.object({
  iface: z.string(),
  type: z.string(),
  active: flag.optional(),
  autostart: flag.optional(),
  cidr: word,
  cidr6: word,
  address: word,
  netmask: word,
  gateway: word,
  gateway6: word,
  bridge_ports: word,
  ovs_ports: word,
  ovs_bonds: word,
  slaves: word,
  bond_mode: word,
  bridge_vlan_aware: flag.optional(),
  // So spelt on the rows of SDN vnets (pve-network, SDN.pm, get_local_vnets).
  vlanaware: flag.optional(),
  'vlan-id': number.optional(),
  'vlan-raw-device': word,
  ovs_bridge: word,
  ovs_tag: number.optional(),
  mtu: number.optional(),
  comments: word,
});
export type NetworkInterface = z.output<typeof networkInterface>;

export const networks = endpoint('GET /nodes/{node}/network', z.array(networkInterface));

export const shownInterface = z.object({
  iface: z.string(),
  type: z.string(),
  active: z.boolean(),
  autostart: z.boolean().optional(),
  cidr: z.string().optional(),
  cidr6: z.string().optional(),
  gateway: z.string().optional(),
  gateway6: z.string().optional(),
  ports: z.array(z.string()).optional(),
  vlan_aware: z.boolean().optional(),
  bond_mode: z.string().optional(),
  /** Of a VLAN what it is on, of an Open vSwitch port its bridge. */
  device: z.string().optional(),
  tag: z.number().optional(),
  mtu: z.number().optional(),
  comments: z.string().optional(),
});

const longestComment = 200;

/** What an interface is made of: the ports of a bridge, the slaves of a bond. */
export function portsOf(network: NetworkInterface): string[] | undefined {
  const ports = network.bridge_ports ?? network.ovs_ports ?? network.slaves ?? network.ovs_bonds;
  return ports === undefined ? undefined : splitList(ports).filter((port) => port !== 'none');
}

export const deviceOf = (network: NetworkInterface) => network['vlan-raw-device'] ?? network.ovs_bridge;

export function showInterface(network: NetworkInterface): z.input<typeof shownInterface> {
  const { iface, type, gateway, gateway6, cidr6, bond_mode, mtu } = network;
  return {
    iface,
    type,
    // A flag that is off is left out by the server; a vnet has no autostart, and Open vSwitch no such VLAN switch.
    active: network.active ?? false,
    autostart: network.autostart ?? (type === 'vnet' ? undefined : false),
    cidr: network.cidr ?? addressOf(network),
    cidr6,
    gateway,
    gateway6,
    ports: portsOf(network),
    vlan_aware: network.bridge_vlan_aware ?? network.vlanaware ?? (type === 'bridge' ? false : undefined),
    bond_mode,
    device: deviceOf(network),
    tag: network['vlan-id'] ?? network.ovs_tag,
    mtu,
    comments: network.comments?.trim().slice(0, longestComment) || undefined,
  };
}

const addressOf = ({ address, netmask }: NetworkInterface) =>
  address === undefined || netmask === undefined ? address : `${address}/${netmask}`;
