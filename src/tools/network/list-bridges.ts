import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { defineList } from '../define.js';

const networkInterface = z.object({
  iface: z.string(),
  type: z.string(),
  active: flag.optional(),
  autostart: flag.optional(),
  cidr: z.string().optional(),
  cidr6: z.string().optional(),
  address: z.string().optional(),
  netmask: text.optional(),
  gateway: z.string().optional(),
  gateway6: z.string().optional(),
  bridge_ports: z.string().optional(),
  ovs_ports: z.string().optional(),
  bridge_vlan_aware: flag.optional(),
  // So spelt on the rows of SDN vnets (pve-network, SDN.pm, get_local_vnets).
  vlanaware: flag.optional(),
  mtu: number.optional(),
  comments: text.optional(),
});
type NetworkInterface = z.output<typeof networkInterface>;

export default [
  defineList({
    name: 'proxmox-list-bridges',
    title: 'List bridges',
    description:
      'Bridges of a node that a guest can be attached to: Linux and Open vSwitch bridges, and SDN vnets (type vnet). The iface is what bridge= of a network device takes.',
    effect: 'read',
    scope: 'node',
    toolset: 'network',
    input: {},
    output: z.object({
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
      mtu: z.number().optional(),
      comments: z.string().optional(),
    }),
    calls: { networks: endpoint('GET /nodes/{node}/network', z.array(networkInterface)) },
    // Since 8.0 the bridges that it has neither of are left out.
    privileges: ['SDN.Audit|SDN.Use on /sdn/zones/localnetwork'],
    run: async ({ target, call }) => {
      const { data } = await call.networks(target, { type: 'any_bridge' });
      return { rows: data.map(row).sort((a, b) => (a.iface < b.iface ? -1 : 1)) };
    },
  }),
];

const longestComment = 200;

function row(network: NetworkInterface) {
  const { iface, type, gateway, gateway6, cidr6, mtu } = network;
  const ports = network.bridge_ports ?? network.ovs_ports;
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
    ports: ports === undefined ? undefined : splitList(ports).filter((port) => port !== 'none'),
    vlan_aware: network.bridge_vlan_aware ?? network.vlanaware ?? (type === 'bridge' ? false : undefined),
    mtu,
    comments: network.comments?.trim().slice(0, longestComment) || undefined,
  };
}

const addressOf = ({ address, netmask }: NetworkInterface) =>
  address === undefined || netmask === undefined ? address : `${address}/${netmask}`;
