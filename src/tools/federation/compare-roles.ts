import { z } from 'zod';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import type { Seen } from './seen.js';

const role = z.object({ roleid: z.string(), special: flag.optional(), privs: z.string().optional() });
export type Role = z.output<typeof role>;

export const roleReads = { roles: endpoint('GET /access/roles', z.array(role)) };

export const privilegesOf = ({ privs }: Role) => splitList(privs).sort();

/** The roles that somebody made: those that are built in are as the version has them. */
export async function seeRoles(call: Bound<typeof roleReads>): Promise<Seen> {
  const { data } = await call.roles({});
  const own = data.filter(({ special }) => special !== true);
  return { items: new Map(own.map((one) => [one.roleid, { privileges: privilegesOf(one) }])), unread: [] };
}
