import type { Call } from '../../pve/endpoint.js';
import type { GuestResource } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { awayOf } from '../bulk/guest-filter.js';
import type { SeenGuests } from '../guests/seen-guests.js';
import type { guestSnapshots } from './snapshot-calls.js';

export interface Snapshot {
  readonly guest: GuestResource;
  readonly snapname: string;
  /** Seconds since the epoch. */
  readonly taken: number | undefined;
}

/** The snapshots of several guests, oldest first, and which guests could not be asked. */
export async function snapshotsOf(
  seen: SeenGuests,
  guests: readonly GuestResource[],
  list: Call<typeof guestSnapshots>,
): Promise<{ snapshots: Snapshot[]; unasked: string[] }> {
  const asked = guests.filter((guest) => awayOf(seen, guest) === undefined);
  const away = guests.length - asked.length;
  const { values, failed } = await settle(asked, ({ node, type, vmid }) => list({ node, type, vmid }));
  const snapshots = values
    .flatMap(({ key: guest, value }) =>
      value.data
        .filter(({ name }) => name !== 'current')
        .map(({ name, snaptime }): Snapshot => ({ guest, snapname: name, taken: snaptime })),
    )
    .sort((a, b) => (a.taken ?? 0) - (b.taken ?? 0) || a.guest.vmid - b.guest.vmid);
  return {
    snapshots,
    unasked: [
      ...(away > 0 ? [`Not asked: ${away} guests on nodes that are not online.`] : []),
      ...failed.map(({ key, reason }) => `Snapshots of ${key.vmid} could not be read (${reason}).`),
    ],
  };
}
