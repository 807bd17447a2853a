import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { permissions } from '../../pve/discovery.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { guestResources } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { expiryTime } from '../access/expiry.js';
import { allUsers } from '../access/users.js';
import { tagList } from '../guests/guest-rows.js';
import type { Fields, Items } from './difference.js';

const member = z.object({ type: z.string(), vmid: number.optional(), storage: z.string().optional() });

export const namedReads = {
  permissions,
  guests: guestResources,
  // `/pools/{poolid}` is deprecated since 8.1 and cannot name a nested pool.
  pools: endpoint(
    'GET /pools',
    z.array(z.object({ poolid: z.string(), comment: text.optional(), members: z.array(member).optional() })),
  ),
  users: allUsers,
};
type Reads = Bound<typeof namedReads>;

export const kinds = ['pools', 'tags', 'users'] as const;
export type Kind = (typeof kinds)[number];

/** What Proxmox leaves out, without a word, of what a token may not see. */
export const neededFor: Readonly<Record<Kind, string>> = {
  pools: 'Pool.Audit on /pool',
  tags: 'VM.Audit on /vms',
  users: 'User.Modify|Sys.Audit on /access/groups',
};

export const readNamed: Readonly<Record<Kind, (call: Reads) => Promise<Items>>> = {
  pools: readPools,
  tags: readTags,
  users: readUsers,
};

async function readPools(call: Reads): Promise<Items> {
  const { data } = await call.pools({});
  const found = await inTurns(data, async ({ poolid, comment }): Promise<[string, Fields]> => {
    const [pool] = (await call.pools({}, { poolid })).data;
    const members = pool?.members ?? [];
    const storages = members.flatMap(({ storage }) => storage ?? []);
    const guests = members.filter(({ vmid }) => vmid !== undefined).length;
    return [poolid, { comment, guests: String(guests), storages }];
  });
  return new Map(found);
}

/** Proxmox keeps tags in lower case, unless the datacenter says otherwise. */
async function readTags(call: Reads): Promise<Items> {
  const { data } = await call.guests({}, { type: 'vm' });
  const counts = new Map<string, { guests: number; running: number }>();
  for (const { tags, status } of data)
    for (const tag of new Set(tagList(tags?.toLowerCase()))) {
      const { guests, running } = counts.get(tag) ?? { guests: 0, running: 0 };
      counts.set(tag, { guests: guests + 1, running: running + (status === 'running' ? 1 : 0) });
    }
  const fields = ([tag, { guests, running }]: [string, { guests: number; running: number }]): [string, Fields] => [
    tag,
    { guests: String(guests), running: String(running) },
  ];
  return new Map([...counts].map(fields));
}

async function readUsers(call: Reads): Promise<Items> {
  const { data } = await call.users({}, { full: true });
  return new Map(
    data.map(({ userid, enable, expire, groups, firstname, lastname, email, comment, tokens = [] }) => [
      userid,
      {
        enabled: String(enable ?? false),
        expire: expiryTime(expire) ?? 'never',
        groups: typeof groups === 'string' ? splitList(groups) : (groups ?? []),
        tokens: tokens.map(({ tokenid }) => tokenid),
        name: [firstname, lastname].filter(Boolean).join(' ') || undefined,
        email,
        comment,
      },
    ]),
  );
}
