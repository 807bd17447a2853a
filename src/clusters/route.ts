import type { ClusterPattern, ClusterRegistryConfig } from '../config/cluster-config.js';
import { nearest } from '../config/nearest.js';
import { AmbiguousClusterSelectionError, ClusterNotFoundError } from './errors.js';

/** What a call says of where it belongs. */
export interface RouteHints {
  readonly cluster?: string | undefined;
  /** A guest's name. */
  readonly name?: string | undefined;
  readonly vmid?: number | undefined;
}

/** How a cluster was chosen. `only`: there is no other; `auto`: it has the best place for what is to be made. */
export type Via = 'explicit' | 'pattern' | 'vmid' | 'default' | 'only' | 'group' | 'list' | 'all' | 'auto';

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
  if (hints.cluster !== undefined) return { cluster: existing(hints.cluster, config), via: 'explicit' };
  const byName = hints.name === undefined ? undefined : routeByName(hints.name, config);
  if (byName !== undefined) return byName;
  const { vmid } = hints;
  const range = vmid === undefined ? undefined : config.vmidMap.find(({ from, to }) => from <= vmid && vmid <= to);
  if (range !== undefined) return { cluster: range.cluster, via: 'vmid', by: `${range.from}-${range.to}` };
  if (config.clusters.length === 1) return { cluster: config.defaultCluster, via: 'only' };
  return { cluster: config.defaultCluster, via: 'default' };
}

/**
 * The clusters of a read: one by {@link route}, or those of `all`, a group, or a comma-separated list of both.
 * @throws {ClusterNotFoundError} for any part that names nothing
 */
export function select(hints: RouteHints, config: ClusterRegistryConfig): Selection {
  const { cluster: asked } = hints;
  if (asked === undefined || !config.multiCluster || config.clusters.some(({ name }) => name === asked)) {
    const { cluster, ...how } = route(hints, config);
    return { clusters: [cluster], many: false, ...how };
  }
  const parts = asked.includes(',') ? asked.split(',').map((part) => part.trim()) : [asked];
  const chosen = new Set(parts.flatMap((part) => members(part, config)));
  const clusters = config.clusters.map(({ name }) => name).filter((name) => chosen.has(name));
  return { clusters, many: true, via: parts.length > 1 ? 'list' : asked === 'all' ? 'all' : 'group' };
}

/** Every cluster there is. */
export function selectAll(config: ClusterRegistryConfig): Selection {
  return { clusters: config.clusters.map(({ name }) => name), many: true, via: 'all' };
}

function members(part: string, config: ClusterRegistryConfig): string[] {
  if (part === 'all') return config.clusters.map(({ name }) => name);
  const ofGroup = config.clusters.filter(({ group }) => group === part).map(({ name }) => name);
  return ofGroup.length > 0 ? ofGroup : [existing(part, config)];
}

function existing(name: string, config: ClusterRegistryConfig): string {
  const known = config.clusters.map((cluster) => cluster.name);
  if (known.includes(name)) return name;
  const groups = config.clusters.flatMap(({ group }) => group ?? []);
  throw new ClusterNotFoundError(name, known, nearest(name, [...known, ...groups, 'all']));
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
