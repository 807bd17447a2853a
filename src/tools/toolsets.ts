/** The parts of the catalogue that `PROXMOX_TOOLSETS` switches on, with what each is for. */
export const toolsets = {
  clusters: 'The clusters themselves: list, status, health',
  guests: 'VMs and containers: find, show, create, clone, power, migrate, delete',
  config: 'Configuration of guests: hardware, options, cloud-init, tags, notes, pending changes',
  disks: 'Disks and network cards of guests',
  snapshots: 'Snapshots',
  bulk: 'One action on many guests',
  agent: 'What the guest agent does inside a guest',
  backup: 'Backups, restore, backup jobs',
  storage: 'Storage, its content, uploads and downloads',
  network: 'Bridges and VLANs of nodes, software-defined network',
  firewall: 'Firewall of datacenter, nodes, guests and groups',
  ha: 'High availability and replication',
  access: 'Pools, users, roles, permissions, tokens',
  nodes: 'Nodes and their services',
  hardware: 'Devices of nodes, their mappings, metric servers, notifications',
  tasks: 'Tasks: list, status, log, wait',
  federation: 'Several clusters together: move, back up, place, compare, copy, cost',
  metrics: 'Measured history, and what can be concluded from it',
} as const;

export type Toolset = keyof typeof toolsets;
