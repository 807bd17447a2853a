import type { ClusterRegistryConfig } from './cluster-config.js';
import { notACluster } from './cluster-names.js';
import type { Environment } from './environment.js';
import type { FaultList } from './faults.js';
import { parsePatterns } from './patterns.js';
import { globalVariables } from './variables.js';
import { parseVmidMap } from './vmid-map.js';

export type Routing = Pick<ClusterRegistryConfig, 'defaultCluster' | 'patterns' | 'vmidMap'>;

/** How calls find their cluster; every name in it is one of `names`. */
export function readRouting(environment: Environment, names: readonly string[], faults: FaultList): Routing {
  const patterns = environment.get('PROXMOX_CLUSTER_PATTERNS');
  const vmidMap = environment.get('PROXMOX_CLUSTER_VMID_MAP');
  const chosen = environment.get('PROXMOX_DEFAULT_CLUSTER');
  if (chosen !== undefined && !names.includes(chosen)) {
    faults.fault('PROXMOX_DEFAULT_CLUSTER', notACluster(chosen, names));
  }
  return {
    defaultCluster: chosen ?? names[0] ?? '',
    patterns: patterns ? parsePatterns(patterns, names, faults.about('PROXMOX_CLUSTER_PATTERNS')) : [],
    vmidMap: vmidMap ? parseVmidMap(vmidMap, names, faults.about('PROXMOX_CLUSTER_VMID_MAP')) : [],
  };
}

/** Warns about settings that need `PROXMOX_CLUSTERS`, which is not set. */
export function noteUselessRouting(environment: Environment, faults: FaultList): void {
  for (const { name, form } of globalVariables) {
    if (form === 'multi' && environment.has(name)) {
      faults.warn(name, 'has no effect, as PROXMOX_CLUSTERS is not set and there is one cluster');
    }
  }
}
