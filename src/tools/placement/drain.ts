import { z } from 'zod';
import { guestConfig } from '../../pve/guest-config.js';
import type { GuestResource } from '../../pve/resources.js';
import { countOutcomes, counts, outcome } from '../bulk/run-steps.js';
import { defineTool } from '../define.js';
import { preconditions } from '../guests/migration.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { haBounds, haCalls, isManaged } from './ha-bounds.js';
import { judgeMoves } from './judge-move.js';
import { inWords, moveRow, type PlannedMove, rowOf, staying, stays } from './move-row.js';
import { relocationPlan } from './relocation-plan.js';
import { type ClusterRoom, isRunning, readResources, roomCalls, roomOf } from './room.js';
import { moveCalls, runMoves } from './run-moves.js';

const calls = { ...roomCalls, ...haCalls, ...moveCalls, config: guestConfig, preconditions };

const shared = {
  effect: 'destroy',
  scope: 'node',
  toolset: 'nodes',
  waits: true,
  calls,
  privileges: [
    'VM.Migrate on /vms',
    'VM.Audit on /vms',
    'Sys.Audit on /nodes',
    'Datastore.Audit on /storage',
    'Sys.Audit on /',
  ],
} as const;

const atOnce = z.int().min(1).max(10).optional().describe('Default 2');
const withLocal = z.boolean().optional().describe('Copy local disks');
const defaultAtOnce = 2;

const results = { ...counts, rows: z.array(z.object({ ...moveRow, ...outcome })), left: staying };

function openCluster(room: ClusterRoom): void {
  if (room.closed !== undefined) throw new Refused(`nothing can move: ${room.closed}`, 'See proxmox-cluster-health.');
}

type Surroundings = Parameters<typeof runMoves>[0] & { outline(text: string): void };

async function moveAll(
  context: Surroundings,
  moves: readonly PlannedMove[],
  input: { at_once?: number | undefined; with_local_disks?: boolean | undefined },
) {
  for (const move of moves) context.outline(`${inWords(move)}.`);
  const way = { atOnce: input.at_once ?? defaultAtOnce, stopAtFailure: false, withLocal: input.with_local_disks };
  const outcomes = await runMoves(context, moves, way);
  return moves.flatMap((move, index) => {
    const became = outcomes[index];
    return became === undefined ? [] : [{ ...rowOf(move), ...became }];
  });
}

/** The nodes that guests may go to. */
function targetsOf({ nodes }: ClusterRoom, from: string, asked: readonly string[] | undefined) {
  const others = nodes.filter(({ node, closed }) => node !== from && closed === undefined);
  const unknown = asked?.find((name) => !others.some(({ node }) => node === name));
  const names = others.map(({ node }) => node).join(', ') || 'none';
  if (unknown !== undefined)
    throw new InvalidInput({
      argument: 'target_nodes',
      message: `'${unknown}' is no other node in service (${names})`,
    });
  if (others.length === 0) throw new Refused(`no node but '${from}' is in service`, 'Bring another one up first.');
  return others.filter(({ node }) => asked?.includes(node) ?? true);
}

/** Nothing is remembered between calls, and the next answer would have its own guests alone. */
const keepList = (away: readonly number[]) =>
  `Not all are gone yet: call again, with earlier: [${away.join(', ')}], so that its 'guests' are all that proxmox-undrain-node is to bring back.`;

const manual = (node: string) =>
  `HA may put guests on ${node} again until 'ha-manager crm-command node-maintenance enable ${node}' is run on a shell: no API call does it.`;

