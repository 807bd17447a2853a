import type { ClusterPattern, ClusterRegistryConfig } from '../config/cluster-config.js';
import { AmbiguousClusterSelectionError } from './errors.js';
import { meaningOf, meaningsOf, notFound } from './selector.js';

/** What a call says of where it belongs. */
export interface RouteHints {
  readonly cluster?: string | undefined;
  /** A guest's name. */
  readonly name?: string | undefined;
  readonly vmid?: number | undefined;
}

/** How a cluster was chosen. `only`: there is no other; `auto`: it has the best place for what is to be made. */
export type Via =
  | 'explicit'
  | 'pattern'
  | 'vmid'
  | 'default'
  | 'only'
  | 'group'
  | 'region'
  | 'tier'
  | 'list'
  | 'all'
  | 'auto';

/** One cluster, and how it was chosen. */
export interface Choice {
  readonly cluster: string;
  readonly via: Via;
  /** The pattern or range that decided. */
  readonly by?: string;
}

/** The clusters that a read goes to. */
export interface Selection {
  readonly clusters: readonly string[];
  readonly via: Via;
  /** Whether the answer has one entry a cluster. */
  readonly many: boolean;
  readonly by?: string;
}

/**
 * The one cluster of a call: explicit, then name pattern, then VMID map, then default.
 * @throws {ClusterNotFoundError} when `cluster` names none
 * @throws {AmbiguousClusterSelectionError} when two patterns fit a name equally well
 */
export function route(hints: RouteHints, config: ClusterRegistryConfig): Choice {
  if (!config.multiCluster) return { cluster: config.defaultCluster, via: 'only' };
  if (hints.cluster !== undefined) return explicit(hints.cluster, config);
  const byName = hints.name === undefined ? undefined : routeByName(hints.name, config);
  if (byName !== undefined) return byName;
  const { vmid } = hints;
  const range = vmid === undefined ? undefined : config.vmidMap.find(({ from, to }) => from <= vmid && vmid <= to);
  if (range !== undefined) return { cluster: range.cluster, via: 'vmid', by: `${range.from}-${range.to}` };
  if (config.clusters.length === 1) return { cluster: config.defaultCluster, via: 'only' };
  return { cluster: config.defaultCluster, via: 'default' };
}

/**
 * The clusters of a read: one by {@link route}, or those of `all`, a group, a region, a tier, or a comma-separated list.
 * @throws {ClusterNotFoundError} for any part that names nothing
 * @throws {AmbiguousClusterSelectionError} for one that is a region and a tier
 */
export function select(hints: RouteHints, config: ClusterRegistryConfig): Selection {
  const { cluster: asked } = hints;
  if (asked === undefined || !config.multiCluster || isCluster(asked, config)) {
    const { cluster, ...how } = route(hints, config);
    return { clusters: [cluster], many: false, ...how };
  }
  if (!asked.includes(',')) {
    const meant = meaningOf(asked, config.clusters);
    if (meant === undefined) throw notFound(asked, config, true);
    return { ...meant, many: true };
  }
  const chosen = new Set(asked.split(',').flatMap((part) => members(part.trim(), config)));
  const clusters = config.clusters.map(({ name }) => name).filter((name) => chosen.has(name));
  return { clusters, many: true, via: 'list' };
}

/** Whether a `cluster` argument stands for several, be it by chance for one: what changes something does not take it. */
export function meansSeveral(asked: string, { clusters, multiCluster }: ClusterRegistryConfig): boolean {
  return multiCluster && (asked.includes(',') || meaningsOf(asked, clusters).length > 0);
}

/** Every cluster there is. */
export function selectAll(config: ClusterRegistryConfig): Selection {
  return { clusters: config.clusters.map(({ name }) => name), many: true, via: 'all' };
}

function members(part: string, config: ClusterRegistryConfig): readonly string[] {
  if (isCluster(part, config)) return [part];
  const meant = meaningOf(part, config.clusters);
  if (meant === undefined) throw notFound(part, config, true);
  return meant.clusters;
}

const isCluster = (asked: string, { clusters }: ClusterRegistryConfig) => clusters.some(({ name }) => name === asked);

function explicit(cluster: string, config: ClusterRegistryConfig): Choice {
  if (!isCluster(cluster, config)) throw notFound(cluster, config, false);
  return { cluster, via: 'explicit' };
}

function routeByName(name: string, config: ClusterRegistryConfig): Choice | undefined {
  const best = bestPatterns(name, config.patterns);
  const clusters = [...new Set(best.map(({ cluster }) => cluster))];
  const [cluster, other] = clusters;
  if (cluster !== undefined && other !== undefined) {
    const patterns = best.map(({ pattern }) => `'${pattern}'`).join(' and ');
    throw new AmbiguousClusterSelectionError(cluster, clusters, `the patterns ${patterns} fit the name equally well`);
  }
  if (cluster !== undefined) return { cluster, via: 'pattern', ...(best[0] ? { by: best[0].pattern } : {}) };
  const named = config.clusters.find(({ name: prefix }) => nameForm(prefix, name));
  return named && { cluster: named.name, via: 'pattern', by: '{cluster}-{type}-{id}' };
}

function bestPatterns(name: string, patterns: readonly ClusterPattern[]): readonly ClusterPattern[] {
  const fitting = patterns.filter(({ regex }) => regex.test(name));
  const longest = Math.max(...fitting.map(({ literal }) => literal));
  return fitting.filter(({ literal }) => literal === longest);
}

/** `{cluster}-{type}-{id}`, as in `production-vm-101`. */
function nameForm(cluster: string, name: string): boolean {
  return (
    name.toLowerCase().startsWith(`${cluster.toLowerCase()}-`) && /^[a-z]+-\d+$/i.test(name.slice(cluster.length + 1))
  );
}
