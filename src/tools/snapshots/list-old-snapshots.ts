import { z } from 'zod';
import { clusterResources } from '../../pve/resources.js';
import { isoTime } from '../../pve/time.js';
import { guestOfRow, rowOf } from '../bulk/guest-filter.js';
import { defineList } from '../define.js';
import { seenGuests } from '../guests/seen-guests.js';
import { type Snapshot, snapshotsOf } from './all-snapshots.js';
import { guestSnapshots } from './snapshot-calls.js';
import { expiryOf } from './snapshot-name.js';

const defaultDays = 14;

export default [
  defineList({
    name: 'proxmox-list-old-snapshots',
    title: 'List old snapshots',
    description: 'Snapshots of all guests, older than days or expired by name; oldest first.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'snapshots',
    input: {
      days: z.int().min(0).max(10_000).optional().describe(`Default ${defaultDays}`),
      expired: z.boolean().optional().describe('Only expired ones'),
    },
    output: z.object({
      ...guestOfRow,
      snapname: z.string(),
      snaptime: z.string().optional(),
      age_days: z.number().optional(),
      expires: z.string().optional(),
      expired: z.boolean().optional(),
    }),
    calls: { resources: clusterResources, list: guestSnapshots },
    privileges: ['VM.Audit on /vms'],
    run: async ({ input, call, now }) => {
      const seen = await seenGuests(call.resources);
      // A template has none.
      const guests = seen.guests.filter(({ template }) => !template);
      const { snapshots, unasked } = await snapshotsOf(seen, guests, call.list);
      const rows = snapshots.map((snapshot) => row(snapshot, now));
      const oldest = input.days ?? defaultDays;
      const old = ({ age_days = 0, expired }: (typeof rows)[number]) =>
        expired === true || (!input.expired && age_days >= oldest);
      return { rows: rows.filter(old), notes: unasked };
    },
  }),
];

function row({ guest, snapname, taken }: Snapshot, now: number) {
  const expiry = expiryOf(snapname, now);
  return {
    ...rowOf(guest),
    snapname,
    snaptime: taken === undefined ? undefined : isoTime(taken),
    age_days: taken === undefined ? undefined : Math.floor((now / 1000 - taken) / 86_400),
    expires: expiry?.last,
    expired: expiry?.passed || undefined,
  };
}
