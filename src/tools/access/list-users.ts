import { z } from 'zod';
import { splitList } from '../../pve/storage.js';
import { defineList } from '../define.js';
import { expiryTime } from './expiry.js';
import { allUsers, type User } from './users.js';

export default [
  defineList({
    name: 'proxmox-list-users',
    title: 'List users',
    description: 'Users with their groups and API tokens.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: {},
    output: z.object({
      userid: z.string(),
      enabled: z.boolean(),
      expire: z.string().nullable(),
      realm: z.string(),
      groups: z.array(z.string()),
      tokens: z.array(
        z.object({
          tokenid: z.string(),
          privsep: z.boolean(),
          expire: z.string().nullable(),
          comment: z.string().optional(),
        }),
      ),
      firstname: z.string().optional(),
      lastname: z.string().optional(),
      email: z.string().optional(),
      comment: z.string().optional(),
    }),
    calls: { users: allUsers },
    privileges: ['User.Modify|Sys.Audit on /access/groups'],
    run: async ({ call }) => {
      const { data } = await call.users({}, { full: true });
      return { rows: data.map(row).sort((a, b) => (a.userid < b.userid ? -1 : 1)) };
    },
  }),
];

function row({ userid, enable, expire, groups, tokens = [], firstname, lastname, email, comment }: User) {
  return {
    userid,
    enabled: enable ?? false,
    expire: expiryTime(expire),
    realm: userid.slice(userid.lastIndexOf('@') + 1),
    groups: (typeof groups === 'string' ? splitList(groups) : [...(groups ?? [])]).sort(),
    tokens: tokens.map((token) => ({
      tokenid: token.tokenid,
      privsep: token.privsep ?? true,
      expire: expiryTime(token.expire),
      comment: token.comment,
    })),
    firstname,
    lastname,
    email,
    comment,
  };
}
