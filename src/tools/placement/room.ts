import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { flag, text } from '../../pve/loose.js';
import { clusterResources, type GuestResource, type NodeResource, type StorageResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';

/** A storage as one node has it; a shared one is the same on each. */
export interface StorageRoom {
  readonly storage: string;
  readonly content: readonly string[];
  readonly shared: boolean;
  /** Bytes; absent where the node does not tell. */
  readonly free?: number | undefined;
  readonly total?: number | undefined;
}

/** What a node has, and what of it is taken. Memory in bytes. */
export interface NodeRoom {
  readonly node: string;
  /** Why nothing may be put there. */
  readonly closed?: string | undefined;
  readonly memory: number;
  /** Measured. */
  readonly used: number;
  /** Configured memory of the guests that run. */
  readonly promised: number;
  readonly cpus: number;
  /** CPUs' worth of load, measured. */
  readonly busy: number;
  /** Virtual CPUs of the guests that run. */
  readonly vcpus: number;
  /** How many guests run. */
  readonly running: number;
  /** How many of all its guests carry a tag. */
  readonly tags: ReadonlyMap<string, number>;
  readonly storages: readonly StorageRoom[];
}

export interface ClusterRoom {
  readonly cluster: string;
  /** Why nothing may be put there. */
  readonly closed?: string | undefined;
  /** The storage that it is configured to take. */
  readonly defaultStorage?: string | undefined;
  readonly nodes: readonly NodeRoom[];
}

/** Quorum and maintenance; `/cluster/status` knows the first alone. */
export const haNow = endpoint(
  'GET /cluster/ha/status/current',
  z.array(
    z.object({ type: z.string(), node: z.string().optional(), status: text.optional(), quorate: flag.optional() }),
  ),
);
type HaRows = z.output<(typeof haNow)['data']>;

export const roomCalls = { resources: clusterResources, haNow };
export type RoomCalls = { readonly [K in keyof typeof roomCalls]: Call<(typeof roomCalls)[K]> };
export type Resources = z.output<(typeof clusterResources)['data']>;

/** Memory that can still be promised: what guests that run were promised counts as taken, whether or not they use it. */
export const freeMemory = ({ memory, used, promised }: Pick<NodeRoom, 'memory' | 'used' | 'promised'>) =>
  memory - Math.max(used, promised);

export const isRunning = ({ status, template }: GuestResource) =>
  !template && status !== undefined && status !== 'stopped' && status !== 'unknown';

const sumOf = (guests: readonly GuestResource[], of: (guest: GuestResource) => number | undefined) =>
  guests.reduce((sum, guest) => sum + (of(guest) ?? 0), 0);

function tagsOf(guests: readonly GuestResource[]): Map<string, number> {
  const tags = new Map<string, number>();
  for (const guest of guests) for (const tag of new Set(splitList(guest.tags))) tags.set(tag, (tags.get(tag) ?? 0) + 1);
  return tags;
}

function storageRoom({ storage, content, shared, disk, maxdisk }: StorageResource): StorageRoom {
  const free = disk === undefined || maxdisk === undefined ? undefined : maxdisk - disk;
  return { storage, content: splitList(content), shared, free, total: maxdisk };
}

/** Before 9 the state stands in the words of the local manager alone. */
function closedNode({ node, status = 'unknown', hastate, maxmem }: NodeResource, ha: HaRows): string | undefined {
  if (status !== 'online') return `the node is ${status}`;
  const manager = ha.find((row) => row.type === 'lrm' && row.node === node)?.status ?? '';
  if (hastate === 'maintenance' || manager.includes('maintenance')) return 'the node is in maintenance';
  return maxmem === undefined ? 'its memory is not shown to this token (Sys.Audit on /nodes)' : undefined;
}

function nodeRoom(row: NodeResource, { guests, storages }: Resources, ha: HaRows): NodeRoom {
  const own = guests.filter(({ node }) => node === row.node);
  const running = own.filter(isRunning);
  const { maxmem: memory = 0, mem: used = 0, maxcpu: cpus = 0, cpu = 0 } = row;
  return {
    node: row.node,
    closed: closedNode(row, ha),
    memory,
    used,
    promised: sumOf(running, ({ maxmem }) => maxmem),
    cpus,
    busy: cpu * cpus,
    vcpus: sumOf(running, ({ maxcpu }) => maxcpu),
    running: running.length,
    tags: tagsOf(own.filter(({ template }) => !template)),
    storages: storages.filter(({ node, status }) => node === row.node && status === 'available').map(storageRoom),
  };
}

interface Named {
  readonly name: string;
  readonly defaultStorage?: string;
}

/** A cluster's room, from what it says of itself. */
export function roomOf({ name, defaultStorage }: Named, resources: Resources, ha: HaRows): ClusterRoom {
  const quorate = ha.find(({ type }) => type === 'quorum')?.quorate;
  return {
    cluster: name,
    closed: quorate === false ? 'the cluster has no quorum' : undefined,
    defaultStorage,
    nodes: resources.nodes.map((row) => nodeRoom(row, resources, ha)).sort((a, b) => (a.node < b.node ? -1 : 1)),
  };
}

/** What a token may not see of HA is taken as well: the requests that follow are refused without quorum. */
export async function readResources(call: RoomCalls) {
  const [{ data: resources }, ha] = await Promise.all([call.resources({}), attempt(call.haNow({}))]);
  return { resources, ha: 'error' in ha ? [] : ha.value.data };
}

export async function readRoom(named: Named, call: RoomCalls): Promise<ClusterRoom> {
  const { resources, ha } = await readResources(call);
  return roomOf(named, resources, ha);
}
