import type { z } from 'zod';
import type { Call, Endpoint } from '../../pve/endpoint.js';
import { quoted, settingsInWords } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { RuleSettings } from './change-ha-rules.js';
import type { haGroups, haResources } from './ha-endpoints.js';
import { moveNote } from './moved-by.js';
import { vmidOf } from './sid.js';

interface GroupCalls {
  readonly groups: Call<typeof haGroups>;
  readonly resources: Call<typeof haResources>;
  readonly createGroup: Call<Endpoint<'POST /cluster/ha/groups', z.ZodNull>>;
  readonly updateGroup: Call<Endpoint<'PUT /cluster/ha/groups/{group}', z.ZodNull>>;
  readonly changeResource: Call<Endpoint<'PUT /cluster/ha/resources/{sid}', z.ZodNull>>;
}

type Managed = z.output<(typeof haResources)['data']>;

interface Seen {
  /** The guests that are to be in the group, where the call names them. */
  readonly sids: readonly string[] | undefined;
  readonly managed: Managed;
  readonly guests: readonly GuestResource[];
}

interface Remarks {
  note(text: string): void;
  offerUndo(how: string): void;
}

/** @throws {Refused} for a rule or group that is there, of which nothing is to be changed */
export function requireChange({ rule, ...changes }: RuleSettings): void {
  if (Object.values(changes).some((value) => value !== undefined)) return;
  throw new Refused(`There is nothing to change of '${rule}'`, 'Give what is to change.');
}

/** Before 9 a rule on nodes is a group, and each guest says which one it is in. */
export async function setGroup(input: RuleSettings, { sids, managed, guests }: Seen, call: GroupCalls, tell: Remarks) {
  const { rule: group, nodes, strict: restricted, comment } = input;
  if (input.affinity !== undefined || input.disable !== undefined)
    throw new Refused(
      'A cluster older than version 9 has groups, which know neither affinity between guests nor being disabled',
      "Use 'nodes' and 'strict'.",
    );
  const known = (await call.groups({})).data.find((one) => one.group === group);
  if (known !== undefined) requireChange(input);
  const members = sids ?? managed.filter((one) => one.group === group).map(({ sid }) => sid);
  const placed = nodes ?? restricted ?? sids;
  const moves = placed === undefined ? undefined : moveNote({ nodes: nodes ?? known?.nodes, sids: members }, guests);
  if (moves !== undefined) tell.note(moves);
  if (known === undefined) {
    if (nodes === undefined) throw new InvalidInput({ argument: 'nodes', message: 'a new group needs its nodes' });
    await call.createGroup({}, { group, nodes, restricted, comment });
    tell.offerUndo(`Delete group '${group}' with proxmox-delete-ha-rule once no guest is in it.`);
  } else if (nodes !== undefined || restricted !== undefined || comment !== undefined) {
    await call.updateGroup({ group }, { nodes, restricted, comment, digest: known.digest });
    tell.offerUndo(`Group '${group}' had ${quoted(settingsInWords({ ...known, digest: undefined }), 400)}.`);
  }
  if (sids !== undefined) await setMembers(group, sids, managed, call, tell);
  return { rule: group, type: 'group', created: known === undefined };
}

/** Puts these guests into a group, and takes all others out of it. */
async function setMembers(
  group: string,
  sids: readonly string[],
  managed: Managed,
  call: Pick<GroupCalls, 'resources' | 'changeResource'>,
  { offerUndo }: Remarks,
): Promise<void> {
  for (const { sid, group: had } of managed) {
    const wanted = sids.includes(sid) ? group : had === group ? undefined : had;
    if (wanted === had) continue;
    // The digest is that of the file of all resources, which each change of one makes another.
    const now = (await call.resources({})).data.find((one) => one.sid === sid);
    if (now?.group !== had)
      throw new Refused(`somebody else changed the group of ${sid} meanwhile`, 'See proxmox-list-ha-rules.');
    const change = wanted === undefined ? { delete: 'group' } : { group: wanted };
    await call.changeResource({ sid }, { ...change, digest: now?.digest });
    const back = `proxmox-ha-update with vmid ${vmidOf(sid) ?? sid} and group '${had ?? ''}'`;
    offerUndo(`${sid} was in ${had === undefined ? 'no group' : `group '${had}'`}: ${back}.`);
  }
}
