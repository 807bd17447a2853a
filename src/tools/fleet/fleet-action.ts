import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { clusterResources } from '../../pve/resources.js';
import { nodeName, storageId } from '../arguments/names.js';
import { filterInputs, guestOfRow, rowOf } from '../bulk/guest-filter.js';
import { changedSince } from '../bulk/guest-now.js';
import { Lanes } from '../bulk/lanes.js';
import { countOutcomes, counts, outcome, runSteps } from '../bulk/run-steps.js';
import { defineTool, type Side } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import type { ClusterView } from '../scope.js';
import { snapname } from '../snapshots/snapshot-name.js';
import { type FleetGuest, meantGuests, readFleet } from './fleet-guests.js';
import { type Action, actions, type Prepared, prepare, stepCalls, type Terms } from './fleet-steps.js';
import { type EarlierRow, earlierRow, earlierRows, isBegun, judgeRow, keyOf } from './resume.js';

const calls = { resources: clusterResources, ...stepCalls };
const word = z.string().min(1).max(256);
const goOn = "The same call with these rows as 'resume' follows and goes on with them.";
const defaultMost = 20;
const defaultAtOnce = 2;
/** More tasks than that are not watched at once, whatever room there is. */
const mostAtOnce = 16;

const termOf = { snapshot: 'snapname', tag: 'set_tag', untag: 'set_tag', migrate: 'target_node' } as const;
const isTermed = (action: Action): action is keyof typeof termOf => action in termOf;

/** @throws {InvalidInput} for a term that is missing, or that the action has no use for */
function checkTerms(action: Action, terms: Terms): void {
  const needed = isTermed(action) ? termOf[action] : undefined;
  if (needed !== undefined && terms[needed] === undefined)
    throw new InvalidInput({ argument: needed, message: `is needed for '${action}'` });
  const taken = action === 'backup' ? 'storage' : needed;
  for (const argument of ['snapname', 'set_tag', 'target_node', 'storage'] as const)
    if (terms[argument] !== undefined && argument !== taken)
      throw new InvalidInput({ argument, message: `'${action}' does not take it` });
}

interface Running {
  readonly input: { readonly action: Action } & Terms;
  readonly earlier: ReadonlyMap<string, EarlierRow>;
  readonly away: (guest: FleetGuest) => string | undefined;
  readonly side: (cluster: string) => Side<typeof calls>;
}

async function prepareOne(one: FleetGuest, { input, earlier, away, side }: Running): Promise<Prepared> {
  const { cluster, guest } = one;
  const label = `${cluster} ${guest.vmid}`;
  const verdict = judgeRow(earlier.get(keyOf(cluster, guest.vmid)), guest.name);
  const site = side(cluster);
  if ('settled' in verdict) return { step: { label, skip: verdict.why, outcome: verdict.settled }, lanes: [] };
  if ('follow' in verdict) return { step: { label, start: async () => verdict.follow, wait: site.wait }, lanes: [] };
  const gone = away(one);
  if (gone !== undefined) return { step: { label, skip: gone }, lanes: [] };
  const prepared = await prepare(input.action, one, site, input);
  if (!('start' in prepared.step)) return prepared;
  const look = () => changedSince(guest, site.call.resources);
  return { ...prepared, step: { ...prepared.step, wait: site.wait, look } };
}

/** As its rows tell it: what one snapshot has done says nothing of another. */
const inWords = (action: Action, terms: Terms) =>
  [action, isTermed(action) ? terms[termOf[action]] : terms.storage].filter(Boolean).join(' ');

const row = z.object({ cluster: z.string(), ...guestOfRow, action: z.string(), ...outcome });

/** The guests, for a person to look at. */
function table(guests: readonly FleetGuest[], prepared: readonly Prepared[]): string {
  const lines = guests.map(({ cluster, guest }, index) => {
    const { vmid, name = '?', node, status = '?' } = guest;
    const step = prepared[index]?.step;
    const then = step === undefined || 'start' in step ? 'yes' : step.skip;
    return `| ${cluster} | ${vmid} | ${name} | ${node} | ${status} | ${then} |`;
  });
  return ['| cluster | VMID | name | node | status | to be done |', '|---|---|---|---|---|---|', ...lines].join('\n');
}

