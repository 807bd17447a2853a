import { z } from 'zod';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { defineTool } from '../define.js';
import { seenGuests } from '../guests/seen-guests.js';
import { Refused } from '../refused.js';
import { snapshotsOf } from '../snapshots/all-snapshots.js';
import { createSnapshot, deleteSnapshot, guestSnapshots } from '../snapshots/snapshot-calls.js';
import { expiresDays, snapname, withExpiry } from '../snapshots/snapshot-name.js';
import {
  awayOf,
  defaultAtOnce,
  filterInputs,
  guestOfRow,
  inWords,
  labelOf,
  matchingGuests,
  pace,
  rowOf,
} from './guest-filter.js';
import { changedSince } from './guest-now.js';
import { countOutcomes, counts, type Outcome, outcome, runSteps, type Step } from './run-steps.js';

const shared = {
  scope: 'cluster',
  toolset: 'bulk',
  waits: true,
  output: z.object({
    snapname: z.string(),
    ...counts,
    rows: z.array(z.object({ ...guestOfRow, ...outcome })),
  }),
  privileges: ['VM.Snapshot on /vms', 'VM.Audit on /vms'],
} as const;

/** One step of a guest. */
function stepOf(guest: GuestResource, skip: string | undefined, start: () => Promise<string>): Step[] {
  const label = labelOf(guest);
  return [skip === undefined ? { label, start } : { label, skip }];
}

function answer(name: string, guests: readonly GuestResource[], outcomes: readonly Outcome[][]) {
  const rows = guests.flatMap((guest, index) =>
    (outcomes[index] ?? []).map((became) => ({ ...rowOf(guest), ...became })),
  );
  return { snapname: name, ...countOutcomes(rows), rows };
}

const wayOf = (input: { at_once?: number | undefined; stop_at_failure?: boolean | undefined }) => ({
  atOnce: input.at_once ?? defaultAtOnce,
  stopAtFailure: input.stop_at_failure ?? false,
});

export default [
  defineTool({
    ...shared,
    name: 'proxmox-bulk-snapshot',
    title: 'Snapshot many guests',
    description: 'Snapshot the guests that match, without their memory.',
    effect: 'write',
    input: { snapname, expires_days: expiresDays, ...filterInputs, ...pace },
    calls: { resources: clusterResources, create: createSnapshot },
    run: async (context) => {
      const { input, call, now, outline } = context;
      const name = withExpiry(input.snapname, input.expires_days, now);
      const seen = await seenGuests(call.resources);
      const meant = matchingGuests(seen, input);
      outline(`Snapshot ${name} of ${inWords(meant)}.`);
      const queues = meant.map((guest) => {
        const { node, type, vmid } = guest;
        const start = async () => (await call.create({ node, type, vmid }, { snapname: name })).data;
        return stepOf(guest, awayOf(seen, guest), start);
      });
      return answer(name, meant, await runSteps(context, queues, wayOf(input)));
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-bulk-delete-snapshot',
    title: 'Delete many snapshots',
    description: 'Delete the snapshot of one name from all guests that match.',
    effect: 'destroy',
    input: { snapname, ...filterInputs, ...pace },
    calls: { resources: clusterResources, list: guestSnapshots, remove: deleteSnapshot },
    run: async (context) => {
      const { input, call, note, outline } = context;
      const name = input.snapname;
      const seen = await seenGuests(call.resources);
      const meant = matchingGuests(seen, input);
      const { snapshots, unasked } = await snapshotsOf(seen, meant, call.list);
      for (const remark of unasked) note(remark);
      const having = meant.filter(({ vmid }) =>
        snapshots.some(({ guest, snapname: own }) => guest.vmid === vmid && own === name),
      );
      if (having.length === 0)
        throw new Refused(
          `none of ${inWords(meant)} has a snapshot ${name}`,
          'proxmox-list-old-snapshots lists names.',
        );
      if (having.length < meant.length)
        note(`${meant.length - having.length} guests that match have no snapshot ${name}.`);
      outline(`Snapshot ${name} of ${inWords(having)}.`);
      const queues = having.map((guest) => {
        const { node, type, vmid } = guest;
        const start = async () => (await call.remove({ node, type, vmid, snapname: name })).data;
        return [{ label: labelOf(guest), start, look: () => changedSince(guest, call.resources) }];
      });
      return answer(name, having, await runSteps(context, queues, wayOf(input)));
    },
  }),
];
