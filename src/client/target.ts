import { PlaceNotFoundError } from '../clusters/errors.js';
import type { ClusterHealth } from '../clusters/health.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import { clusterVariable } from '../config/cluster-source.js';
import { lackingPrices } from '../config/prices.js';
import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import { nodes } from '../pve/discovery.js';
import { guestStatus } from '../pve/guest-status.js';
import { type GuestResource, storageResources } from '../pve/resources.js';
import { parseUpid } from '../pve/upid.js';
import { Refused } from '../tools/refused.js';
import type { CheckedCluster, ClusterView, GuestTarget, Scope, Targets, TwoClusters } from '../tools/scope.js';
import { describeError } from './describe-error.js';
import { type Arguments, InvalidArgumentsError } from './input.js';
import { findGuest } from './inventory.js';

/** Where a call is to work, before it is known whether that exists. */
export interface Place {
  readonly tool: string;
  readonly registry: ClusterRegistry;
  readonly cluster: string;
  /** All clusters of the call. */
  readonly clusters: readonly string[];
  readonly shared: Arguments['shared'];
  /** Whether the call may change something: then what a guest does is asked of its node. */
  readonly changes: boolean;
  readonly signal: AbortSignal | undefined;
}

type Resolvers = { readonly [S in Scope]: (place: Place) => Promise<Targets[S]> };

function clusterView(
  registry: ClusterRegistry,
  name: string,
  fellows: readonly string[] = [],
  signal?: AbortSignal,
): ClusterView {
  const { health, ...info } = registry.getClusterInfo(name);
  return {
    info,
    missingPrices: lackingPrices(info.prices).map((suffix) =>
      clusterVariable(name, suffix, registry.config.multiCluster),
    ),
    lastCheck: health && inWords(health, info.tokenId),
    check: async () => inWords(await registry.validateCluster(name, signal), info.tokenId),
    sameAs: () => registry.sameClusterAs(name, fellows),
    connection: () => registry.connection(name),
  };
}

function inWords({ failure, ...found }: ClusterHealth, tokenId: string): CheckedCluster {
  return failure === undefined ? found : { ...found, failure: describeError(failure, () => tokenId) };
}

const viewOf = async ({ registry, cluster, clusters, signal }: Place) => ({
  cluster: clusterView(registry, cluster, clusters, signal),
});

/**
 * What changes something must not do so twice on one cluster: each is checked first, where it was not yet.
 * @throws {InvalidArgumentsError} where two of the names are one cluster, by the last check of each
 */
async function refuseNamesakes({ tool, registry, changes, signal }: Place, names: readonly string[], argument: string) {
  if (changes && names.length > 1) await registry.checkOnce(names, signal);
  for (const name of names) {
    const [other] = (await registry.sameClusterAs(name)).filter((one) => names.includes(one));
    if (other === undefined) continue;
    const message = `'${other}' and '${name}' are two names of one cluster`;
    throw new InvalidArgumentsError(tool, [{ argument, message }]);
  }
}

async function twoOf(place: Place): Promise<TwoClusters> {
  const { registry, cluster, shared, signal } = place;
  const { target_cluster: other = '' } = shared;
  await refuseNamesakes(place, [cluster, other], 'target_cluster');
  return {
    source: clusterView(registry, cluster, [], signal),
    destination: clusterView(registry, other, [], signal),
  };
}

async function severalOf(place: Place): Promise<Targets['across']> {
  const { registry, clusters, signal, changes } = place;
  if (changes) await refuseNamesakes(place, clusters, 'cluster');
  return { clusters: clusters.map((name) => clusterView(registry, name, clusters, signal)) };
}

const clientOf = ({ registry, cluster }: Place): ProxmoxClient => registry.getClient(cluster);

const resolvers: Resolvers = {
  configuration: async ({ registry }) => ({
    clusters: registry.listClusters().map((name) => clusterView(registry, name)),
    patterns: registry.config.patterns.map(({ pattern, cluster }) => ({ rule: pattern, cluster })),
    vmidMap: registry.config.vmidMap.map(({ from, to, cluster }) => ({ rule: `${from}-${to}`, cluster })),
  }),
  fleet: viewOf,
  cluster: viewOf,
  node: async (place) => ({ node: await resolveNode(place) }),
  storage: resolveStorage,
  volume: async (place) => {
    const { volid = '' } = place.shared;
    const storage = volid.slice(0, volid.indexOf(':'));
    return { ...(await resolveStorage({ ...place, shared: { ...place.shared, storage } })), volid };
  },
  task: resolveTask,
  vm: async (place) => {
    const guest = await guestOf(place, 'vm');
    return { ...guestTarget(guest), type: 'qemu' };
  },
  lxc: async (place) => {
    const guest = await guestOf(place, 'lxc');
    return { ...guestTarget(guest), type: 'lxc' };
  },
  guest: async (place) => guestTarget(await guestOf(place, 'guest')),
  'source-vm': async (place) => ({ ...guestTarget(await guestOf(sourceOf(place), 'vm')), type: 'qemu' }),
  'source-lxc': async (place) => ({ ...guestTarget(await guestOf(sourceOf(place), 'lxc')), type: 'lxc' }),
  creation: async (place) => ({ node: await roomiestNode(place) }),
  across: severalOf,
  between: twoOf,
  'guest-between': async (place) => ({ ...guestTarget(await guestOf(place, 'guest')), ...(await twoOf(place)) }),
};

