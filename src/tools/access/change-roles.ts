import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { roleid } from './identity.js';

const roles = endpoint(
  'GET /access/roles',
  z.array(z.object({ roleid: z.string(), special: flag.optional(), privs: z.string().optional() })),
);
type Role = z.output<typeof roles.data>[number];

const acl = endpoint('GET /access/acl', z.array(z.object({ roleid: z.string() })));
const create = endpoint('POST /access/roles', z.null());
const update = endpoint('PUT /access/roles/{roleid}', z.null());
const remove = endpoint('DELETE /access/roles/{roleid}', z.null());

const shared = { scope: 'cluster', toolset: 'access', privileges: ['Sys.Modify on /access'] } as const;

const privs = z
  .string()
  .max(4096)
  .refine((text) => /^[A-Za-z.,]*$/.test(text), 'privileges separated by commas, such as VM.Audit,VM.Console')
  .describe('VM.Audit,...');

const output = z.object({ roleid: z.string(), privileges: z.array(z.string()) });

function ownRole(known: readonly Role[], wanted: string): Role {
  const role = known.find((one) => one.roleid === wanted);
  if (role === undefined) throw new Refused(`There is no role '${wanted}'`, 'See proxmox-list-roles.');
  if (role.special) throw new Refused(`Role '${wanted}' is built in`, 'Make one of your own with proxmox-create-role.');
  return role;
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-role',
    title: 'Create role',
    description: 'Make a role: privileges to grant with proxmox-assign-permission.',
    effect: 'write',
    input: { roleid, privs },
    output,
    calls: { create },
    run: async ({ input, call }) => {
      if (/^pve/i.test(input.roleid))
        throw new Refused('Names that begin with PVE are kept for built-in roles', 'Choose another name.');
      await call.create({}, { roleid: input.roleid, privs: input.privs });
      return { roleid: input.roleid, privileges: splitList(input.privs).sort() };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-role',
    title: 'Update role',
    description: 'Replace or add privileges of a role, at once for all who have it.',
    effect: 'destroy',
    input: { roleid, privs, append: z.boolean().optional().describe('Add these') },
    output,
    calls: { roles, update },
    run: async ({ input, call, note }) => {
      const before = splitList(ownRole((await call.roles({})).data, input.roleid).privs);
      const after = [...new Set([...(input.append ? before : []), ...splitList(input.privs)])].sort();
      const lost = before.filter((privilege) => !after.includes(privilege));
      if (lost.length > 0) note(`It loses ${lost.sort().join(', ')}.`);
      await call.update({ roleid: input.roleid }, { privs: input.privs, append: input.append });
      return { roleid: input.roleid, privileges: after };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-role',
    title: 'Delete role',
    description: 'Delete a role; permissions given with it end.',
    effect: 'destroy',
    input: { roleid },
    output: z.object({ roleid: z.string() }),
    calls: { roles, acl, remove },
    run: async ({ input, call, note }) => {
      ownRole((await call.roles({})).data, input.roleid);
      const entries = (await call.acl({})).data.filter((entry) => entry.roleid === input.roleid);
      if (entries.length > 0) note(`${entries.length} permissions are given with it and end.`);
      await call.remove({ roleid: input.roleid });
      return { roleid: input.roleid };
    },
  }),
];
