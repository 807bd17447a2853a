import { z } from 'zod';
import { permissions } from '../../pve/discovery.js';
import { defineList } from '../define.js';
import { userOrToken } from './identity.js';

export default [
  defineList({
    name: 'proxmox-token-permissions',
    title: 'Effective permissions',
    description: 'What this token, or another token or a user, may do on each path.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: {
      userid: userOrToken.optional().describe('Default: this token'),
      path: z
        .string()
        .refine((text) => /^\//.test(text), 'a path begins with /')
        .max(256)
        .optional()
        .describe('As /vms/100'),
    },
    output: z.object({
      path: z.string(),
      privileges: z.array(z.string()),
      /** Those that do not count for what lies below. */
      here_only: z.array(z.string()).optional(),
    }),
    calls: { permissions },
    privileges: [],
    run: async ({ input, call }) => {
      const { data } = await call.permissions({}, { userid: input.userid, path: input.path });
      const rows = Object.entries(data).map(([path, held]) => {
        const here = Object.keys(held).filter((privilege) => !held[privilege]);
        return {
          path,
          privileges: Object.keys(held).sort(),
          ...(here.length > 0 ? { here_only: here.sort() } : {}),
        };
      });
      const where = input.path === undefined ? 'anywhere' : 'there';
      const notes = rows.length === 0 ? [`No privilege is held ${where}.`] : [];
      return { rows: rows.sort((a, b) => (a.path < b.path ? -1 : 1)), notes };
    },
  }),
];
