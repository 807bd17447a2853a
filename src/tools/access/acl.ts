import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { defineList, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type Grant, missingOf, replacedOf, type Subject } from './acl-entries.js';
import { ownerOf, plainList, tokenList, userList } from './identity.js';

const acl = endpoint(
  'GET /access/acl',
  z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      ugid: z.string(),
      roleid: z.string(),
      propagate: flag.optional(),
    }),
  ),
);
const change = endpoint('PUT /access/acl', z.null());

const shared = { scope: 'cluster', toolset: 'access' } as const;

const path = z
  .string()
  .max(256)
  .refine((text) => /^\/([\w.@-]+(\/[\w.@-]+)*)?$/.test(text), 'a path as /, /vms/100, /storage/local or /pool/web')
  .describe('As /vms/100 or /');

const entries = {
  path,
  roles: plainList.describe('As a,b'),
  users: userList.optional().describe('user@realm,...'),
  groups: plainList.optional().describe('As a,b'),
  tokens: tokenList.optional().describe('user@realm!name,...'),
};

type Entries = z.output<z.ZodObject<typeof entries>>;

function subjectsOf({ users, groups, tokens }: Entries): Subject[] {
  const of = (type: Subject['type'], list: string | undefined) => splitList(list).map((ugid) => ({ type, ugid }));
  const subjects = [...of('user', users), ...of('group', groups), ...of('token', tokens)];
  if (subjects.length > 0) return subjects;
  throw new InvalidInput({ argument: 'users', message: "give 'users', 'groups' or 'tokens'" });
}

const listed = (list: string | undefined) => (list === undefined ? undefined : splitList(list).join(','));

const parametersOf = (given: Entries) => ({
  path: given.path,
  roles: listed(given.roles),
  users: listed(given.users),
  groups: listed(given.groups),
  tokens: listed(given.tokens),
});

const grantsOf = (given: Entries): Grant[] =>
  subjectsOf(given).flatMap((subject) =>
    splitList(given.roles).map((roleid) => ({ path: given.path, roleid, ...subject })),
  );

const output = z.object({ path: z.string(), roles: z.array(z.string()), subjects: z.array(z.string()) });

const told = (given: Entries) => ({
  path: given.path,
  roles: splitList(given.roles),
  subjects: subjectsOf(given).map(({ ugid }) => ugid),
});

/**
 * This server must not shut itself out: with NoAccess, or by an entry that takes the place of what it inherits.
 * @throws {Refused} before anything is sent
 */
function refuseOwnLoss(own: string, given: Entries, replaced: ReturnType<typeof replacedOf>): void {
  const isOwn = ({ ugid }: { readonly ugid: string }) => ugid === own || ugid === ownerOf(own);
  const barred = splitList(given.roles).includes('NoAccess') ? subjectsOf(given).find(isOwn) : undefined;
  const granted = new Set(splitList(given.roles));
  const lost = replaced
    .filter(isOwn)
    .map(({ ugid, roles }) => ({ ugid, roles: roles.filter((role) => !granted.has(role)) }))
    .find(({ roles }) => roles.length > 0);
  if (barred === undefined && lost === undefined) return;
  throw new Refused(
    lost === undefined
      ? `'${barred?.ugid}' is this server's own token, or its user, and would have no access on ${given.path}`
      : `'${lost.ugid}' is this server's own token, or its user, and would lose ${lost.roles.join(', ')} on ${given.path}`,
    'Leave this to the user.',
  );
}

export default [
  defineList({
    ...shared,
    name: 'proxmox-list-acl',
    title: 'List permissions',
    description: 'Roles granted, by path. Their effect: proxmox-token-permissions.',
    effect: 'read',
    input: {
      path: path.optional(),
      ugid: z.string().min(1).max(1024).optional().describe('User, group, token'),
    },
    output: z.object({
      path: z.string(),
      type: z.string(),
      ugid: z.string(),
      roleid: z.string(),
      propagate: z.boolean(),
    }),
    calls: { acl },
    privileges: ['Sys.Audit|Permissions.Modify on /access'],
    run: async ({ input, call }) => {
      const rows = (await call.acl({})).data
        .filter((row) => (input.path ?? row.path) === row.path && (input.ugid ?? row.ugid) === row.ugid)
        .map((row) => ({ ...row, propagate: row.propagate ?? true }));
      const key = (row: Grant) => `${row.path} ${row.type} ${row.ugid} ${row.roleid}`;
      return { rows: rows.sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-assign-permission',
    title: 'Assign permission',
    description: 'Grant roles on a path. A privsep token and its user both need them.',
    effect: 'write',
    input: { ...entries, propagate: z.boolean().optional().describe('Default true') },
    output,
    calls: { acl, change },
    privileges: ['Permissions.Modify on /'],
    run: async ({ target, input, call, note }) => {
      const subjects = subjectsOf(input);
      const known = (await call.acl({})).data;
      const replaced = replacedOf(known, input.path, subjects);
      refuseOwnLoss(target.cluster.info.tokenId, input, replaced);
      for (const { ugid, from, roles } of replaced)
        note(`On ${input.path} and below this replaces what ${ugid} inherits from ${from}: ${roles.join(', ')}.`);
      await call.change({}, { ...parametersOf(input), propagate: input.propagate });
      return told(input);
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-revoke-permission',
    title: 'Revoke permission',
    description: 'Revoke roles on a path; inherited ones then count there.',
    effect: 'destroy',
    input: entries,
    output: output.extend({ unchanged: z.string().optional() }),
    calls: { acl, change },
    privileges: ['Permissions.Modify on /'],
    run: async ({ target, input, call, note }) => {
      const own = target.cluster.info.tokenId;
      if (subjectsOf(input).some(({ ugid }) => ugid === own || ugid === ownerOf(own)))
        note('This is the token of this server, or its user: it may lock itself out.');
      const grants = grantsOf(input);
      const missing = missingOf((await call.acl({})).data, grants);
      if (missing.length === grants.length) return { ...told(input), unchanged: 'nothing of this is granted there' };
      for (const { ugid, roleid } of missing)
        note(`No ${roleid} of ${ugid} was seen on ${input.path}: Proxmox takes away nothing there, and says nothing.`);
      await call.change({}, { ...parametersOf(input), delete: true });
      return told(input);
    },
  }),
];
