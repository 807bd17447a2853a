import type { ClusterConfig } from './cluster-config.js';
import type { ClusterSource } from './cluster-source.js';
import { type FaultList, quote } from './faults.js';

const kinds = [
  ['region', 'REGION'],
  ['tier', 'TIER'],
] as const;

type Kind = (typeof kinds)[number][0];
type Clusters = readonly ClusterConfig[];

/** Warns of regions and tiers that in a call would mean something else, or less, than they seem to. */
export function noteLabels(clusters: Clusters, sources: ReadonlyMap<string, ClusterSource>, faults: FaultList): void {
  for (const [kind, suffix] of kinds) {
    const seen = new Set<string>();
    for (const { name, [kind]: value } of clusters) {
      if (value === undefined || seen.has(value)) continue;
      const likeness = [...seen].find((other) => other.toLowerCase() === value.toLowerCase());
      seen.add(value);
      const variable = sources.get(name)?.find(suffix)?.variable ?? '';
      const differs = likeness && `is ${quote(value)}, and another ${kind} ${quote(likeness)}: spell them alike`;
      const warning = differs ?? trap(kind, value, clusters);
      if (warning !== undefined) faults.warn(variable, warning);
    }
  }
}

/** What the value alone means in a call where it is not this label; nothing where that comes to the same clusters. */
function trap(kind: Kind, value: string, clusters: Clusters): string | undefined {
  const is = `is ${quote(value)}`;
  if (value.includes(',')) return `${is}, which no call can name, as a comma separates clusters: leave the comma out`;
  const own = clusters.filter((cluster) => cluster[kind] === value);
  const alike = (other: string | undefined) => other?.toLowerCase() === value.toLowerCase();
  const means = (what: string) => `${is}, which in a call means ${what}: only '${kind}:...' means the ${kind}`;
  if (alike('all')) return means('every cluster');
  if (alike('auto')) return means('a cluster to be chosen');
  const namesakes = clusters.filter(({ name }) => alike(name));
  if (namesakes.length > 0) return same(own, namesakes) ? undefined : means('the cluster of that name');
  const grouped = clusters.filter(({ group }) => alike(group));
  if (grouped.length > 0) return same(own, grouped) ? undefined : means('the group of that name');
  const isBoth = kind === 'tier' && clusters.some(({ region }) => region === value);
  return isBoth ? `${is}, which is a region too: a call has to say 'region:...' or 'tier:...'` : undefined;
}

const same = (some: Clusters, others: Clusters) =>
  some.length === others.length && some.every((one) => others.includes(one));
