import { ClusterNotFoundError } from '../clusters/errors.js';
import { meansSeveral, route, type Selection, select, selectAll } from '../clusters/route.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { nearest } from '../config/nearest.js';
import type { Tool } from '../tools/define.js';
import { needsTwoClusters, scopeArguments } from '../tools/scope.js';
import { type Arguments, InvalidArgumentsError } from './input.js';

/**
 * The clusters of a call. What changes something works on one, unless its scope says that it works on several; those
 * must then be named.
 * @throws {ClusterNotFoundError} {@link AmbiguousClusterSelectionError} {@link InvalidArgumentsError}
 */
export function chooseClusters(tool: Tool, shared: Arguments['shared'], config: ClusterRegistryConfig): Selection {
  if (asksForPlace(shared, config)) refusePlace(tool);
  if (tool.scope === 'configuration') return { clusters: [config.defaultCluster], many: false, via: 'all' };
  if (tool.scope === 'fleet')
    return shared.cluster === undefined
      ? selectAll(config)
      : { ...select({ cluster: shared.cluster }, config), many: true };
  if (tool.scope === 'across') return { ...chooseSeveral(tool, shared, config), many: false };
  const hints = { cluster: shared.cluster, ...guestHints(tool, shared) };
  const two = needsTwoClusters(tool.scope);
  if (tool.effect === 'read' && !two) return select(hints, config);
  if (tool.scope === 'between') needCluster(tool, shared, config, 'the one that it comes from');
  refuseSeveral(tool, shared.cluster, config);
  const { cluster, ...how } = route(hints, config);
  if (two) checkOther(tool, cluster, shared.target_cluster ?? '', config);
  return { clusters: [cluster], many: false, ...how };
}

/** Whether the call leaves it to us where its guest is made; no cluster can be named so. */
export const asksForPlace = ({ cluster }: Arguments['shared'], { multiCluster }: ClusterRegistryConfig): boolean =>
  multiCluster && cluster === 'auto';

function refusePlace({ name }: Tool): never {
  const message = "'auto' is for what creates or clones a guest; name a cluster here";
  throw new InvalidArgumentsError(name, [{ argument: 'cluster', message }]);
}

function chooseSeveral(tool: Tool, shared: Arguments['shared'], config: ClusterRegistryConfig): Selection {
  if (tool.effect !== 'read') needCluster(tool, shared, config, "a name, a group, 'a,b' or 'all'");
  return shared.cluster === undefined ? selectAll(config) : select({ cluster: shared.cluster }, config);
}

function needCluster(
  { name, effect }: Tool,
  shared: Arguments['shared'],
  { multiCluster }: ClusterRegistryConfig,
  what: string,
): void {
  if (!multiCluster || shared.cluster !== undefined) return;
  const why = effect === 'read' ? '' : ': what changes something on several clusters goes to none by default';
  throw new InvalidArgumentsError(name, [{ argument: 'cluster', message: `is needed (${what})${why}` }]);
}

/** What works on one cluster does not take the name of a group, nor a list. */
function refuseSeveral({ name, effect }: Tool, asked: string | undefined, config: ClusterRegistryConfig): void {
  if (asked === undefined || !meansSeveral(asked, config)) return;
  const { clusters } = select({ cluster: asked }, config);
  const message = `${effect === 'read' ? 'this tool' : 'a tool that changes something'} takes one cluster: call it once for each of ${clusters.join(', ')}`;
  throw new InvalidArgumentsError(name, [{ argument: 'cluster', message }]);
}

function checkOther({ name }: Tool, cluster: string, other: string, config: ClusterRegistryConfig): void {
  const known = config.clusters.map((one) => one.name);
  if (!known.includes(other)) throw new ClusterNotFoundError(other, known, nearest(other, known));
  if (cluster !== other) return;
  throw new InvalidArgumentsError(name, [
    { argument: 'target_cluster', message: `'${other}' is the cluster that it comes from: name another` },
  ]);
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
