import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { failureInWords } from '../../pve/failure.js';
import { defineTool } from '../define.js';
import type { ClusterView } from '../scope.js';
import { type Excluded, rank } from './rank.js';
import { type ClusterRoom, type RoomCalls, readRoom, roomCalls } from './room.js';

const word = z.string().min(1).max(256).optional();
const gib = 1024 ** 3;
const mib = 1024 ** 2;
const mostRunnersUp = 5;

const place = z.object({
  cluster: z.string(),
  node: z.string(),
  storage: z.string().optional(),
  /** 0 to 100: half of it what is left of the memory, 30 the idle CPU, 20 what is left of the storage. */
  score: z.number(),
  /** Bytes that are left with it. */
  memory_left: z.number(),
  storage_left: z.number().optional(),
  why: z.array(z.string()),
});

/** Why a cluster of the call is not asked. */
function passedOver(
  { info }: ClusterView,
  { tier, region }: { tier?: string | undefined; region?: string | undefined },
) {
  if (tier !== undefined && info.tier !== tier) return `its tier is ${info.tier ?? 'not configured'}`;
  if (region !== undefined && info.region !== region) return `its region is ${info.region ?? 'not configured'}`;
  return undefined;
}

const seen = async (view: ClusterView, call: RoomCalls) => ({
  cluster: view.info.name,
  room: await attempt(readRoom(view.info, call)),
  same: await view.sameAs(),
});

/** Of the names of one cluster the first that answered; its nodes and storages count once. */
function onceEach(read: readonly Awaited<ReturnType<typeof seen>>[]) {
  const rooms: ClusterRoom[] = [];
  const twice: Excluded[] = [];
  for (const { cluster, room, same } of read) {
    if ('error' in room) continue;
    const first = rooms.find((one) => same.includes(one.cluster));
    if (first === undefined) rooms.push(room.value);
    else twice.push({ cluster, why: `it is ${first.cluster} by another name` });
  }
  return { rooms, twice };
}

export default [
  defineTool({
    name: 'proxmox-recommend-placement',
    title: 'Recommend a place',
    description: 'Cluster, node and storage for a new guest, with reasons, runners-up and what was ruled out.',
    effect: 'read',
    scope: 'across',
    tellsNamesakes: true,
    toolset: 'federation',
    input: {
      kind: z.enum(['vm', 'lxc']).optional().describe('Default vm'),
      cores: z.int().min(1).max(8192).optional().describe('Default 2'),
      memory_mb: z.int().min(16).max(16_777_216).optional().describe('MiB; default 2048'),
      disk_gb: z.int().min(1).max(131_072).optional().describe('GiB; default 20'),
      near_tag: word.describe('Prefer where such are'),
      apart_tag: word.describe('Never where such are'),
      tier: word.describe('Only these clusters'),
      region: word.describe('Only these clusters'),
    },
    output: z.object({
      /** Absent where it fits nowhere. */
      best: place.optional(),
      runners_up: z.array(place),
      /** How many places would do. */
      fitting: z.number(),
      excluded: z.array(z.object({ cluster: z.string(), node: z.string().optional(), why: z.string() })),
    }),
    calls: roomCalls,
    privileges: ['VM.Audit on /vms', 'Sys.Audit on /nodes', 'Datastore.Audit on /storage', 'Sys.Audit on /'],
    run: async ({ target, input, at, note }) => {
      const { kind = 'vm', cores = 2, memory_mb = 2048, disk_gb = 20, near_tag: near, apart_tag: apart } = input;
      const judged = target.clusters.map((view) => ({ view, why: passedOver(view, input) }));
      const asked = judged.flatMap(({ view, why }) => (why === undefined ? [view] : []));
      const read = await inTurns(asked, (view) => seen(view, at(view).call));
      const failed = read.flatMap(({ cluster, room }) =>
        'error' in room ? [{ cluster, why: `it ${failureInWords(room.error)}` }] : [],
      );
      const { rooms, twice } = onceEach(read);
      const wish = { kind, cores, memory: memory_mb * mib, disk: disk_gb * gib, near, apart };
      const { places, excluded } = rank(rooms, wish);
      const out: Excluded[] = [
        ...judged.flatMap(({ view, why }) => (why === undefined ? [] : [{ cluster: view.info.name, why }])),
        ...failed,
        ...twice,
      ];
      const [best, ...others] = places.map((one) => ({ ...one, score: Math.round(one.score), why: [...one.why] }));
      if (best === undefined) note('It fits nowhere: see excluded.');
      if (failed.length > 0)
        note(`Not judged, as it did not answer: ${failed.map(({ cluster }) => cluster).join(', ')}.`);
      return {
        best,
        runners_up: others.slice(0, mostRunnersUp),
        fitting: places.length,
        excluded: [...out, ...excluded],
      };
    },
  }),
];
