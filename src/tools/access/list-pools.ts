import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { poolId } from '../arguments/names.js';
import { defineList } from '../define.js';

const member = z.object({
  type: z.string(),
  vmid: number.optional(),
  name: text.optional(),
  storage: z.string().optional(),
  node: z.string().optional(),
  status: z.string().optional(),
});

const pool = z.object({ poolid: z.string(), comment: text.optional(), members: z.array(member).optional() });

export default [
  defineList({
    name: 'proxmox-list-pools',
    title: 'List pools',
    description: 'Resource pools; with poolid that one and its members.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'access',
    input: { poolid: poolId.optional().describe('Nested: a/b') },
    output: pool,
    // `/pools/{poolid}` is deprecated since 8.1 and cannot name a nested pool.
    calls: { pools: endpoint('GET /pools', z.array(pool)) },
    privileges: ['Pool.Audit on /pool'],
    run: async ({ input, call }) => {
      const { data } = await call.pools({}, { poolid: input.poolid });
      const rows = data.map(({ members, ...rest }) =>
        members === undefined ? rest : { ...rest, members: sorted(members) },
      );
      return { rows: rows.sort((a, b) => (a.poolid < b.poolid ? -1 : 1)) };
    },
  }),
];

type Member = z.output<typeof member>;

/** Guests by VMID, then storages by name. */
const sorted = (members: readonly Member[]): Member[] =>
  [...members].sort(
    (a, b) =>
      (a.vmid ?? Number.POSITIVE_INFINITY) - (b.vmid ?? Number.POSITIVE_INFINITY) ||
      `${a.storage} ${a.node}`.localeCompare(`${b.storage} ${b.node}`),
  );
