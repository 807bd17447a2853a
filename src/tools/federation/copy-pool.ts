import { Refused } from '../refused.js';
import type { Definition } from './copy.js';

interface Pool {
  readonly comment?: string | undefined;
}

/** A pool with its comment; what is in it is of its cluster. */
export const poolCopy: Definition<Pool> = {
  label: 'pool',
  read: async ({ call }, name) => {
    const found = (await call.pools({})).data.find(({ poolid }) => poolid === name);
    return found && { comment: found.comment };
  },
  fields: ({ comment }) => ({ comment }),
  fit: async (pool, { name, source, target, leaveOut }) => {
    const parent = /^(.+)\/[^/]+$/.exec(name)?.[1];
    const known = parent === undefined ? [] : (await target.call.pools({})).data.map(({ poolid }) => poolid);
    if (parent !== undefined && !known.includes(parent))
      throw new Refused(`${target.cluster} has no pool '${parent}' to put it in`, 'Copy that one first.');
    const members = (await source.call.pools({}, { poolid: name })).data.flatMap((one) => one.members ?? []);
    const guests = members.filter(({ vmid }) => vmid !== undefined).length;
    const storages = new Set(members.flatMap(({ storage }) => storage ?? [])).size;
    if (guests + storages > 0)
      leaveOut(`its ${guests} guests and ${storages} storages: those of ${target.cluster} go in with proxmox-pool-add`);
    return pool;
  },
  write: async ({ comment }, { name, target: { call } }, there) => {
    if (there === undefined) await call.createPool({}, { poolid: name, comment });
    else await call.updatePool({}, { poolid: name, comment: comment ?? '' });
  },
};
