import { z } from 'zod';
import { toWords } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { type Bound, isManaged } from './ha-bounds.js';
import { imbalance, levelOut, loadOf, type Measure } from './level.js';
import { moverOf } from './level-guest.js';
import { isRunning, type NodeRoom, type Resources } from './room.js';
import { settlePlan, type Verdict } from './settle-plan.js';

const percent = (share: number) => Number(share.toFixed(1));

export const nodeLoad = z.object({
  node: z.string(),
  /** Why it takes no part. */
  closed: z.string().optional(),
  memory: z.number(),
  memory_percent: z.number(),
  /** Configured memory of the guests that run. */
  promised_percent: z.number(),
  cpus: z.number(),
  cpu_percent: z.number(),
  running: z.number(),
});

export const loadRow = (node: NodeRoom) => ({
  node: node.node,
  closed: node.closed,
  memory: node.memory,
  memory_percent: percent(loadOf(node, 'memory')),
  promised_percent: percent(node.memory > 0 ? (node.promised / node.memory) * 100 : 0),
  cpus: node.cpus,
  cpu_percent: percent(loadOf(node, 'cpu')),
  running: node.running,
});

/** Why a guest that runs takes no part, as far as HA goes. */
function boundNote(guest: GuestResource, bounds: ReadonlyMap<number, Bound> | undefined): string | undefined {
  if (!isManaged(guest)) return undefined;
  if (bounds === undefined) return 'HA manages it, and its rules are not shown to this token (Sys.Audit on /)';
  const bound = bounds.get(guest.vmid);
  return bound === undefined ? undefined : `HA places it by ${toWords(bound.rules)}`;
}

interface Balancing {
  readonly nodes: readonly NodeRoom[];
  readonly resources: Resources;
  readonly bounds: ReadonlyMap<number, Bound> | undefined;
  readonly by: Measure;
  readonly most: number;
}

/** The moves that level a cluster, and the guests that would have moved and cannot. */
export async function balancePlan(
  { nodes, resources, bounds, by, most }: Balancing,
  judge: (vmid: number, to: string) => Promise<Verdict>,
) {
  const open = nodes.filter(({ closed }) => closed === undefined);
  const running = resources.guests.filter((guest) => isRunning(guest) && open.some(({ node }) => node === guest.node));
  const held = new Map(
    running.flatMap((guest): [number, string][] => {
      const why = boundNote(guest, bounds);
      return why === undefined ? [] : [[guest.vmid, why]];
    }),
  );
  const movers = running.filter(({ vmid }) => !held.has(vmid)).map(moverOf);
  const plan = await settlePlan((refusal) => {
    const allowed = (vmid: number, to: string) => refusal(vmid, to) === undefined;
    return levelOut(open, movers, { by, most, allowed });
  }, judge);
  const before = imbalance(open, by);
  const guests = new Map(running.map((guest) => [guest.vmid, guest]));
  const nameOf = (vmid: number) => guests.get(vmid)?.name;
  return {
    imbalance: percent(before),
    imbalance_after: percent(plan.moves.at(-1)?.imbalance ?? before),
    full: plan.moves.length === most,
    moves: plan.moves.flatMap(({ vmid, to, how, disk_bytes, imbalance: after }) => {
      const guest = guests.get(vmid);
      return guest === undefined ? [] : [{ guest, to, how, disk_bytes, imbalance: percent(after) }];
    }),
    left_out: [...held, ...plan.pinned]
      .map(([vmid, why]) => ({ vmid, name: nameOf(vmid), why }))
      .sort((a, b) => a.vmid - b.vmid),
  };
}

export const definition = (by: Measure) =>
  `imbalance: the standard deviation of the nodes' share of ${by === 'memory' ? 'memory' : 'CPU'} in use, in percentage points.`;
