import type { z } from 'zod';
import type { Call, Endpoint } from '../../pve/endpoint.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { RuleSettings } from './change-ha-rules.js';
import type { haGroups, haResources } from './ha-endpoints.js';

interface GroupCalls {
  readonly groups: Call<typeof haGroups>;
  readonly createGroup: Call<Endpoint<'POST /cluster/ha/groups', z.ZodNull>>;
  readonly updateGroup: Call<Endpoint<'PUT /cluster/ha/groups/{group}', z.ZodNull>>;
  readonly changeResource: Call<Endpoint<'PUT /cluster/ha/resources/{sid}', z.ZodNull>>;
}

type Managed = z.output<(typeof haResources)['data']>;

/** Before 9 a rule on nodes is a group, and each guest says which one it is in. */
export async function setGroup(
  input: RuleSettings,
  sids: readonly string[] | undefined,
  managed: Managed,
  call: GroupCalls,
  offerUndo: (how: string) => void,
) {
  const { rule: group, nodes, strict: restricted, comment } = input;
  if (input.affinity !== undefined || input.disable !== undefined)
    throw new Refused(
      'A cluster older than version 9 has groups, which know neither affinity between guests nor being disabled',
      "Use 'nodes' and 'strict'.",
    );
  const known = (await call.groups({})).data.find((one) => one.group === group);
  if (known === undefined) {
    if (nodes === undefined) throw new InvalidInput({ argument: 'nodes', message: 'a new group needs its nodes' });
    await call.createGroup({}, { group, nodes, restricted, comment });
    offerUndo(`Delete group '${group}' with proxmox-delete-ha-rule once no guest is in it.`);
  } else if (nodes !== undefined || restricted !== undefined || comment !== undefined)
    await call.updateGroup({ group }, { nodes, restricted, comment, digest: known.digest });
  for (const { sid, group: present } of sids === undefined ? [] : managed) {
    const inside = sids?.includes(sid) === true;
    if (inside && present !== group) await call.changeResource({ sid }, { group });
    if (!inside && present === group) await call.changeResource({ sid }, { delete: 'group' });
  }
  return { rule: group, type: 'group', created: known === undefined };
}
