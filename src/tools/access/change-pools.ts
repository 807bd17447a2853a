import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { nameOrNone } from '../../pve/quoted.js';
import { guestResources } from '../../pve/resources.js';
import { poolId, storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { oneMember } from './pool-member.js';

const member = z.object({ type: z.string(), vmid: number.optional(), storage: z.string().optional() });
const pool = endpoint(
  'GET /pools',
  z.array(z.object({ poolid: z.string(), comment: text.optional(), members: z.array(member).optional() })),
);
const acl = endpoint('GET /access/acl', z.array(z.object({ path: z.string(), ugid: z.string(), roleid: z.string() })));
// `/pools/{poolid}` is deprecated since 8.1 and cannot name a nested pool.
const create = endpoint('POST /pools', z.null());
const change = endpoint('PUT /pools', z.null());
const remove = endpoint('DELETE /pools', z.null());

const poolid = poolId.describe('Nested: a/b');

const shared = { scope: 'cluster', toolset: 'access' } as const;

const which = {
  poolid,
  vmid: vmid.optional().describe('Guest'),
  name: z.string().min(1).max(256).optional().describe('Or its exact name'),
  storage: storageId.optional().describe('Or a storage'),
};

const changed = z.object({
  poolid: z.string(),
  vmid: z.number().optional(),
  name: z.string().optional(),
  storage: z.string().optional(),
  moved_from: z.string().optional(),
  unchanged: z.string().optional(),
});

const memberPrivileges = [
  'Pool.Allocate on /pool',
  'VM.Allocate|Permissions.Modify on /vms',
  'Datastore.Allocate|Permissions.Modify on /storage',
] as const;

function isIn(one: Awaited<ReturnType<typeof oneMember>>, pools: z.output<typeof pool.data>): boolean {
  const held = pools.flatMap(({ members = [] }) => members);
  return held.some((each) => (one.vmid === undefined ? each.storage === one.storage : each.vmid === one.vmid));
}

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-pool',
    title: 'Create pool',
    description: 'Make a resource pool; a nested one needs its parent.',
    effect: 'write',
    input: { poolid, comment: z.string().max(2048).optional().describe('Text kept with it') },
    output: z.object({ poolid: z.string() }),
    calls: { create },
    privileges: ['Pool.Allocate on /pool'],
    run: async ({ input, call }) => {
      await call.create({}, { poolid: input.poolid, comment: input.comment });
      return { poolid: input.poolid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-pool',
    title: 'Delete pool',
    description: 'Delete an empty pool and the permissions on it.',
    effect: 'destroy',
    input: { poolid },
    output: z.object({ poolid: z.string() }),
    calls: { pool, remove },
    privileges: ['Pool.Allocate on /pool'],
    run: async ({ input, call }) => {
      const members = (await call.pool({}, { poolid: input.poolid })).data.flatMap((one) => one.members ?? []);
      const held = [...new Set(members.map((one) => one.vmid ?? one.storage))];
      if (held.length > 0)
        throw new Refused(
          `Pool '${input.poolid}' holds ${held.slice(0, 20).join(', ')}`,
          'Take its members out with proxmox-pool-remove, or move them with proxmox-pool-add, then call again.',
        );
      await call.remove({}, { poolid: input.poolid });
      return { poolid: input.poolid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-pool-add',
    title: 'Add to pool',
    description: 'Put a guest or storage into a pool. A guest is in one at most.',
    effect: 'write',
    input: { ...which, allow_move: z.boolean().optional().describe('From another pool') },
    output: changed,
    calls: { guests: guestResources, pool, change },
    privileges: memberPrivileges,
    run: async ({ input, call }) => {
      const one = await oneMember(input, call.guests);
      const held = (await call.pool({}, { poolid: input.poolid })).data;
      const from = one.pool === input.poolid ? undefined : one.pool;
      const add = () => call.change({}, { poolid: input.poolid, ...one.parameters, 'allow-move': input.allow_move });
      if (isIn(one, held)) return { poolid: input.poolid, ...one.about, unchanged: 'it is in this pool' };
      if (from !== undefined && !input.allow_move)
        throw new Refused(
          `Guest ${one.vmid} is in pool '${from}'`,
          "Set 'allow_move' to take it out of there.",
          {},
          add,
        );
      await add();
      return { poolid: input.poolid, ...one.about, moved_from: from };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-pool-remove',
    title: 'Remove from pool',
    description: 'Take a guest or storage out of a pool; rights by that pool end.',
    effect: 'destroy',
    input: which,
    output: changed,
    calls: { guests: guestResources, pool, acl, change },
    privileges: memberPrivileges,
    run: async ({ input, call, note }) => {
      const one = await oneMember(input, call.guests);
      const what =
        one.vmid === undefined ? `Storage ${one.storage}` : `Guest ${one.vmid} (${nameOrNone(one.about.name)})`;
      if (!isIn(one, (await call.pool({}, { poolid: input.poolid })).data))
        throw new Refused(`${what} is not in pool '${input.poolid}'`, 'See proxmox-list-pools.');
      const rights = (await call.acl({})).data
        .filter(({ path }) => path !== '/' && `/pool/${input.poolid}/`.startsWith(`${path}/`))
        .map(({ ugid, roleid }) => `${ugid} ${roleid}`);
      note(`${what} leaves pool '${input.poolid}'. Rights that end with it: ${rights.join(', ') || 'none seen'}.`);
      await call.change({}, { poolid: input.poolid, ...one.parameters, delete: true });
      return { poolid: input.poolid, ...one.about };
    },
  }),
];
