import { z } from 'zod';
import { guestConfig } from '../../pve/guest-config.js';
import { countOutcomes, counts, outcome } from '../bulk/run-steps.js';
import { defineTool } from '../define.js';
import { preconditions } from '../guests/migration.js';
import { Refused } from '../refused.js';
import { balancePlan, definition, loadRow, nodeLoad } from './balance-plan.js';
import { haBounds, haCalls } from './ha-bounds.js';
import { type JudgeCalls, judgeMoves } from './judge-move.js';
import { inWords, moveRow, rowOf, staying, stays } from './move-row.js';
import { readResources, roomCalls, roomOf } from './room.js';
import { moveCalls, runMoves } from './run-moves.js';

const inputs = {
  by: z.enum(['memory', 'cpu']).optional().describe('Default memory'),
  moves: z.int().min(1).max(50).optional().describe('At most; default 5'),
  restart: z.boolean().optional().describe('Containers too'),
  with_local_disks: z.boolean().optional().describe('VMs with local disks too'),
};
type Wish = z.output<z.ZodObject<typeof inputs>>;

const reads = { ...roomCalls, ...haCalls, config: guestConfig };
type Reads = Parameters<typeof readResources>[0] & Parameters<typeof haBounds>[0] & JudgeCalls;

const audit = ['VM.Audit on /vms', 'Sys.Audit on /nodes', 'Datastore.Audit on /storage', 'Sys.Audit on /'] as const;

/** How the cluster is loaded, and what would level it. */
async function planFor(cluster: string, call: Reads, { by = 'memory', moves = 5, restart, with_local_disks }: Wish) {
  const { resources, ha } = await readResources(call);
  const room = roomOf({ name: cluster }, resources, ha);
  const bounds = await haBounds(call, resources.guests);
  const judge = judgeMoves(call, resources, { restart, withLocal: with_local_disks });
  const plan = await balancePlan({ nodes: room.nodes, resources, bounds, by, most: moves }, judge);
  return { room, by, ...plan };
}

type Plan = Awaited<ReturnType<typeof planFor>>;

const why = ({ imbalance }: Plan['moves'][number], by: string) => `${by} imbalance ${imbalance} after it`;

export default [
  defineTool({
    name: 'proxmox-balance-report',
    title: 'Balance report',
    description: 'Load of the nodes, how uneven it is, and the moves that would level it.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'federation',
    input: inputs,
    output: z.object({
      nodes: z.array(nodeLoad),
      imbalance: z.number(),
      imbalance_after: z.number(),
      moves: z.array(z.object({ ...moveRow, why: z.string() })),
      /** Guests that HA places, and those that would have moved and cannot. */
      left_out: staying,
    }),
    calls: reads,
    privileges: audit,
    run: async ({ target, input, call, note }) => {
      const { room, by, moves, imbalance, imbalance_after, left_out } = await planFor(
        target.cluster.info.name,
        call,
        input,
      );
      note(definition(by));
      if (room.closed !== undefined) note(`Nothing can move: ${room.closed}.`);
      return {
        nodes: room.nodes.map(loadRow),
        imbalance,
        imbalance_after,
        moves: moves.map((move) => ({ ...rowOf(move), why: why(move, by) })),
        left_out,
      };
    },
  }),
  defineTool({
    name: 'proxmox-rebalance',
    title: 'Level a cluster',
    description: 'Do the moves of proxmox-balance-report one by one; stops at the first failure.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'federation',
    waits: true,
    input: inputs,
    output: z.object({
      imbalance: z.number(),
      /** As the plan expects it; it is measured anew within some seconds. */
      imbalance_after: z.number(),
      ...counts,
      rows: z.array(z.object({ ...moveRow, ...outcome })),
      left_out: staying,
    }),
    calls: { ...reads, preconditions, ...moveCalls },
    privileges: ['VM.Migrate on /vms', ...audit],
    run: async (context) => {
      const { target, input, call, note, outline, present } = context;
      const { room, by, moves, full, imbalance, imbalance_after, left_out } = await planFor(
        target.cluster.info.name,
        call,
        input,
      );
      if (room.closed !== undefined)
        throw new Refused(`nothing can move: ${room.closed}`, 'See proxmox-cluster-health.');
      note(definition(by));
      if (moves.length > 0) present({ moves: moves.map((move) => `${inWords(move)}: ${why(move, by)}`) });
      for (const one of left_out) outline(`${stays(one)}.`);
      if (moves.length === 0) note(`No move ${left_out.length > 0 ? 'of what may move ' : ''}would level it further.`);
      if (full) note("These are as many as 'moves' allows: the same call again goes on.");
      const way = { atOnce: 1, stopAtFailure: true, withLocal: input.with_local_disks };
      const outcomes = await runMoves(context, moves, way);
      const rows = moves.flatMap((move, index) => {
        const became = outcomes[index];
        return became === undefined ? [] : [{ ...rowOf(move), ...became }];
      });
      return { imbalance, imbalance_after, ...countOutcomes(rows), rows, left_out };
    },
  }),
];
