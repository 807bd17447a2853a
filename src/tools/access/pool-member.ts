import type { Call } from '../../pve/endpoint.js';
import type { guestResources } from '../../pve/resources.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

interface Asked {
  readonly vmid?: number | undefined;
  readonly name?: string | undefined;
  readonly storage?: string | undefined;
}

/** What is to be put into a pool or taken out of it. */
interface Member {
  readonly vmid?: number;
  readonly storage?: string;
  /** The pool that a guest is in. */
  readonly pool?: string | undefined;
  readonly about: { readonly vmid?: number; readonly name?: string | undefined; readonly storage?: string };
  readonly parameters: { readonly vms: string } | { readonly storage: string };
}

/** The one guest, or the storage, that a call names. */
export async function oneMember(asked: Asked, guests: Call<typeof guestResources>): Promise<Member> {
  const { vmid, name, storage } = asked;
  const namesGuest = vmid !== undefined || name !== undefined;
  if (namesGuest === (storage !== undefined))
    throw new InvalidInput({ argument: 'vmid', message: "give 'vmid' or 'name' for a guest, or 'storage'" });
  if (storage !== undefined) return { storage, about: { storage }, parameters: { storage } };
  const { data } = await guests({}, { type: 'vm' });
  const found = data.filter(
    (guest) => (vmid === undefined || guest.vmid === vmid) && (name === undefined || guest.name === name),
  );
  const [guest, ...others] = found;
  const asks = [vmid, name].filter((part) => part !== undefined).join(' ');
  if (guest === undefined)
    throw new Refused(
      `This cluster has no guest ${asks}, or the token may not see it`,
      'Look for it with proxmox-find-guest.',
    );
  if (others.length > 0)
    throw new Refused(
      `More than one guest is called '${name}': ${found.map((each) => each.vmid).join(', ')}`,
      "Call again with 'vmid'.",
    );
  return {
    vmid: guest.vmid,
    pool: guest.pool,
    about: { vmid: guest.vmid, name: guest.name },
    parameters: { vms: String(guest.vmid) },
  };
}
