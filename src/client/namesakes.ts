import type { ClusterRegistry } from '../clusters/registry.js';
import type { Tool } from '../tools/define.js';

/** Of several names of one real cluster the first, where a read is over all of them: what it has counts once. A write is refused. */
export async function onceEach(
  { scope, effect, tellsNamesakes }: Tool,
  clusters: readonly string[],
  registry: ClusterRegistry,
): Promise<{ readonly clusters: readonly string[]; readonly notes: readonly string[] }> {
  if (scope !== 'across' || effect !== 'read' || tellsNamesakes || clusters.length < 2) return { clusters, notes: [] };
  const kept: string[] = [];
  const notes: string[] = [];
  for (const name of clusters) {
    const same = await registry.sameClusterAs(name, clusters);
    const first = kept.find((one) => same.includes(one));
    if (first === undefined) kept.push(name);
    else notes.push(`${name} is another name of ${first}, which is counted once.`);
  }
  return { clusters: kept, notes };
}
