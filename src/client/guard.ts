import { AmbiguousClusterSelectionError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Clock } from '../pve/clock.js';
import { lookElsewhere } from './inventory.js';

/**
 * Stops a destructive call that came to its cluster by default: where another cluster has, or may have, a guest of that
 * VMID or name, and where it is about no guest at all, as pools, storages and jobs have the same names everywhere.
 * Naming the cluster is the way out.
 * @throws {AmbiguousClusterSelectionError}
 */
export async function guardDestruction(
  registry: ClusterRegistry,
  clock: Clock,
  cluster: string,
  target: object,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!('vmid' in target) || typeof target.vmid !== 'number') {
    const all = registry.listClusters();
    if (all.length === 1) return;
    throw new AmbiguousClusterSelectionError(cluster, all, 'no cluster was named for a destructive call');
  }
  const name = 'name' in target && typeof target.name === 'string' ? target.name : undefined;
  const { found, unasked } = await lookElsewhere(registry, clock, cluster, { vmid: target.vmid, name }, signal);
  const others = [...new Set(found.map((location) => location.cluster))];
  if (others.length === 0 && unasked.length === 0) return;
  const reason = [
    ...(others.length > 0 ? [`guest ${target.vmid} or its name is also on ${others.join(', ')}`] : []),
    ...(unasked.length > 0 ? [`${unasked.join(', ')} could not be asked`] : []),
  ].join('; ');
  throw new AmbiguousClusterSelectionError(
    cluster,
    [cluster, ...others],
    `no cluster was named for a destructive call, and ${reason}`,
    unasked,
  );
}
