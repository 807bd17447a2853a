import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { toWords } from '../../pve/quoted.js';
import { splitList } from '../../pve/storage.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { expire, expirySeconds } from './expiry.js';
import { comment, ownerOf, userid } from './identity.js';

const create = endpoint('POST /access/users', z.null());
const update = endpoint('PUT /access/users/{userid}', z.null());
const remove = endpoint('DELETE /access/users/{userid}', z.null());
// Tokens are a hash by name, and an empty one can come as a list.
const user = endpoint(
  'GET /access/users/{userid}',
  z.object({ enable: flag.optional(), groups: z.array(z.string()).optional(), tokens: z.unknown().optional() }),
);
const acl = endpoint('GET /access/acl', z.array(z.object({ ugid: z.string() })));

const shared = { scope: 'cluster', toolset: 'access' } as const;

const word = (most: number) => z.string().max(most).optional();

const profile = {
  groups: z
    .string()
    .max(1024)
    .refine((text) => /^[\w.,-]*$/.test(text), 'names separated by commas')
    .optional()
    .describe('As a,b'),
  enable: z.boolean().optional().describe('May sign in'),
  expire,
  comment,
  email: word(254).describe('Mail'),
  firstname: word(1024).describe('First name'),
  lastname: word(1024).describe('Last name'),
};

type Profile = z.output<z.ZodObject<typeof profile>>;

const settingsOf = ({ groups, enable, expire: end, comment: text, email, firstname, lastname }: Profile) => ({
  groups,
  enable,
  expire: expirySeconds(end),
  comment: text,
  email,
  firstname,
  lastname,
});

const output = z.object({ userid: z.string() });

/** The groups that a user would no longer be in. */
function lostGroups(before: readonly string[] = [], { groups, append }: Profile & { append?: boolean | undefined }) {
  if (groups === undefined || append) return [];
  const after = splitList(groups);
  return before.filter((group) => !after.includes(group)).sort();
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-user',
    title: 'Create user',
    description: 'Make a user without rights or password (realm pve: set it by hand).',
    effect: 'write',
    input: { userid, ...profile },
    output,
    calls: { create },
    privileges: ['Realm.AllocateUser on /access/realm', 'User.Modify on /access/groups'],
    run: async ({ input, call, note }) => {
      await call.create({}, { userid: input.userid, ...settingsOf(input) });
      if (input.userid.endsWith('@pve'))
        note(`He has no password yet; on a node: pveum passwd '${input.userid}'. His API tokens need none.`);
      return { userid: input.userid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-user',
    title: 'Update user',
    description: 'Change a user; groups are replaced, unless append is set.',
    effect: 'destroy',
    input: { userid, ...profile, append: z.boolean().optional().describe('Add groups') },
    output,
    calls: { user, update },
    privileges: ['User.Modify on /access/groups'],
    run: async ({ target, input, call, note }) => {
      const settings = settingsOf(input);
      if (Object.values(settings).every((value) => value === undefined))
        throw new Refused('There is nothing to change', 'Give what is to change.');
      const own = ownerOf(target.cluster.info.tokenId) === input.userid;
      if (own && (input.enable === false || settings.expire))
        throw new Refused(
          `'${input.userid}' is the user of this server's own token, which would stop working`,
          'Leave this to the user.',
        );
      const before = (await call.user({ userid: input.userid })).data;
      const lost = lostGroups(before.groups, input);
      if (own && lost.length > 0)
        throw new Refused(
          `'${input.userid}' is the user of this server's own token, which would lose what ${lost.join(', ')} may do`,
          'Leave this to the user.',
        );
      if (lost.length > 0) note(`He leaves ${lost.join(', ')}, and loses what is granted to these groups.`);
      if (input.enable === false && before.enable !== false) note('He is shut out, and his API tokens with him.');
      // Without `groups` the server refuses `append`.
      const append = input.groups === undefined ? undefined : input.append;
      await call.update({ userid: input.userid }, { ...settings, append });
      return { userid: input.userid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-user',
    title: 'Delete user',
    description: 'Delete a user with tokens and permissions.',
    effect: 'destroy',
    input: { userid },
    output,
    calls: { user, acl, remove },
    privileges: ['Realm.AllocateUser on /access/realm', 'User.Modify on /access/groups'],
    run: async ({ target, input, call, note }) => {
      if (ownerOf(target.cluster.info.tokenId) === input.userid)
        throw new Refused(`'${input.userid}' is the user of this server's own token`, 'Leave this to the user.');
      if (input.userid === 'root@pam')
        throw new Refused("'root@pam' is the administrator of the cluster", 'Name another user.');
      const { tokens } = (await call.user({ userid: input.userid })).data;
      const named = typeof tokens === 'object' && tokens !== null ? Object.keys(tokens) : [];
      const entries = (await call.acl({})).data.filter(({ ugid }) => ownerOf(ugid) === input.userid);
      note(`With him go ${named.length} tokens (${toWords(named) || 'none'}) and ${entries.length} permissions.`);
      await call.remove({ userid: input.userid });
      return { userid: input.userid };
    },
  }),
];
