import { AmbiguousClusterSelectionError } from '../clusters/errors.js';
import { type RouteHints, route } from '../clusters/route.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Lead } from '../tools/define.js';

/** Where a later call that names no cluster would go, if not to this one. */
export function ledElsewhere(config: ClusterRegistryConfig, here: string, hints: RouteHints): Lead | undefined {
  try {
    const { cluster, via, by } = route({ name: hints.name, vmid: hints.vmid }, config);
    if (cluster === here) return undefined;
    return { here, cluster, by: by === undefined ? 'default' : `${via === 'vmid' ? 'VMIDs' : 'name rule'} '${by}'` };
  } catch (error) {
    // Such a call is refused: it leads nowhere unseen.
    if (error instanceof AmbiguousClusterSelectionError) return undefined;
    throw error;
  }
}
