import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  address: { type: 'string', format: 'ipv4', requires: 'netmask' },
  address6: { type: 'string', format: 'ipv6', requires: 'netmask6' },
  autostart: { type: 'boolean' },
  'bond-primary': { type: 'string', format: 'pve-iface' },
  bond_mode: {
    type: 'string',
    enum: [
      'balance-rr',
      'active-backup',
      'balance-xor',
      'broadcast',
      '802.3ad',
      'balance-tlb',
      'balance-alb',
      'balance-slb',
      'lacp-balance-slb',
      'lacp-balance-tcp',
    ],
  },
  bond_xmit_hash_policy: { type: 'string', enum: ['layer2', 'layer2+3', 'layer3+4'] },
  bridge_ports: { type: 'string', format: 'pve-iface-list' },
  bridge_vids: { type: 'string', format: 'pve-vlan-id-or-range-list' },
  bridge_vlan_aware: { type: 'boolean' },
  cidr: { type: 'string', format: 'CIDRv4' },
  cidr6: { type: 'string', format: 'CIDRv6' },
  comments: { type: 'string' },
  comments6: { type: 'string' },
  delete: { type: 'string', format: 'pve-configid-list' },
  gateway: { type: 'string', format: 'ipv4' },
  gateway6: { type: 'string', format: 'ipv6' },
  iface: { type: 'string', minLength: 2, maxLength: 20, format: 'pve-iface' },
  mtu: { type: 'integer', min: 1280, max: 65520 },
  netmask: { type: 'string', format: 'ipv4mask', requires: 'address' },
  netmask6: { type: 'integer', min: 0, max: 128, requires: 'address6' },
  node: { type: 'string', format: 'pve-node' },
  ovs_bonds: { type: 'string', format: 'pve-iface-list' },
  ovs_bridge: { type: 'string', format: 'pve-iface' },
  ovs_options: { type: 'string', maxLength: 1024 },
  ovs_ports: { type: 'string', format: 'pve-iface-list' },
  ovs_tag: { type: 'integer', min: 1, max: 4094 },
  'regenerate-frr': { type: 'boolean', since: '9.2' },
  slaves: { type: 'string', format: 'pve-iface-list' },
  type: {
    type: 'string',
    enum: {
      '8.4': [
        'bridge',
        'bond',
        'eth',
        'alias',
        'vlan',
        'OVSBridge',
        'OVSBond',
        'OVSPort',
        'OVSIntPort',
        'vnet',
        'unknown',
      ],
      '9.2': [
        'bridge',
        'bond',
        'eth',
        'alias',
        'vlan',
        'fabric',
        'OVSBridge',
        'OVSBond',
        'OVSPort',
        'OVSIntPort',
        'vnet',
        'unknown',
      ],
    },
  },
  'vlan-id': { type: 'integer', min: 1, max: 4094 },
  'vlan-raw-device': { type: 'string', format: 'pve-iface' },
};

const named = (names: string) => parametersOf(specs, names);

export const networkDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /nodes/{node}/network': {
    params: named(`
      address? address6? autostart? bond-primary? bond_mode? bond_xmit_hash_policy? bridge_ports? bridge_vids?
      bridge_vlan_aware? cidr? cidr6? comments? comments6? gateway? gateway6? iface mtu? netmask? netmask6? node
      ovs_bonds? ovs_bridge? ovs_options? ovs_ports? ovs_tag? slaves? type vlan-id? vlan-raw-device?`),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'PUT /nodes/{node}/network': {
    params: named('node regenerate-frr?'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'DELETE /nodes/{node}/network': {
    params: named('node'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'GET /nodes/{node}/network/{iface}': {
    params: named('iface node'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
  },
  'PUT /nodes/{node}/network/{iface}': {
    params: named(`
      address? address6? autostart? bond-primary? bond_mode? bond_xmit_hash_policy? bridge_ports? bridge_vids?
      bridge_vlan_aware? cidr? cidr6? comments? comments6? delete? gateway? gateway6? iface mtu? netmask?
      netmask6? node ovs_bonds? ovs_bridge? ovs_options? ovs_ports? ovs_tag? slaves? type vlan-id?
      vlan-raw-device?`),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'DELETE /nodes/{node}/network/{iface}': {
    params: named('iface node'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
};
