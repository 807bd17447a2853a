import type { Simulator } from '../../src/simulator/listen.js';
import type { Example } from './example.js';

export const env = {
  PROXMOX_CLUSTER_staging_PRICE_VCPU: '10',
  PROXMOX_CLUSTER_staging_PRICE_MEMORY_GIB: '5',
  PROXMOX_CLUSTER_staging_PRICE_DISK_GIB: '0.1',
  PROXMOX_CLUSTER_staging_CURRENCY: 'EUR',
};

/** So that the sizes of an unused disk of a VM and of a container are asked for. */
export function prepare(simulator: Simulator): void {
  for (const { vmid, config } of simulator.cluster('staging').state.guests)
    if (vmid === 200 || vmid === 203) config.unused0 = `local-lvm:vm-${vmid}-disk-9`;
}

export default [
  ['proxmox-cost-report', { cluster: 'staging' }],
  ['proxmox-cost-report', { cluster: 'tier:staging', by: 'tag', measured: true, timeframe: 'week', top: 3 }],
] satisfies readonly Example[];
