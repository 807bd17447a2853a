import { z } from 'zod';
import { clusterResources } from '../../pve/resources.js';
import { defaultAtOnce, defaultMost, guestOfRow, labelOf, pace, rowOf } from '../bulk/guest-filter.js';
import { changedSince } from '../bulk/guest-now.js';
import { countOutcomes, counts, outcome, runSteps } from '../bulk/run-steps.js';
import { defineTool } from '../define.js';
import { seenGuests } from '../guests/seen-guests.js';
import { Refused } from '../refused.js';
import { type Snapshot, snapshotsOf } from './all-snapshots.js';
import { deleteSnapshot, guestSnapshots } from './snapshot-calls.js';
import { expiryOf } from './snapshot-name.js';

const { most, at_once } = pace;

/** A guest is locked while a snapshot of it goes: one after the other, oldest first. */
function byGuest(snapshots: readonly Snapshot[]): Snapshot[][] {
  const queues = new Map<number, Snapshot[]>();
  for (const snapshot of snapshots)
    queues.set(snapshot.guest.vmid, [...(queues.get(snapshot.guest.vmid) ?? []), snapshot]);
  return [...queues.values()];
}

export default [
  defineTool({
    name: 'proxmox-expire-snapshots',
    title: 'Expire snapshots',
    description: 'Delete all snapshots of a cluster that expired by name (-exp20261231).',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'snapshots',
    waits: true,
    input: { most, at_once },
    output: z.object({
      ...counts,
      rows: z.array(z.object({ ...guestOfRow, snapname: z.string(), ...outcome })),
    }),
    calls: { resources: clusterResources, list: guestSnapshots, remove: deleteSnapshot },
    privileges: ['VM.Snapshot on /vms', 'VM.Audit on /vms'],
    run: async (context) => {
      const { input, call, now, note, outline } = context;
      const seen = await seenGuests(call.resources);
      const guests = seen.guests.filter(({ template }) => !template);
      const { snapshots, unasked } = await snapshotsOf(seen, guests, call.list);
      for (const remark of unasked) note(remark);
      const expired = snapshots.filter(({ snapname }) => expiryOf(snapname, now)?.passed);
      const limit = input.most ?? defaultMost;
      if (expired.length > limit)
        throw new Refused(`${expired.length} snapshots have expired, and 'most' is ${limit}`, "Raise 'most'.");
      for (const { guest, snapname } of expired) outline(`${snapname} of ${labelOf(guest)}`);
      const queues = byGuest(expired);
      const steps = queues.map((queue) =>
        queue.map(({ guest: { node, type, vmid }, guest, snapname }) => ({
          label: `${snapname} of ${labelOf(guest)}`,
          start: async () => (await call.remove({ node, type, vmid, snapname })).data,
          look: () => changedSince(guest, call.resources),
        })),
      );
      const outcomes = await runSteps(context, steps, { atOnce: input.at_once ?? defaultAtOnce, stopAtFailure: false });
      const rows = queues.flat().flatMap(({ guest, snapname }, index) => {
        const became = outcomes.flat()[index];
        return became === undefined ? [] : [{ ...rowOf(guest), snapname, ...became }];
      });
      return { ...countOutcomes(rows), rows };
    },
  }),
];
