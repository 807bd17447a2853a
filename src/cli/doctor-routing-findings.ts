import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { counted, type Finding, some } from './doctor-finding.js';
import type { RoutingCheck, RuleCheck, SharedKey } from './doctor-routing.js';

/**
 * What the routing says against the guests that are there.
 * @param allSeen whether every cluster told its guests
 */
export function routingFindings(
  config: ClusterRegistryConfig,
  { rules, ambiguous, sharedNames, sharedVmids }: RoutingCheck,
  allSeen: boolean,
): Finding[] {
  const idle = allSeen ? rules.filter(({ fits }) => fits === 0) : [];
  return [
    ...rules.flatMap(misplaced),
    ...(ambiguous.length === 0 ? [] : [ambiguousNames(ambiguous.map(({ name = '' }) => name))]),
    ...(idle.length === 0 ? [] : [idleRules(idle)]),
    ...sharedFinding('names', sharedNames, config.defaultCluster),
    ...sharedFinding('VMIDs', sharedVmids, config.defaultCluster),
  ];
}

const variableOf = (kind: RuleCheck['kind']) =>
  kind === 'pattern' ? 'PROXMOX_CLUSTER_PATTERNS' : 'PROXMOX_CLUSTER_VMID_MAP';

function misplaced({ kind, rule, cluster, elsewhere }: RuleCheck): Finding[] {
  const seats = [...new Set(elsewhere.map((guest) => guest.cluster))];
  return seats.map((seat) => {
    const guests = elsewhere.filter((guest) => guest.cluster === seat);
    const named = some(guests.map(({ name = 'without a name', vmid }) => `${name} (${vmid})`));
    return {
      severity: 'warning',
      code: 'MISPLACED_GUESTS',
      cluster: seat,
      message: `${kind === 'pattern' ? 'the pattern' : 'the VMID rule'} ${rule} leads to ${cluster}, and fits ${counted(guests.length, 'guest')} of ${seat}: ${named}`,
      next: `Correct ${variableOf(kind)}, or name the cluster with every call that means them.`,
    };
  });
}

const ambiguousNames = (names: readonly string[]): Finding => ({
  severity: 'warning',
  code: 'AMBIGUOUS_PATTERNS',
  message: `two patterns of different clusters fit equally well: ${some(names)}`,
  next: 'Make one of the patterns longer; until then a call that gives such a name and no cluster is refused.',
});

const idleRules = (rules: readonly RuleCheck[]): Finding => ({
  severity: 'note',
  code: 'IDLE_RULES',
  message: `no guest fits ${some(rules.map(({ rule }) => rule))}`,
  next: 'That is as it should be where such guests are still to come.',
});

function sharedFinding(what: string, shared: readonly SharedKey[], defaultCluster: string): Finding[] {
  if (shared.length === 0) return [];
  const examples = some(shared.map(({ key, clusters }) => `${key} (${some(clusters)})`));
  return [
    {
      severity: 'note',
      code: what === 'VMIDs' ? 'SHARED_VMIDS' : 'SHARED_NAMES',
      message: `${shared.length} ${what} are on more than one cluster: ${examples}`,
      next: `Name the cluster with calls about these; where no rule chooses, ${defaultCluster} is asked.`,
    },
  ];
}
