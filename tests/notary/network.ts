import type { Example } from './example.js';

/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };
const node = 'pve1';

export default [
  [
    'proxmox-create-network-interface',
    {
      node,
      iface: 'vmbr7',
      type: 'bridge',
      ports: 'none',
      vlan_aware: true,
      cidr: '10.77.0.1/24,fd77::1/64',
      mtu: 9000,
      autostart: true,
      comments: 'by the notary',
    },
  ],
  [
    'proxmox-create-network-interface',
    { node, iface: 'bond7', type: 'bond', ports: 'eno1,eno2', bond_mode: '802.3ad', hash_policy: 'layer2+3' },
  ],
  ['proxmox-create-network-interface', { node, iface: 'storage', type: 'vlan', device: 'vmbr7', tag: 30 }],
  ['proxmox-create-network-interface', { node, iface: 'vmbr8', type: 'OVSBridge' }],
  ['proxmox-create-network-interface', { node, iface: 'ovs8', type: 'OVSIntPort', device: 'vmbr8', tag: 31 }],
  ['proxmox-create-vlan', { node, vlan_id: 42, vlan_name: 'guests', bridge: 'vmbr0', cidr: '10.42.0.2/24' }],
  ['proxmox-list-network-interfaces', { node }],
  ['proxmox-update-network-interface', { node, iface: 'vmbr0', changes: { mtu: 1400, comments: 'main' } }],
  [
    'proxmox-update-network-interface',
    { node, iface: 'vmbr7', changes: { ports: 'eno2', cidr: null, mtu: null, vlan_aware: false } },
  ],
  ['proxmox-update-network-interface', { node, iface: 'vmbr0.42', changes: { cidr: '10.42.0.3/24' } }],
  [
    'proxmox-update-network-interface',
    { node, iface: 'bond7', changes: { bond_mode: 'active-backup', hash_policy: null } },
  ],
  ['proxmox-delete-network-interface', { node, iface: 'ovs8' }],
  ['proxmox-apply-network', { node, ...sure }],
  ['proxmox-delete-network-interface', { node, iface: 'bond7' }],
  ['proxmox-revert-network', { node, ...sure }],
  ['proxmox-set-sdn', { kind: 'zone', id: 'lab', type: 'simple', dhcp: true, nodes: 'pve1,pve2', mtu: 1450 }],
  ['proxmox-set-sdn', { kind: 'zone', id: 'zvlan', type: 'vlan', bridge: 'vmbr0' }],
  ['proxmox-set-sdn', { kind: 'zone', id: 'zqinq', type: 'qinq', bridge: 'vmbr0', tag: 20 }],
  ['proxmox-set-sdn', { kind: 'zone', id: 'zvxlan', type: 'vxlan', peers: '10.20.0.11, 10.20.0.12' }],
  ['proxmox-set-sdn', { kind: 'vnet', id: 'labnet', zone: 'lab', alias: 'the lab', vlan_aware: true }],
  ['proxmox-set-sdn', { kind: 'vnet', id: 'net30', zone: 'zvlan', tag: 30 }],
  [
    'proxmox-set-sdn',
    {
      kind: 'subnet',
      id: '10.9.0.0/24',
      vnet: 'labnet',
      gateway: '10.9.0.1',
      snat: true,
      dhcp_range: ['10.9.0.100-10.9.0.199'],
    },
  ],
  ['proxmox-apply-sdn', { ...sure }],
  ['proxmox-list-sdn', { kind: 'zone' }],
  ['proxmox-set-sdn', { kind: 'zone', id: 'lab', dhcp: false, mtu: 1400 }],
  ['proxmox-set-sdn', { kind: 'vnet', id: 'labnet', vlan_aware: false }],
  ['proxmox-set-sdn', { kind: 'subnet', id: '10.9.0.0/24', vnet: 'labnet', gateway: '10.9.0.2' }],
  ['proxmox-list-sdn', { kind: 'vnet' }],
  ['proxmox-list-sdn', { kind: 'subnet', vnet: 'labnet' }],
  ['proxmox-delete-sdn', { kind: 'subnet', id: '10.9.0.0/24', ...sure }],
  ['proxmox-delete-sdn', { kind: 'vnet', id: 'labnet', ...sure }],
  ['proxmox-delete-sdn', { kind: 'zone', id: 'lab', ...sure }],
] satisfies readonly Example[];
