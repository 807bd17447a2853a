import type { ClusterConfig, ClusterRegistryConfig, PolicyRule } from './cluster-config.js';

/** `PROXMOX_READ_ONLY` is a rule of every cluster. */
export const readOnlyRule: PolicyRule = { kind: 'access', value: 'read', from: 'PROXMOX_READ_ONLY' };

/** All rules of a cluster of a configuration. */
export const rulesOf = (
  { readOnly }: Pick<ClusterRegistryConfig, 'readOnly'>,
  { policy = [] }: Pick<ClusterConfig, 'policy'>,
): readonly PolicyRule[] => (readOnly ? [readOnlyRule, ...policy] : policy);

/** The same of a cluster by its name; none where there is no such cluster. */
export function rulesNamed(config: ClusterRegistryConfig, name: string): readonly PolicyRule[] {
  const cluster = config.clusters.find((one) => one.name === name);
  return cluster === undefined ? [] : rulesOf(config, cluster);
}
