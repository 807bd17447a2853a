import type { ClusterView } from '../scope.js';

export interface DistinctClusters {
  readonly views: readonly ClusterView[];
  /** What was left out, in words. */
  readonly notes: readonly string[];
}

/**
 * Of several names of one real cluster the first: what it lists under another name is no copy elsewhere.
 * @param preferred goes before others
 */
export async function distinctClusters(
  clusters: readonly ClusterView[],
  preferred: string | undefined,
): Promise<DistinctClusters> {
  const ordered = clusters.toSorted((a, b) => Number(b.info.name === preferred) - Number(a.info.name === preferred));
  // Who a cluster is, its checks find; without one nothing would be told from anything.
  await Promise.all(clusters.map((view) => (view.lastCheck === undefined ? view.check() : undefined)));
  const views: ClusterView[] = [];
  const notes: string[] = [];
  for (const view of ordered) {
    const same = await view.sameAs();
    const first = views.find(({ info }) => same.includes(info.name));
    if (first === undefined) views.push(view);
    else notes.push(`${view.info.name} is another name of ${first.info.name}, and was not asked again.`);
  }
  return { views, notes };
}