export default [
  defineTool({
    name: 'proxmox-fleet-action',
    title: 'Act on many clusters',
    description: 'One action on all guests that match, on several clusters; give rows back as resume to go on.',
    effect: 'destroy',
    scope: 'across',
    toolset: 'federation',
    waits: true,
    input: {
      action: z.enum(actions).describe('stop cuts the power'),
      ...filterInputs,
      snapname: snapname.optional().describe('For snapshot'),
      storage: storageId.optional().describe('For backup'),
      set_tag: word
        .regex(/^\w[\w.+-]*$/, 'letters, digits and _ - + .')
        .optional()
        .describe('For tag, untag'),
      target_node: nodeName.optional().describe('For migrate'),
      most: z.int().min(1).max(100).optional().describe('Default 20'),
      at_once: z.int().min(1).max(10).optional().describe('A storage, node or cluster; default 2'),
      stop_at_failure: z.boolean().optional().describe('Else go on'),
      resume: z.array(earlierRow).max(100).optional().describe('Rows of the result before'),
    },
    output: z.object({
      action: z.enum(actions),
      ...counts,
      rows: z.array(row),
      unreachable: z.array(z.object({ cluster: z.string(), why: z.string() })).optional(),
    }),
    calls,
    privileges: [
      'VM.Audit on /vms',
      'VM.PowerMgmt on /vms',
      'VM.Snapshot on /vms',
      'VM.Backup on /vms',
      'VM.Config.Options on /vms',
      'VM.Migrate on /vms',
    ],
    run: async (context) => {
      const { target, input, at, note, present } = context;
      checkTerms(input.action, input);
      const action = inWords(input.action, input);
      const earlier = earlierRows(
        input.resume,
        action,
        target.clusters.map(({ info }) => info.name),
      );
      const sides = new Map(target.clusters.map((view) => [view.info.name, at(view)]));
      const side = (cluster: string) => sideOf(sides, cluster);
      const fleet = await readFleet(target.clusters, (view: ClusterView) => side(view.info.name).call.resources);
      const begun = ({ cluster, guest }: FleetGuest) => isBegun(earlier.get(keyOf(cluster, guest.vmid)));
      const meant = meantGuests(fleet, input, input.most ?? defaultMost, begun);
      const away = ({ cluster, guest }: FleetGuest) => {
        const state = fleet.seen.get(cluster)?.away.get(guest.node);
        return state === undefined ? undefined : `its node ${guest.node} is ${state}`;
      };
      const prepared = await inTurns(meant, (one) => prepareOne(one, { input, earlier, away, side }));
      present({ table: table(meant, prepared) });
      for (const { cluster, why } of fleet.unreachable) {
        const given = input.resume?.some((one) => one.cluster === cluster) ?? false;
        note(`${cluster} is left out: ${why}.${given ? " Keep its rows, and give them as 'resume' again." : ''}`);
      }
      const lanes = new Lanes(
        prepared.map((one) => one.lanes),
        input.at_once ?? defaultAtOnce,
      );
      const way = { atOnce: mostAtOnce, stopAtFailure: input.stop_at_failure ?? false, lanes, goOn };
      const outcomes = await runSteps(
        context,
        prepared.map(({ step }) => [step]),
        way,
      );
      const rows = meant.flatMap(({ cluster, guest }, index) =>
        (outcomes[index] ?? []).map((became) => ({ cluster, ...rowOf(guest), action, ...became })),
      );
      const waiting =
        rows.some(({ outcome: one }) => one === 'running') && rows.every(({ outcome: one }) => one !== 'left');
      if (waiting) note(`Some still run. ${goOn}`);
      const unreachable = fleet.unreachable.length > 0 ? [...fleet.unreachable] : undefined;
      return { action: input.action, ...countOutcomes(rows), rows, unreachable };
    },
  }),
];

function sideOf(sides: ReadonlyMap<string, Side<typeof calls>>, cluster: string): Side<typeof calls> {
  const side = sides.get(cluster);
  if (side === undefined) throw new Error(`${cluster} is none of the clusters of this call`);
  return side;
}
