import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  'advertise-subnets': { type: 'boolean' },
  alias: { type: 'string', maxLength: 256 },
  'allow-pending': { type: 'boolean' },
  bridge: { type: 'string' },
  'bridge-disable-mac-learning': { type: 'boolean' },
  controller: { type: 'string' },
  delete: { type: 'string', maxLength: 4096, format: 'pve-configid-list' },
  dhcp: { type: 'string', enum: ['dnsmasq'] },
  'dhcp-dns-server': { type: 'string', format: 'ip' },
  'dhcp-range': { type: 'array', items: { type: 'string', format: 'pve-sdn-dhcp-range' } },
  digest: { type: 'string', maxLength: 64 },
  'disable-arp-nd-suppression': { type: 'boolean' },
  dns: { type: 'string' },
  dnszone: { type: 'string', format: 'dns-name' },
  dnszoneprefix: { type: 'string', format: 'dns-name' },
  'dp-id': { type: 'integer' },
  exitnodes: { type: 'string', format: 'pve-node-list' },
  'exitnodes-local-routing': { type: 'boolean' },
  'exitnodes-primary': { type: 'string', format: 'pve-node' },
  fabric: { type: 'string', format: 'pve-sdn-fabric-id' },
  force: { type: 'boolean' },
  gateway: { type: 'string', format: 'ip' },
  ipam: { type: 'string' },
  'isolate-ports': { type: 'boolean' },
  'lock-token': { type: 'string', since: '9.2' },
  'lock-token#2': { type: 'string' },
  mac: { type: 'string', format: 'mac-addr' },
  mtu: { type: 'integer' },
  nodes: { type: 'string', format: 'pve-node-list' },
  peers: { type: 'string', format: 'ip-list' },
  pending: { type: 'boolean' },
  'release-lock': { type: 'boolean', since: '9.2' },
  'release-lock#2': { type: 'boolean' },
  reversedns: { type: 'string' },
  'rt-import': { type: 'string', format: 'pve-sdn-bgp-rt-list' },
  running: { type: 'boolean' },
  'secondary-controllers': {
    type: 'array',
    items: { type: 'string', minLength: 2, maxLength: 64, pattern: '[a-zA-Z][a-zA-Z0-9_-]*[a-zA-Z0-9]' },
  },
  snat: { type: 'boolean' },
  subnet: { type: 'string', format: 'pve-sdn-subnet-id' },
  tag: { type: 'integer', min: 0 },
  'tag#2': { type: 'integer', min: 1, max: 16777215 },
  'tag#3': { type: 'integer' },
  type: { type: 'string', enum: ['evpn', 'faucet', 'qinq', 'simple', 'vlan', 'vxlan'] },
  'type#2': { type: 'string', enum: ['evpn', 'faucet', 'qinq', 'simple', 'vlan', 'vxlan'], format: 'pve-configid' },
  'type#3': { type: 'string', enum: ['vnet'] },
  'type#4': { type: 'string', enum: ['subnet'] },
  'vlan-protocol': { type: 'string', enum: ['802.1q', '802.1ad'] },
  vlanaware: { type: 'boolean' },
  vnet: { type: 'string', minLength: 2, maxLength: 8, pattern: '[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9]' },
  'vnet#2': { type: 'string', format: 'pve-sdn-vnet-id' },
  'vnet#3': { type: 'string' },
  'vrf-vxlan': { type: 'integer', min: 1, max: 16777215 },
  'vrf-vxlan#2': { type: 'integer' },
  'vxlan-port': { type: 'integer', min: 1, max: 65536 },
  zone: { type: 'string', minLength: 2, maxLength: 8, pattern: '[a-zA-Z][a-zA-Z0-9]*[a-zA-Z0-9]' },
  'zone#2': { type: 'string', format: 'pve-sdn-zone-id' },
  'zone#3': { type: 'string' },
};

const named = (names: string) => parametersOf(specs, names);