/**
 * Finds what a call names on the cluster that was chosen for it.
 * @throws {GuestNotFoundError} {@link AmbiguousGuestError} {@link PlaceNotFoundError} {@link InvalidArgumentsError}
 */
export const resolveTarget = <S extends Scope>(scope: S, place: Place): Promise<Targets[S]> => resolvers[scope](place);

/** The same place, with the source as the guest that is meant. */
function sourceOf(place: Place): Place {
  const { source_vmid: vmid, source_name: name, source_node: node } = place.shared;
  return { ...place, shared: { ...place.shared, vmid, name, node } };
}

function guestTarget({ node, vmid, type, name, status, template }: GuestResource): GuestTarget {
  return {
    node,
    vmid,
    type,
    ...(name === undefined ? {} : { name }),
    ...(status === undefined ? {} : { status }),
    ...(template === undefined ? {} : { template }),
  };
}

async function guestOf(place: Place, kind: 'vm' | 'lxc' | 'guest'): Promise<GuestResource> {
  const { vmid, name, node } = place.shared;
  const guest = await findGuest(clientOf(place), { vmid, name }, kind, place.signal);
  if (node !== undefined && node !== guest.node)
    throw new Refused(
      `Guest ${guest.vmid} is on node '${guest.node}', not on '${node}'`,
      "Correct 'node' or leave it out.",
    );
  return place.changes ? { ...guest, status: await liveStatus(place, guest) } : guest;
}

/** The list of resources is up to ten seconds behind, and of a new guest it knows nothing (pvestatd broadcasts). */
async function liveStatus(place: Place, { node, type, vmid, status }: GuestResource): Promise<string | undefined> {
  const asked = await attempt(clientOf(place).send(guestStatus, { node, type, vmid }, {}, place.signal));
  return 'error' in asked ? status : (asked.value.data.qmpstatus ?? asked.value.data.status);
}

async function resolveNode(place: Place): Promise<string> {
  const client = clientOf(place);
  const { data } = await client.send(nodes, {}, {}, place.signal);
  const known = data.map(({ node }) => node).sort();
  const asked = place.shared.node ?? client.config.defaultNode ?? (known.length === 1 ? known[0] : undefined);
  if (asked === undefined || !known.includes(asked)) throw new PlaceNotFoundError(place.cluster, 'node', asked, known);
  return asked;
}

/** The named node, the default one, or the online one with the most free memory. */
async function roomiestNode(place: Place): Promise<string> {
  const client = clientOf(place);
  const { data } = await client.send(nodes, {}, {}, place.signal);
  const online = data.filter(({ status }) => status === 'online');
  const asked = place.shared.node ?? client.config.defaultNode;
  const free = ({ mem = 0, maxmem = 0 }: { mem?: number | undefined; maxmem?: number | undefined }) => maxmem - mem;
  const [roomiest] = online.toSorted((a, b) => free(b) - free(a));
  const chosen = asked ?? roomiest?.node;
  const known = online.map(({ node }) => node).sort();
  if (chosen === undefined || !known.includes(chosen))
    throw new PlaceNotFoundError(place.cluster, 'node', chosen, known);
  return chosen;
}

async function resolveStorage(place: Place): Promise<Targets['storage']> {
  const client = clientOf(place);
  const { data } = await client.send(storageResources, {}, { type: 'storage' }, place.signal);
  const known = [...new Set(data.map((row) => row.storage))].sort();
  const only = known.length === 1 ? known[0] : undefined;
  const storage = place.shared.storage ?? client.config.defaultStorage ?? only;
  const rows = data.filter((row) => row.storage === storage);
  if (storage === undefined || rows.length === 0)
    throw new PlaceNotFoundError(place.cluster, 'storage', storage, known);
  const node = place.shared.node ?? bestNode(rows, client.config.defaultNode);
  if (!rows.some((row) => row.node === node))
    throw new PlaceNotFoundError(place.cluster, 'node', node, rows.map((row) => row.node).sort());
  return { node, storage };
}

function bestNode(rows: readonly { node: string; status?: string | undefined }[], preferred?: string): string {
  const available = rows.filter(({ status }) => status === 'available');
  const usable = available.length > 0 ? available : rows;
  const names = usable.map(({ node }) => node).sort();
  return names.find((node) => node === preferred) ?? names[0] ?? '';
}

async function resolveTask(place: Place): Promise<Targets['task']> {
  const { upid = '' } = place.shared;
  const parsed = parseUpid(upid);
  if (parsed !== undefined) return { node: parsed.node, upid };
  throw new InvalidArgumentsError(place.tool, [
    { argument: 'upid', message: 'not a UPID; it reads UPID:node:pid:pstart:starttime:type:id:user:' },
  ]);
}
