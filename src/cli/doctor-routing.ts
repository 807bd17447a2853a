import { AmbiguousClusterSelectionError } from '../clusters/errors.js';
import { type RouteHints, route } from '../clusters/route.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';

/** A guest, and the cluster that it sits on. */
export interface SeatedGuest {
  readonly cluster: string;
  readonly vmid: number;
  readonly name?: string | undefined;
}

/** A rule that chooses a cluster, held against the guests that are there. */
export interface RuleCheck {
  readonly kind: 'pattern' | 'vmid';
  readonly rule: string;
  readonly cluster: string;
  /** How many present guests it decides for. */
  readonly fits: number;
  /** Those of them that sit on another cluster. */
  readonly elsewhere: readonly SeatedGuest[];
}

/** A name or VMID that guests of several clusters have. */
export interface SharedKey {
  readonly key: string;
  readonly clusters: readonly string[];
}

export interface RoutingCheck {
  readonly rules: readonly RuleCheck[];
  /** Guests whose name two patterns fit equally well. */
  readonly ambiguous: readonly SeatedGuest[];
  readonly sharedNames: readonly SharedKey[];
  readonly sharedVmids: readonly SharedKey[];
}

/** Holds the routing against every guest that was seen. */
export function checkRouting(config: ClusterRegistryConfig, guests: readonly SeatedGuest[]): RoutingCheck {
  const byName = guests.map((guest) => ({ guest, choice: choose({ name: guest.name }, config) }));
  const byVmid = guests.map((guest) => ({ guest, choice: choose({ vmid: guest.vmid }, config) }));
  return {
    rules: [...ruleChecks('pattern', patternsOf(config), byName), ...ruleChecks('vmid', rangesOf(config), byVmid)],
    ambiguous: byName.flatMap(({ guest, choice }) => (choice === 'ambiguous' ? [guest] : [])),
    sharedNames: sharedKeys(guests, ({ name }) => name),
    sharedVmids: sharedKeys(guests, ({ vmid }) => String(vmid)),
  };
}

type Rule = Pick<RuleCheck, 'rule' | 'cluster'>;

const patternsOf = ({ patterns, clusters }: ClusterRegistryConfig): Rule[] => [
  ...patterns.map(({ pattern, cluster }) => ({ rule: pattern, cluster })),
  ...clusters.map(({ name }) => ({ rule: implicitRule, cluster: name })),
];

const rangesOf = ({ vmidMap }: ClusterRegistryConfig): Rule[] =>
  vmidMap.map(({ from, to, cluster }) => ({ rule: `${from}-${to}`, cluster }));

/** Every cluster has it; it is told where a guest fits it. */
const implicitRule = '{cluster}-{type}-{id}';

type Decision = ReturnType<typeof choose>;

function choose(hints: RouteHints, config: ClusterRegistryConfig) {
  try {
    return route(hints, config);
  } catch (error) {
    if (error instanceof AmbiguousClusterSelectionError) return 'ambiguous' as const;
    throw error;
  }
}

function ruleChecks(
  kind: RuleCheck['kind'],
  rules: readonly Rule[],
  decided: readonly { readonly guest: SeatedGuest; readonly choice: Decision }[],
): RuleCheck[] {
  return rules.flatMap(({ rule, cluster }) => {
    const fitting = decided.flatMap(({ guest, choice }) =>
      choice !== 'ambiguous' && choice.via === kind && choice.by === rule && choice.cluster === cluster ? [guest] : [],
    );
    if (rule === implicitRule && fitting.length === 0) return [];
    const elsewhere = fitting.filter((guest) => guest.cluster !== cluster);
    return [{ kind, rule, cluster, fits: fitting.length, elsewhere }];
  });
}

function sharedKeys(guests: readonly SeatedGuest[], keyOf: (guest: SeatedGuest) => string | undefined): SharedKey[] {
  const owners = new Map<string, Set<string>>();
  for (const guest of guests) {
    const key = keyOf(guest);
    if (key !== undefined) owners.set(key, (owners.get(key) ?? new Set()).add(guest.cluster));
  }
  return [...owners].flatMap(([key, clusters]) => (clusters.size > 1 ? [{ key, clusters: [...clusters] }] : []));
}
