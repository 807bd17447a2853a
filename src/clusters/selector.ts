import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { nearest } from '../config/nearest.js';
import { AmbiguousClusterSelectionError, ClusterNotFoundError } from './errors.js';

type Clusters = ClusterRegistryConfig['clusters'];
type Label = 'group' | 'region' | 'tier';

/** The clusters that one word of a `cluster` argument means, in the order of the configuration. */
export interface Meaning {
  readonly clusters: readonly string[];
  readonly via: 'all' | Label;
}

/** `region:eu-west`; a group may be written so too. */
const prefixed = ['region', 'tier', 'group'] as const;
/** A group's value alone has gone before. */
const valued = ['region', 'tier'] as const;

const namesOf = (clusters: Clusters) => clusters.map(({ name }) => name);

/**
 * What stands for several clusters: `all`, a group, `region:x`, `tier:x`, or the value alone where it can mean nothing
 * else; `undefined` for any other word, a cluster's name among them.
 * @throws {AmbiguousClusterSelectionError} for a value alone that is a region and a tier
 */
export function meaningOf(word: string, clusters: Clusters): Meaning | undefined {
  const [meant, other] = meaningsOf(word, clusters);
  if (meant === undefined || other === undefined) return meant;
  throw new AmbiguousClusterSelectionError(
    word,
    [...new Set([...meant.clusters, ...other.clusters])],
    `'${word}' is a region and a tier; write 'region:${word}' or 'tier:${word}'`,
  );
}

/** None, one, or two where a word is a region and a tier. */
export function meaningsOf(word: string, clusters: Clusters): readonly Meaning[] {
  if (clusters.some(({ name }) => name === word)) return [];
  if (word === 'all') return [{ clusters: namesOf(clusters), via: 'all' }];
  const group = labelled(clusters, 'group', word);
  if (group.length > 0) return group;
  const kind = prefixed.find((one) => word.startsWith(`${one}:`));
  if (kind !== undefined) return labelled(clusters, kind, word.slice(kind.length + 1));
  // 'Production' is rather a misspelt cluster or group than a tier of that name.
  if (namesakes(clusters).has(word.toLowerCase())) return [];
  return valued.flatMap((one) => labelled(clusters, one, word));
}

function labelled(clusters: Clusters, via: Label, value: string): Meaning[] {
  const found = clusters.filter((cluster) => cluster[via] === value);
  return found.length === 0 ? [] : [{ clusters: namesOf(found), via }];
}

const namesakes = (clusters: Clusters) =>
  new Set(['all', ...namesOf(clusters), ...valuesOf(clusters, 'group')].map((name) => name.toLowerCase()));

/** What names nothing, with the nearest of the clusters and, for a read, of what stands for several. */
export function notFound(word: string, { clusters }: ClusterRegistryConfig, forRead: boolean): ClusterNotFoundError {
  const known = namesOf(clusters);
  const labels = forRead ? [...valuesOf(clusters, 'group'), 'all', ...labelWords(clusters)] : [];
  return new ClusterNotFoundError(word, known, nearest(word, [...known, ...labels]));
}

const labelWords = (clusters: Clusters) =>
  valued.flatMap((kind) => valuesOf(clusters, kind).flatMap((value) => [value, `${kind}:${value}`]));

const valuesOf = (clusters: Clusters, kind: Label) => clusters.flatMap((cluster) => cluster[kind] ?? []);
