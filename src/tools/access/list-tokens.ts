import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { defineList } from '../define.js';
import { expiryTime } from './expiry.js';
import { userid } from './identity.js';

const token = z.object({
  tokenid: text,
  privsep: flag.optional(),
  expire: number.optional(),
  comment: text.optional(),
});

export default [
  defineList({
    name: 'proxmox-list-tokens',
    title: 'List API tokens',
    description: 'API tokens, without their secrets.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: { userid: userid.optional() },
    output: z.object({
      tokenid: z.string(),
      privsep: z.boolean(),
      expire: z.string().nullable(),
      expired: z.boolean(),
      comment: z.string().optional(),
    }),
    calls: {
      users: endpoint(
        'GET /access/users',
        z.array(z.object({ userid: z.string(), tokens: z.array(token).optional() })),
      ),
      // A user may see his own tokens without any privilege.
      tokens: endpoint('GET /access/users/{userid}/token', z.array(token)),
    },
    privileges: ['User.Modify|Sys.Audit on /access/groups'],
    run: async ({ input, call, now }) => {
      const users =
        input.userid === undefined
          ? (await call.users({}, { full: true })).data
          : [{ userid: input.userid, tokens: (await call.tokens({ userid: input.userid })).data }];
      const rows = users.flatMap(({ userid: owner, tokens = [] }) =>
        tokens.map(({ tokenid, privsep = true, expire, comment }) => ({
          tokenid: `${owner}!${tokenid}`,
          privsep,
          expire: expiryTime(expire),
          expired: expire !== undefined && expire > 0 && expire * 1000 <= now,
          comment,
        })),
      );
      return { rows: rows.sort((a, b) => (a.tokenid < b.tokenid ? -1 : 1)) };
    },
  }),
];
