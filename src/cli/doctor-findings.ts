import { isSameCluster } from '../clusters/identity.js';
import type { ClusterRegistryConfig, ConfigFault } from '../config/cluster-config.js';
import { auditFindings } from './doctor-audit.js';
import type { ClusterCheck } from './doctor-cluster.js';
import { clusterFindings, type DiagnosedCluster } from './doctor-cluster-findings.js';
import type { Finding } from './doctor-finding.js';
import { policyNotes } from './doctor-policy.js';
import type { RoutingCheck } from './doctor-routing.js';
import { routingFindings } from './doctor-routing-findings.js';

/** Everything that the checks say, the worst first. */
export function findingsOf(
  config: ClusterRegistryConfig,
  warnings: readonly ConfigFault[],
  clusters: readonly DiagnosedCluster[],
  routing: RoutingCheck,
): Finding[] {
  const all = [
    ...clusters.flatMap((cluster) => clusterFindings(cluster, config)),
    ...warnings.map(({ message }): Finding => ({ severity: 'warning', code: 'CONFIGURATION', message })),
    ...auditFindings(config.audit),
    ...sameClusters(clusters),
    ...policyNotes(config),
    ...routingFindings(
      config,
      routing,
      clusters.every(({ check }) => check.guests !== undefined),
    ),
  ];
  const rank = { error: 0, warning: 1, note: 2 };
  return all.toSorted((a, b) => rank[a.severity] - rank[b.severity]);
}

/** Two names for one cluster: every guest is there twice, and routing chooses between equals. */
function sameClusters(clusters: readonly DiagnosedCluster[]): Finding[] {
  const checks = clusters.map(({ check }) => check);
  const alike = (a: ClusterCheck, b: ClusterCheck) => isSameCluster(a.best.health.identity, b.best.health.identity);
  return checks.flatMap((check, index): Finding[] => {
    const told = checks.slice(0, index).some((earlier) => alike(earlier, check));
    const same = told ? [] : [check, ...checks.slice(index + 1).filter((other) => alike(check, other))];
    // One URL under two names is warned about with the configuration.
    return new Set(same.map(({ best }) => best.url)).size < 2
      ? []
      : [
          {
            severity: 'warning',
            code: 'SAME_CLUSTER',
            message: `${same.map(({ config }) => config.name).join(' and ')} are one cluster: its name, its nodes, their addresses and its authority are the same`,
            next: 'Keep one of the names, with all the addresses in its API_URL.',
          },
        ];
  });
}
