import { attempt } from '../../pve/attempt.js';
import type { Bound, Call } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { nameOrNone } from '../../pve/quoted.js';
import { guestResources } from '../../pve/resources.js';
import { Refused } from '../refused.js';
import type { Place } from './place.js';

/** What a tool asks of the guest that a place of level guest is. */
export const guestReads = { guestResources, guestStatus };

/** Names the guest of a place in the plan, and says what it does now: its VMID alone is easily another's. */
export async function outlineGuest(
  place: Place,
  call: Bound<Pick<typeof guestReads, 'guestStatus'>>,
  outline: (text: string) => void,
): Promise<void> {
  if (place.level !== 'guest') return;
  const asked = await attempt(call.guestStatus(place));
  const status = 'error' in asked ? 'of unread status' : (asked.value.data.qmpstatus ?? asked.value.data.status);
  const kind = place.type === 'lxc' ? 'container' : 'VM';
  outline(`The guest: ${kind} ${place.vmid} (${nameOrNone(place.name)}) on ${place.node}, ${status}.`);
}

/**
 * Looks at the guest of a place once more, before the first request that destroys.
 * @throws {Refused} when its name or its node is another than when the call began
 */
export async function stillSameGuest(place: Place, guests: Call<typeof guestResources>): Promise<void> {
  if (place.level !== 'guest') return;
  const now = (await guests({}, { type: 'vm' })).data.find(({ vmid }) => vmid === place.vmid);
  if (now?.name === place.name && now?.node === place.node && now.type === place.type) return;
  throw new Refused(
    `guest ${place.vmid} is not what it was when this call began: its name or node has changed`,
    'See what it is now with proxmox-find-guest, then call again.',
  );
}
