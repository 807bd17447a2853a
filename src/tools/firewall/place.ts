import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import type { guestResources } from '../../pve/resources.js';
import { groupName, nodeName } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';

/** Whose firewall is meant. */
export type Place =
  | { readonly level: 'cluster' }
  | { readonly level: 'node'; readonly node: string }
  | GuestPlace
  | { readonly level: 'group'; readonly group: string };

export interface GuestPlace {
  readonly level: 'guest';
  readonly node: string;
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly name?: string | undefined;
}

const whose = 'Whose';

const node = nodeName.optional().describe('Node');
const guest = vmid.optional().describe('VMID');

/** Arguments of a tool for whatever has rules. */
export const ruleLevels = {
  level: z.enum(['cluster', 'node', 'guest', 'group']).describe(whose),
  node,
  vmid: guest,
  group: groupName.optional().describe('Group'),
};

/** Arguments of a tool for whatever has options. */
export const optionLevels = { level: z.enum(['cluster', 'node', 'guest']).describe(whose), node, vmid: guest };

/** Arguments of a tool for whatever has aliases and IP sets. */
export const setLevels = { level: z.enum(['cluster', 'guest']).describe(whose), vmid: guest };

export interface AskedPlace {
  readonly level: Place['level'];
  readonly node?: string | undefined;
  readonly vmid?: number | undefined;
  readonly group?: string | undefined;
}

const named = { cluster: undefined, node: 'node', guest: 'vmid', group: 'group' } as const;

/**
 * The place that the arguments name; a guest is looked for.
 * @throws {InvalidInput} for an argument too many or too few, so that a forgotten one never means another level
 * @throws {Refused} for a guest that is not there
 */
export async function findPlace(asked: AskedPlace, guests: Call<typeof guestResources>): Promise<Place> {
  const { level, node, vmid, group } = asked;
  const needed = named[level];
  for (const [argument, value] of Object.entries({ node, vmid, group })) {
    if (argument === needed && value === undefined)
      throw new InvalidInput({ argument, message: `level ${level} needs it` });
    if (argument !== needed && value !== undefined)
      throw new InvalidInput({
        argument,
        message: `not for level ${level}; leave it out, or choose the level it is for`,
      });
  }
  if (vmid !== undefined) return findGuest(vmid, guests);
  if (node !== undefined) return { level: 'node', node };
  // pve-firewall knows security groups in lower case alone (PVE/Firewall.pm, generic_fw_config_parser).
  return group === undefined ? { level: 'cluster' } : { level: 'group', group: group.toLowerCase() };
}

async function findGuest(vmid: number, guests: Call<typeof guestResources>): Promise<GuestPlace> {
  const { data } = await guests({}, { type: 'vm' });
  const found = data.find((row) => row.vmid === vmid);
  if (found === undefined)
    throw new Refused(
      `there is no guest ${vmid} on this cluster, or the token may not see it`,
      'Find it with proxmox-find-guest and name its cluster.',
    );
  return { level: 'guest', node: found.node, type: found.type, vmid, name: found.name };
}

/** What an answer says of it. */
export const placeShape = {
  level: z.string(),
  node: z.string().optional(),
  vmid: z.number().optional(),
  group: z.string().optional(),
};

export const describePlace = (place: Place) => ({
  level: place.level,
  node: 'node' in place ? place.node : undefined,
  vmid: 'vmid' in place ? place.vmid : undefined,
  group: 'group' in place ? place.group : undefined,
});