export const sdnDeclarations: Readonly<Record<string, Declaration>> = {
  'PUT /cluster/sdn': {
    params: named('lock-token? release-lock?'),
    permission: { path: '/sdn', privileges: ['SDN.Allocate'] },
  },
  'GET /cluster/sdn/zones': { params: named('pending? running? type?'), permission: 'all' },
  'POST /cluster/sdn/zones': {
    params: named(`
      advertise-subnets? bridge? bridge-disable-mac-learning? controller? dhcp? disable-arp-nd-suppression? dns?
      dnszone? dp-id? exitnodes? exitnodes-local-routing? exitnodes-primary? fabric? ipam? lock-token#2? mac?
      mtu? nodes? peers? reversedns? rt-import? secondary-controllers? tag? type#2 vlan-protocol? vrf-vxlan?
      vxlan-port? zone`),
    permission: { path: '/sdn/zones', privileges: ['SDN.Allocate'] },
    params84: named(`
      advertise-subnets? bridge? bridge-disable-mac-learning? controller? dhcp? disable-arp-nd-suppression? dns?
      dnszone? dp-id? exitnodes? exitnodes-local-routing? exitnodes-primary? ipam? mac? mtu? nodes? peers?
      reversedns? rt-import? tag? type#2 vlan-protocol? vrf-vxlan#2? vxlan-port? zone#2`),
  },
  'GET /cluster/sdn/zones/{zone}': {
    params: named('pending? running? zone'),
    permission: { path: '/sdn/zones/{zone}', privileges: ['SDN.Allocate'] },
    params84: named('pending? running? zone#2'),
  },
  'PUT /cluster/sdn/zones/{zone}': {
    params: named(`
      advertise-subnets? bridge? bridge-disable-mac-learning? controller? delete? dhcp? digest?
      disable-arp-nd-suppression? dns? dnszone? dp-id? exitnodes? exitnodes-local-routing? exitnodes-primary?
      fabric? ipam? lock-token#2? mac? mtu? nodes? peers? reversedns? rt-import? secondary-controllers? tag?
      vlan-protocol? vrf-vxlan? vxlan-port? zone`),
    permission: { path: '/sdn/zones/{zone}', privileges: ['SDN.Allocate'] },
    params84: named(`
      advertise-subnets? bridge? bridge-disable-mac-learning? controller? delete? dhcp? digest?
      disable-arp-nd-suppression? dns? dnszone? dp-id? exitnodes? exitnodes-local-routing? exitnodes-primary?
      ipam? mac? mtu? nodes? peers? reversedns? rt-import? tag? vlan-protocol? vrf-vxlan#2? vxlan-port? zone#2`),
  },
  'DELETE /cluster/sdn/zones/{zone}': {
    params: named('lock-token#2? zone'),
    permission: { path: '/sdn/zones/{zone}', privileges: ['SDN.Allocate'] },
    params84: named('zone#2'),
  },
  'GET /cluster/sdn/vnets': { params: named('pending? running?'), permission: 'all' },
  'POST /cluster/sdn/vnets': {
    params: named('alias? isolate-ports? lock-token#2? tag#2? type#3? vlanaware? vnet zone#3'),
    permission: { path: '/sdn/zones/{zone}', privileges: ['SDN.Allocate'] },
    params84: named('alias? isolate-ports? tag#3? type#3? vlanaware? vnet#2 zone#3'),
  },
  'GET /cluster/sdn/vnets/{vnet}': {
    params: named('pending? running? vnet'),
    permission: 'all',
    params84: named('pending? running? vnet#2'),
  },
  'PUT /cluster/sdn/vnets/{vnet}': {
    params: named('alias? delete? digest? isolate-ports? lock-token#2? tag#2? vlanaware? vnet zone#3?'),
    permission: 'all',
    params84: named('alias? delete? digest? isolate-ports? tag#3? vlanaware? vnet#2 zone#3?'),
  },
  'DELETE /cluster/sdn/vnets/{vnet}': {
    params: named('lock-token#2? vnet'),
    permission: 'all',
    params84: named('vnet#2'),
  },
  'GET /cluster/sdn/vnets/{vnet}/subnets': {
    params: named('pending? running? vnet'),
    permission: 'all',
    params84: named('pending? running? vnet#2'),
  },
  'POST /cluster/sdn/vnets/{vnet}/subnets': {
    params: named('dhcp-dns-server? dhcp-range? dnszoneprefix? gateway? lock-token? snat? subnet type#4 vnet#3'),
    permission: 'all',
  },
  'GET /cluster/sdn/vnets/{vnet}/subnets/{subnet}': {
    params: named('pending? running? subnet vnet'),
    permission: 'all',
    params84: named('pending? running? subnet vnet#2'),
  },
  'PUT /cluster/sdn/vnets/{vnet}/subnets/{subnet}': {
    params: named(`
      delete? dhcp-dns-server? dhcp-range? digest? dnszoneprefix? gateway? lock-token? snat? subnet vnet#3?`),
    permission: 'all',
  },
  'DELETE /cluster/sdn/vnets/{vnet}/subnets/{subnet}': {
    params: named('lock-token#2? subnet vnet'),
    permission: 'all',
    params84: named('subnet vnet#2'),
  },
  'POST /cluster/sdn/lock': {
    params: named('allow-pending?'),
    permission: { path: '/sdn', privileges: ['SDN.Allocate'] },
    since: '9.2',
  },
  'DELETE /cluster/sdn/lock': {
    params: named('force? lock-token#2?'),
    permission: { path: '/sdn', privileges: ['SDN.Allocate'] },
    since: '9.2',
  },
  'POST /cluster/sdn/rollback': {
    params: named('lock-token#2? release-lock#2?'),
    permission: { path: '/sdn', privileges: ['SDN.Allocate'] },
    since: '9.2',
  },
};
