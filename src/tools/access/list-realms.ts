import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, text } from '../../pve/loose.js';
import { defineList } from '../define.js';

export default [
  defineList({
    name: 'proxmox-list-realms',
    title: 'List realms',
    description: 'Realms that users sign in by.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: {},
    output: z.object({
      realm: z.string(),
      type: z.string(),
      default: z.boolean(),
      tfa: z.string().optional(),
      comment: z.string().optional(),
    }),
    calls: {
      realms: endpoint(
        'GET /access/domains',
        z.array(
          z.object({
            realm: z.string(),
            type: z.string(),
            default: flag.optional(),
            tfa: text.optional(),
            comment: text.optional(),
          }),
        ),
      ),
    },
    privileges: [],
    run: async ({ call }) => {
      const { data } = await call.realms({});
      const rows = data.map((realm) => ({ ...realm, default: realm.default ?? false }));
      return { rows: rows.sort((a, b) => (a.realm < b.realm ? -1 : 1)) };
    },
  }),
];
