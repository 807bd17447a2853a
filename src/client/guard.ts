import { AmbiguousClusterSelectionError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Clock } from '../pve/clock.js';
import type { Tool } from '../tools/define.js';
import { lookElsewhere } from './inventory.js';

type Effective = Pick<Tool, 'effect' | 'toolset' | 'lasting'>;

/**
 * Whether a call must not reach its cluster by default where another could be meant: it destroys, it cannot be taken
 * back, or it changes who may do what.
 */
export const isGuarded = ({ effect, toolset, lasting }: Effective): boolean =>
  effect === 'destroy' || (effect === 'write' && (lasting === true || toolset === 'access'));

const kindOf = ({ effect, toolset }: Effective) =>
  effect === 'destroy'
    ? 'a destructive call'
    : toolset === 'access'
      ? 'a call about who may do what'
      : 'a call that cannot be taken back';

/**
 * Stops a guarded call that came to its cluster by default: where another cluster has, or may have, a guest of that
 * VMID or name, and where it is about no guest at all, as pools, storages and jobs have the same names everywhere.
 * Naming the cluster is the way out.
 * @throws {AmbiguousClusterSelectionError}
 */
export async function guardDefault(
  tool: Effective,
  registry: ClusterRegistry,
  clock: Clock,
  cluster: string,
  target: object,
  signal: AbortSignal | undefined,
): Promise<void> {
  const unnamed = `no cluster was named for ${kindOf(tool)}`;
  const guest = guestOf(target);
  if (guest === undefined) {
    const all = registry.listClusters();
    if (all.length === 1) return;
    throw new AmbiguousClusterSelectionError(cluster, all, unnamed);
  }
  const { found, unasked } = await lookElsewhere(registry, clock, cluster, guest, signal);
  const others = [...new Set(found.map((location) => location.cluster))];
  if (others.length === 0 && unasked.length === 0) return;
  const reason = [
    ...(others.length > 0 ? [`guest ${guest.vmid} or its name is also on ${others.join(', ')}`] : []),
    ...(unasked.length > 0 ? [`${unasked.join(', ')} could not be asked`] : []),
  ].join('; ');
  throw new AmbiguousClusterSelectionError(cluster, [cluster, ...others], `${unnamed}, and ${reason}`, unasked);
}

/** What is said of a change that came to its cluster by default and goes on; nothing where the call was stopped. */
export async function sameElsewhere(
  registry: ClusterRegistry,
  clock: Clock,
  cluster: string,
  target: object,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const guest = guestOf(target);
  if (guest === undefined || registry.listClusters().length === 1) return [];
  try {
    const { found } = await lookElsewhere(registry, clock, cluster, guest, signal);
    const others = [...new Set(found.map((location) => location.cluster))];
    if (others.length === 0) return [];
    return [
      `No cluster was named, so this is about ${cluster}; guest ${guest.vmid} or its name is also on ${others.join(', ')}.`,
    ];
  } catch {
    return [];
  }
}

function guestOf(target: object) {
  if (!('vmid' in target) || typeof target.vmid !== 'number') return undefined;
  return { vmid: target.vmid, name: 'name' in target && typeof target.name === 'string' ? target.name : undefined };
}