export default [
  defineTool({
    ...shared,
    name: 'proxmox-drain-node',
    title: 'Drain node',
    description: 'Move the guests off a node for maintenance: VMs live, containers by a restart.',
    input: {
      target_nodes: z.array(z.string().min(1).max(64)).min(1).max(64).optional().describe('Only to these'),
      stopped: z.boolean().optional().describe('Those off too'),
      restart: z.boolean().optional().describe('Containers; default true'),
      with_local_disks: withLocal,
      at_once: atOnce,
      earlier: z.array(vmid).max(1000).optional().describe("'guests' of the call before"),
    },
    output: z.object({
      node: z.string(),
      /** No guest runs there any more. */
      empty: z.boolean(),
      /** VMIDs that were moved away, those of `earlier` among them: what proxmox-undrain-node takes. */
      guests: z.array(z.number()),
      ...results,
    }),
    run: async (context) => {
      const { target, input, call, note, outline } = context;
      const { node } = target;
      const { restart = true, with_local_disks, stopped } = input;
      const { resources, ha } = await readResources(call);
      const room = roomOf({ name: '' }, resources, ha);
      openCluster(room);
      const here = resources.guests.filter((guest) => guest.node === node && !guest.template);
      const guests = here.filter((guest) => stopped || isRunning(guest));
      const bounds = await haBounds(call, resources.guests);
      const judge = judgeMoves(call, resources, { restart, withLocal: with_local_disks });
      const wish = { resources, targets: targetsOf(room, node, input.target_nodes), guests, bounds };
      const { moves, left } = await relocationPlan(wish, judge);
      for (const one of left) outline(`${stays(one)} on ${node}.`);
      if (resources.guests.some(isManaged)) note(manual(node));
      const rows = await moveAll(context, moves, input);
      const gone = rows.filter(({ outcome: one }) => one === 'ok' || one === 'warnings' || one === 'running');
      const stay = new Set(
        [...left, ...rows.filter(({ outcome: one }) => one !== 'ok' && one !== 'warnings')].map((one) => one.vmid),
      );
      const away = [...new Set([...(input.earlier ?? []), ...gone.map((row) => row.vmid)])].sort((a, b) => a - b);
      if (rows.some(({ outcome: one }) => one === 'left' || one === 'running')) note(keepList(away));
      return {
        node,
        empty: !guests.some((guest) => isRunning(guest) && stay.has(guest.vmid)),
        guests: away,
        ...countOutcomes(rows),
        rows,
        left,
      };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-undrain-node',
    title: 'Bring guests back',
    description: 'Move guests back to a node: those that proxmox-drain-node gave as guests.',
    input: {
      guests: z.array(vmid).min(1).max(1000).describe('VMIDs'),
      with_local_disks: withLocal,
      at_once: atOnce,
    },
    output: z.object({ node: z.string(), ...results }),
    run: async (context) => {
      const { target, input, call, outline } = context;
      const { node } = target;
      const { resources, ha } = await readResources(call);
      const room = roomOf({ name: '' }, resources, ha);
      openCluster(room);
      const targets = room.nodes.filter((one) => one.node === node);
      const closed = targets[0]?.closed;
      if (closed !== undefined)
        throw new Refused(`nothing can be moved to '${node}': ${closed}`, 'Put it in service first.');
      const { found, missing } = pick(resources.guests, input.guests);
      const away = found.filter((guest) => guest.node !== node);
      const bounds = await haBounds(call, resources.guests);
      const judge = judgeMoves(call, resources, { restart: true, withLocal: input.with_local_disks });
      const { moves, left } = await relocationPlan({ resources, targets, guests: away, bounds }, judge);
      const back = found
        .filter((guest) => guest.node === node)
        .map(({ vmid: id, name }) => ({ vmid: id, name, why: `it is on ${node}` }));
      const staying = [...left, ...back, ...missing];
      for (const one of staying) outline(`${stays(one)} where it is.`);
      const rows = await moveAll(context, moves, input);
      return { node, ...countOutcomes(rows), rows, left: staying };
    },
  }),
];

function pick(guests: readonly GuestResource[], ids: readonly number[]) {
  const asked = [...new Set(ids)];
  return {
    found: guests.filter((guest) => asked.includes(guest.vmid)),
    missing: asked
      .filter((id) => !guests.some((guest) => guest.vmid === id))
      .map((id) => ({ vmid: id, why: 'no such guest, as far as the token may see' })),
  };
}
