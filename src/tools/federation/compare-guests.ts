import type { Bound } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { quotedName } from '../../pve/quoted.js';
import { type GuestResource, guestResources } from '../../pve/resources.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type Comparison, compareItems } from './difference.js';
import { guestFields, ignoredOfGuests } from './guest-fields.js';

export const guestReads = { guests: guestResources, config: guestConfig };
type Reads = Bound<typeof guestReads>;

interface Asked {
  readonly vmid?: number | undefined;
  readonly name?: string | undefined;
}

export interface AskedTwins {
  readonly source: Asked;
  readonly target: Asked;
}

interface Sides {
  readonly source: { readonly cluster: string; readonly call: Reads };
  readonly target: { readonly cluster: string; readonly call: Reads };
}

export interface ComparedGuests {
  readonly comparison: Comparison;
  readonly notes: readonly string[];
}

/** Compares the configuration of a guest with that of its twin on the other cluster. */
export async function compareGuests(asked: AskedTwins, { source, target }: Sides): Promise<ComparedGuests> {
  const [{ data: here }, { data: there }] = await Promise.all([
    source.call.guests({}, { type: 'vm' }),
    target.call.guests({}, { type: 'vm' }),
  ]);
  const guest = guestOf(here, asked.source, source.cluster, 'vmid');
  const twin = twinOf(there, asked.target, guest, target.cluster);
  if (guest.type !== twin.type)
    throw new Refused(
      `${inWords(guest)} is a ${kindOf(guest)}, and ${inWords(twin)} a ${kindOf(twin)}`,
      "Name its twin with 'target_vmid'.",
    );
  const [config, other] = await Promise.all([source.call.config(guest), target.call.config(twin)]);
  const name = guest.name === twin.name ? inWords(guest) : `${inWords(guest)} and ${inWords(twin)}`;
  const item = (data: typeof config.data) => new Map([[name, guestFields(data)]]);
  return {
    comparison: compareItems(item(config.data), item(other.data)),
    notes: [
      `Compared: ${inWords(guest)} on ${source.cluster}, ${inWords(twin)} on ${target.cluster}. Not compared: ${ignoredOfGuests}.`,
    ],
  };
}

const inWords = ({ name, vmid }: GuestResource) =>
  name === undefined ? `guest ${vmid}` : `${quotedName(name)} (${vmid})`;
const kindOf = ({ type }: GuestResource) => (type === 'qemu' ? 'VM' : 'container');

function guestOf(guests: readonly GuestResource[], { vmid, name }: Asked, cluster: string, argument: string) {
  const found = guests.filter(
    (one) => (vmid === undefined || one.vmid === vmid) && (name === undefined || one.name === name),
  );
  const [only, another] = found;
  if (only !== undefined && another === undefined) return only;
  const asked = [name, vmid].filter((part) => part !== undefined).join(', ');
  if (another !== undefined)
    throw new InvalidInput({
      argument,
      message: `${cluster} has ${found.map((one) => one.vmid).join(', ')} of that name: give the VMID`,
    });
  throw new Refused(
    `${cluster} has no guest ${asked}, or its token may not see it`,
    'Find it with proxmox-find-guest.',
  );
}

/** The one that is named, else the one of the same name, else of the same VMID. */
function twinOf(guests: readonly GuestResource[], asked: Asked, guest: GuestResource, cluster: string) {
  if (asked.vmid !== undefined || asked.name !== undefined) return guestOf(guests, asked, cluster, 'target_vmid');
  const named = guests.filter(
    ({ name, type }) => guest.name !== undefined && name === guest.name && type === guest.type,
  );
  if (named.length > 1) return guestOf(guests, { name: guest.name }, cluster, 'target_vmid');
  const twin = named[0] ?? guests.find(({ vmid, type }) => vmid === guest.vmid && type === guest.type);
  if (twin !== undefined) return twin;
  throw new Refused(
    `${cluster} has no ${kindOf(guest)} of the name or VMID of ${inWords(guest)}`,
    "Name its twin with 'target_vmid' or 'target_name'.",
  );
}
