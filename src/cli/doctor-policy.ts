import type { ClusterConfig, ClusterRegistryConfig } from '../config/cluster-config.js';
import { rulesText } from '../pve/policy/rule-text.js';
import type { Finding } from './doctor-finding.js';

/** What the rules say of a cluster. */
export const policyReport = ({ policy }: ClusterConfig) => {
  const { access, rules } = rulesText(policy);
  return { access, policy: rules, set_by: [...new Set((policy ?? []).map(({ from }) => from))] };
};

/** That a cluster has rules: what they keep from happening is meant. */
export const policyNotes = ({ clusters }: ClusterRegistryConfig): Finding[] =>
  clusters.flatMap((cluster): Finding[] => {
    const { access, policy, set_by } = policyReport(cluster);
    if (set_by.length === 0) return [];
    const message = `rules hold for it: ${[`ACCESS=${access}`, ...policy].join(', ')} (${set_by.join(', ')})`;
    return [{ severity: 'note', code: 'POLICY', cluster: cluster.name, message }];
  });
