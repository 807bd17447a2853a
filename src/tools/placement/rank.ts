import { type ClusterRoom, freeMemory, type NodeRoom, type StorageRoom } from './room.js';

/** What a place is looked for. */
export interface Wish {
  readonly kind: 'vm' | 'lxc';
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** Bytes; without it no storage is looked for. */
  readonly disk?: number | undefined;
  /** Guests with this tag are to be near. */
  readonly near?: string | undefined;
  /** No guest with this tag may be on the node. */
  readonly apart?: string | undefined;
  readonly node?: string | undefined;
  readonly storage?: string | undefined;
}

export interface Place {
  readonly cluster: string;
  readonly node: string;
  readonly storage?: string | undefined;
  /** 0 to 100. */
  readonly score: number;
  /** Bytes that are left with it. */
  readonly memory_left: number;
  readonly storage_left?: number | undefined;
  readonly why: readonly string[];
}

/** A cluster, or one node of it, that does not do. */
export interface Excluded {
  readonly cluster: string;
  readonly node?: string | undefined;
  readonly why: string;
}

export interface Ranking {
  /** The best first. */
  readonly places: readonly Place[];
  readonly excluded: readonly Excluded[];
}

/** Memory counts most: it is what cannot be shared. */
const weights = { memory: 50, cpu: 30, storage: 20 } as const;

const gib = 1024 ** 3;
const inGib = (bytes: number) => (bytes / gib).toFixed(1);
const contentOf = { vm: 'images', lxc: 'rootdir' } as const;

interface Candidate extends Place {
  /** Guests with the tag that it is to be near: 2 on the node, 1 on the cluster, 0 nowhere. */
  readonly nearness: number;
}

/**
 * The places for a guest, the best first: near the guests that it is to be near, then by what is left of memory, CPU and
 * storage once it is there.
 */
export function rank(rooms: readonly ClusterRoom[], wish: Wish): Ranking {
  const places: Candidate[] = [];
  const excluded: Excluded[] = [];
  for (const room of rooms) {
    const { cluster, closed, nodes } = room;
    if (closed !== undefined) excluded.push({ cluster, why: closed });
    else
      for (const node of nodes) {
        const judged = judge(room, node, wish);
        if (typeof judged === 'string') excluded.push({ cluster, node: node.node, why: judged });
        else places.push(judged);
      }
    if (closed === undefined && nodes.length === 0) excluded.push({ cluster, why: 'it shows no node to this token' });
  }
  return {
    places: places.sort(better).map(({ nearness: _, ...place }) => place),
    excluded: excluded.sort((a, b) => compare(placeName(a), placeName(b))),
  };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const placeName = ({ cluster, node = '' }: { readonly cluster: string; readonly node?: string | undefined }) =>
  `${cluster}\n${node}`;

const better = (a: Candidate, b: Candidate) =>
  b.nearness - a.nearness || b.score - a.score || compare(placeName(a), placeName(b));

/** The place that a node is, or why it is none. */
function judge(room: ClusterRoom, node: NodeRoom, wish: Wish): Candidate | string {
  const unfit = unfitness(node, wish);
  if (unfit !== undefined) return unfit;
  const storage = wish.disk === undefined ? undefined : chooseStorage(room, node, wish);
  if (typeof storage === 'string') return storage;
  const memoryLeft = freeMemory(node) - wish.memory;
  const storageLeft = storage === undefined ? undefined : (storage.free ?? 0) - (wish.disk ?? 0);
  const share = (part: number, whole: number) => (whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0);
  const score =
    weights.memory * share(memoryLeft, node.memory) +
    weights.cpu * (1 - share(node.busy, node.cpus)) +
    weights.storage * share(storageLeft ?? 0, storage?.total ?? 0);
  return {
    cluster: room.cluster,
    node: node.node,
    storage: storage?.storage,
    score: Number(score.toFixed(6)),
    memory_left: memoryLeft,
    storage_left: storageLeft,
    why: reasons(room, node, storage, wish),
    nearness: nearnessOf(room, node, wish),
  };
}

function unfitness(node: NodeRoom, { node: asked, apart, memory, cores }: Wish): string | undefined {
  if (node.closed !== undefined) return node.closed;
  if (asked !== undefined && asked !== node.node) return `'${asked}' was asked for`;
  const others = apart === undefined ? 0 : (node.tags.get(apart) ?? 0);
  if (others > 0) return `${others} guests tagged ${apart} are there`;
  // QEMU does not start with more (qemu-server, config_to_command).
  if (cores > node.cpus) return `${cores} cores are asked for, and it has ${node.cpus}`;
  const free = freeMemory(node);
  if (memory <= free) return undefined;
  return `${inGib(memory)} GiB of memory are asked for, and ${inGib(Math.max(0, free))} of ${inGib(node.memory)} are free (${taken(node)})`;
}

const taken = ({ used, promised }: NodeRoom) => `used ${inGib(used)}, promised to running guests ${inGib(promised)}`;

/** The storage that is named, else the configured one, else the one with the most free space; or why there is none. */
function chooseStorage({ defaultStorage }: ClusterRoom, node: NodeRoom, wish: Wish): StorageRoom | string {
  const content = contentOf[wish.kind];
  const { disk = 0, storage: asked } = wish;
  const known = node.storages.filter(({ storage }) => asked === undefined || storage === asked);
  if (asked !== undefined && known.length === 0) return `it has no storage '${asked}'`;
  const able = known.filter((one) => one.content.includes(content));
  if (able.length === 0) return asked === undefined ? `no storage for ${content}` : `'${asked}' holds no ${content}`;
  const fitting = able
    .filter(({ free = 0 }) => free >= disk)
    .sort((a, b) => (b.free ?? 0) - (a.free ?? 0) || compare(a.storage, b.storage));
  const chosen = fitting.find(({ storage }) => storage === defaultStorage) ?? fitting[0];
  if (chosen !== undefined) return chosen;
  const most = Math.max(...able.map(({ free = 0 }) => free));
  return `${inGib(disk)} GiB of disk are asked for, and no storage for ${content} has more than ${inGib(most)} free`;
}

function nearnessOf({ nodes }: ClusterRoom, node: NodeRoom, { near }: Wish): number {
  if (near === undefined) return 0;
  if (node.tags.has(near)) return 2;
  return nodes.some(({ tags }) => tags.has(near)) ? 1 : 0;
}

function reasons(room: ClusterRoom, node: NodeRoom, storage: StorageRoom | undefined, { near }: Wish): string[] {
  const load = node.cpus === 0 ? 0 : (node.busy / node.cpus) * 100;
  const isDefault = storage !== undefined && storage.storage === room.defaultStorage;
  const onCluster = near === undefined ? 0 : room.nodes.reduce((sum, { tags }) => sum + (tags.get(near) ?? 0), 0);
  return [
    `memory ${inGib(freeMemory(node))} of ${inGib(node.memory)} GiB free (${taken(node)})`,
    `CPU ${load.toFixed(0)} % of ${node.cpus} busy, ${node.vcpus} promised`,
    ...(storage === undefined
      ? []
      : [
          `${storage.shared ? 'shared' : 'local'} storage ${storage.storage} ${inGib(storage.free ?? 0)} GiB free${isDefault ? ', the configured default' : ''}`,
        ]),
    ...(near === undefined
      ? []
      : [`tagged ${near}: ${node.tags.get(near) ?? 0} on the node, ${onCluster} on the cluster`]),
  ];
}
