import type { Call } from '../../pve/endpoint.js';
import { nameOrNone } from '../../pve/quoted.js';
import type { clusterResources, GuestResource } from '../../pve/resources.js';

/**
 * Looks at a guest again that was listed before: minutes may lie between the list and what is done to its last row.
 * @returns why it is not the one that was listed
 */
export async function changedSince(
  { vmid, type, node, name }: GuestResource,
  resources: Call<typeof clusterResources>,
): Promise<string | undefined> {
  const now = (await resources({})).data.guests.find((guest) => guest.vmid === vmid);
  if (now === undefined) return 'it was listed and is gone; nothing was sent for it';
  // A guest made within the last seconds is listed without its name.
  const same = now.type === type && now.node === node && (name === undefined || now.name === name);
  return same
    ? undefined
    : `it is not what was listed but ${nameOrNone(now.name)} on ${now.node}; nothing was sent for it`;
}
