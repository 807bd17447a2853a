import { z } from 'zod';
import { AmbiguousClusterSelectionError, GuestNotFoundError } from '../clusters/errors.js';
import { attempt } from '../pve/attempt.js';
import { failureInWords } from '../pve/failure.js';
import { disksOf, guestConfig } from '../pve/guest-config.js';
import type { GuestResource } from '../pve/resources.js';
import { bytesOf } from '../tools/disks/guest-disk.js';
import { type Excluded, rank } from '../tools/placement/rank.js';
import type { ClusterRoom, NodeRoom } from '../tools/placement/room.js';
import { bindCalls } from './calls.js';
import type { Arguments } from './input.js';
import { named } from './inventory.js';
import type { Choice, Placing, SeenCluster } from './place.js';

const cloneWish = z.object({
  full: z.boolean().default(true),
  storage: z.string().optional(),
  target_node: z.string().optional(),
});
type CloneWish = z.output<typeof cloneWish>;

interface Source {
  readonly seen: SeenCluster;
  readonly guest: GuestResource;
}

/** Places for a clone: on the clusters that have its source, on the nodes that see its disks; it is as large as its source. */
export async function placeOfClone(
  placing: Placing,
  { own, shared }: Arguments,
  seen: readonly SeenCluster[],
  unseen: readonly Excluded[],
): Promise<Choice> {
  const kind = placing.tool.scope === 'source-vm' ? 'vm' : 'lxc';
  const { sources, excluded: lacking } = sourcesOf(seen, shared, kind, unseen);
  const wish = cloneWish.parse(own);
  const rankings = await Promise.all(
    sources.map(async ({ seen: { cluster, room }, guest }) => {
      const read = await readDisks(placing, cluster, guest);
      if ('why' in read) return { places: [], excluded: [{ cluster, why: read.why }] };
      const { maxcpu: cores = 1, maxmem: memory = 0 } = guest;
      const disk = wish.full ? { disk: read.bytes, storage: wish.storage } : {};
      const size = { kind, cores, memory, ...disk, node: wish.target_node } as const;
      return rank([reachable(room, guest, read.storages, wish)], size);
    }),
  );
  const excluded = [...lacking, ...rankings.flatMap((one) => one.excluded)];
  const places = rankings
    .flatMap((one) => one.places)
    .sort((a, b) => b.score - a.score || (a.cluster < b.cluster ? -1 : 1));
  return { places, excluded, refusal: async () => undefined };
}

type Asked = Pick<Arguments['shared'], 'source_vmid' | 'source_name'>;

/** One guest a cluster; a name that several guests of it have tells none. */
function candidatesOf(seen: readonly SeenCluster[], asked: Asked, type: GuestResource['type']) {
  const all = seen.map((one) => {
    const fitting = named(one.resources.guests, { vmid: asked.source_vmid, name: asked.source_name });
    return { seen: one, fitting, own: fitting.filter((row) => row.type === type) };
  });
  return {
    sources: all.flatMap(({ seen: one, own: [guest, another] }): Source[] =>
      guest === undefined || another !== undefined ? [] : [{ seen: one, guest }],
    ),
    excluded: all.flatMap(({ seen: { cluster }, own }) => {
      if (own.length === 1) return [];
      return [{ cluster, why: own.length === 0 ? 'it has no such guest' : 'several guests of it have that name' }];
    }),
    others: all.flatMap(({ seen: { cluster }, fitting }) =>
      fitting.map(({ node, type: of, vmid, name }) => ({ cluster, node, type: of, vmid, name })),
    ),
  };
}

/** The clusters that have the source. A VMID may be another guest on each: then its name has to tell which one is meant. */
function sourcesOf(seen: readonly SeenCluster[], asked: Asked, kind: 'vm' | 'lxc', unseen: readonly Excluded[]) {
  const { sources, excluded, others } = candidatesOf(seen, asked, kind === 'vm' ? 'qemu' : 'lxc');
  const { source_vmid: vmid, source_name: name } = asked;
  const unasked = unseen.map(({ cluster }) => cluster);
  const names = new Set(sources.map(({ guest }) => guest.name?.toLowerCase()));
  if (names.size > 1) {
    const clusters = sources.map((one) => one.seen.cluster);
    const all = sources.map(({ seen: { cluster }, guest }) => `${guest.name ?? '?'} on ${cluster}`).join(', ');
    const why = `VMID ${vmid} is ${all}: give 'source_name' too`;
    throw new AmbiguousClusterSelectionError('auto', clusters, why, unasked);
  }
  if (sources.length === 0) throw new GuestNotFoundError('auto', { vmid, name }, kind, others, unasked);
  return { sources, excluded };
}

/** How much is copied, and the storages that it is copied from. */
async function readDisks({ registry, signal }: Placing, cluster: string, guest: GuestResource) {
  const call = bindCalls(() => registry.getClient(cluster), { config: guestConfig }, signal);
  const read = await attempt(call.config({ node: guest.node, type: guest.type, vmid: guest.vmid }));
  if ('error' in read) return { why: `the configuration of the source: it ${failureInWords(read.error)}` };
  const disks = disksOf(read.value.data).filter(({ storage, media }) => storage !== undefined && media !== 'cdrom');
  const bytes = disks.reduce((sum, { size }) => sum + (bytesOf(size) ?? 0), 0);
  return { bytes, storages: new Set(disks.flatMap(({ storage }) => storage ?? [])) };
}

/** The nodes of a cluster as a clone may use them: to another node it goes only from shared storage to shared storage. */
function reachable(
  room: ClusterRoom,
  guest: GuestResource,
  storages: ReadonlySet<string>,
  { full }: CloneWish,
): ClusterRoom {
  const home = room.nodes.find(({ node }) => node === guest.node);
  const sharedAt = (node: NodeRoom | undefined, storage: string) =>
    node?.storages.some((one) => one.storage === storage && one.shared) === true;
  const nodes = room.nodes.map((node): NodeRoom => {
    if (node === home || node.closed !== undefined) return node;
    const local = [...storages].filter((storage) => !sharedAt(home, storage) || !sharedAt(node, storage));
    if (local.length > 0) return { ...node, closed: `it does not see ${local.join(', ')} of the source` };
    if (!full) return node;
    return {
      ...node,
      storages: node.storages.filter(({ storage }) => sharedAt(home, storage) && sharedAt(node, storage)),
    };
  });
  return { ...room, nodes };
}
