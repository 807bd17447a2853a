import type { Simulator } from '../../src/simulator/listen.js';
import type { Example } from './example.js';

const sure = { confirm: true, cluster: 'production' };

/** A rule of 9 and a group of 8.4, so that both are read. */
export function prepare(simulator: Simulator): void {
  const { state } = simulator.cluster('production');
  for (const storage of state.storages) if (storage.storage === 'local-lvm') storage.shared = true;
  state.configuration.haRules.push({
    id: 'near',
    settings: { type: 'node-affinity', resources: 'vm:103', nodes: 'pve1:2,pve2', strict: 1 },
  });
}

export default [
  [
    'proxmox-recommend-placement',
    { kind: 'lxc', cores: 4, memory_mb: 4096, disk_gb: 30, near_tag: 'web', apart_tag: 'postgres', tier: 'production' },
  ],
  ['proxmox-recommend-placement', { cluster: 'production,staging', region: 'eu-central' }],
  ['proxmox-create-vm', { cluster: 'auto', name: 'placed', cores: 2, sockets: 2, memory_mb: 2048, disk_gb: 8 }],
  ['proxmox-clone-vm', { cluster: 'auto', source_vmid: 102, name: 'placed-too' }],
  ['proxmox-balance-report', { cluster: 'production', by: 'cpu', moves: 3, restart: true, with_local_disks: true }],
  ['proxmox-balance-report', {}],
  ['proxmox-rebalance', { by: 'memory', moves: 2, restart: true, with_local_disks: true, ...sure }],
  ['proxmox-drain-node', { node: 'pve3', target_nodes: ['pve1', 'pve2'], at_once: 1, stopped: true, ...sure }],
  [
    'proxmox-undrain-node',
    ({ result }: Record<string, any> = {}) => ({
      node: 'pve3',
      guests: result.guests,
      at_once: 1,
      with_local_disks: true,
      ...sure,
    }),
  ],
  ['proxmox-drain-node', { node: 'pve1', restart: false, with_local_disks: true, at_once: 1, ...sure }],
] satisfies readonly Example[];
