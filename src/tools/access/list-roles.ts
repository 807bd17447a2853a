import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { defineList } from '../define.js';

export default [
  defineList({
    name: 'proxmox-list-roles',
    title: 'List roles',
    description: 'Roles and their privileges.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: {},
    output: z.object({ roleid: z.string(), special: z.boolean(), privileges: z.array(z.string()) }),
    calls: {
      roles: endpoint(
        'GET /access/roles',
        z.array(z.object({ roleid: z.string(), special: flag.optional(), privs: z.string().optional() })),
      ),
    },
    privileges: [],
    run: async ({ call }) => {
      const { data } = await call.roles({});
      const rows = data.map(({ roleid, special = false, privs }) => ({
        roleid,
        special,
        privileges: splitList(privs).sort(),
      }));
      return { rows: rows.sort((a, b) => (a.roleid < b.roleid ? -1 : 1)) };
    },
  }),
];
