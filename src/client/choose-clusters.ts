import { route, type Selection, select, selectAll } from '../clusters/route.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Tool } from '../tools/define.js';
import { scopeArguments } from '../tools/scope.js';
import { type Arguments, InvalidArgumentsError } from './input.js';

/**
 * The clusters of a call.
 * @throws {InvalidArgumentsError} {@link ClusterNotFoundError} {@link AmbiguousClusterSelectionError}
 */
export function chooseClusters(tool: Tool, shared: Arguments['shared'], config: ClusterRegistryConfig): Selection {
  const hints = { cluster: shared.cluster, ...guestHints(tool, shared) };
  if (tool.scope === 'configuration') return { clusters: [config.defaultCluster], many: false, via: 'all' };
  if (tool.scope === 'fleet')
    return shared.cluster === undefined
      ? selectAll(config)
      : { ...select({ cluster: shared.cluster }, config), many: true };
  if (tool.effect === 'read') return select(hints, config);
  refuseSeveral(tool, shared.cluster, config);
  const { cluster, ...how } = route(hints, config);
  return { clusters: [cluster], many: false, ...how };
}

/** What changes something works on one cluster, whose name is no group's and no list. */
function refuseSeveral({ name }: Tool, asked: string | undefined, config: ClusterRegistryConfig): void {
  if (asked === undefined || !config.multiCluster || config.clusters.some((cluster) => cluster.name === asked)) return;
  const several = asked === 'all' || asked.includes(',') || config.clusters.some(({ group }) => group === asked);
  if (!several) return;
  const message = 'a tool that changes something takes one cluster: call it once for each';
  throw new InvalidArgumentsError(name, [{ argument: 'cluster', message }]);
}

/** The guest that a call is about; of one that is to be made, the name that it shall have. */
export function guestHints({ scope, input }: Tool, shared: Arguments['shared']) {
  if (scope === 'source-vm' || scope === 'source-lxc') return { vmid: shared.source_vmid, name: shared.source_name };
  // Else the name is that of a pool, a role, a notification target, ...
  const ofGuest = 'vmid' in scopeArguments[scope] || 'vmid' in input;
  return { vmid: shared.vmid, name: ofGuest ? (shared.name ?? shared.hostname) : undefined };
}

/** Whether the call said of a guest what it is, and not where. */
export const chosenForIt = (via: Selection['via']) => via === 'pattern' || via === 'vmid' || via === 'default';
