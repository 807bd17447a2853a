import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import { splitList } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';
import { tokenPath } from '../access/identity.js';
import { type Grant, leastGrants } from './least-roles.js';

const route = '/access/users/{userid}/token/{tokenid}';

export const tokenCalls = {
  tokens: endpoint(
    'GET /access/users/{userid}/token',
    z.array(
      z.object({ tokenid: z.string(), privsep: flag.optional(), expire: number.optional(), comment: text.optional() }),
    ),
  ),
  acl: endpoint(
    'GET /access/acl',
    z.array(
      z.object({ type: z.string(), ugid: text, path: z.string(), roleid: z.string(), propagate: flag.optional() }),
    ),
  ),
  roles: endpoint('GET /access/roles', z.array(z.object({ roleid: z.string(), privs: text.optional() }))),
  makeToken: endpoint(`POST ${route}`, z.object({ value: z.string().min(1) }), { value: 'planned' }),
  grant: endpoint('PUT /access/acl', z.null()),
  dropToken: endpoint(`DELETE ${route}`, z.null()),
};
type TokenCalls = { readonly [K in keyof typeof tokenCalls]: Call<(typeof tokenCalls)[K]> };

/** With which token the source will come to the target. */
export type TokenPlan =
  | { readonly kind: 'own'; readonly id: string; readonly reason: string }
  | {
      readonly kind: 'made';
      readonly id: string;
      readonly privsep: boolean;
      readonly grants: readonly Grant[];
      /** Why it may as much as the own one, where it does. */
      readonly whole?: string;
      /** Seconds since the epoch. */
      readonly expire: number;
    };

interface Wish {
  /** The cluster's own. */
  readonly own: string;
  readonly permissions: Permissions;
  /** What a move asks of it. */
  readonly needs: readonly string[];
  readonly vmid: number;
  readonly bytes: number;
  /** KiB/s. */
  readonly bwlimit: number | undefined;
  /** Milliseconds since the epoch, by the cluster's clock: it is what judges the token. */
  readonly now: number;
}

const hour = 3600;
/** Bytes a second, where no limit is set: less than what the slowest line of a cluster does. */
const slow = 10 * 1024 ** 2;

/** Each disk opens a connection of its own, so the token must live as long as the slowest copy: twice that, 2 h to 7 d. */
export function tokenLifetime(bytes: number, bwlimit: number | undefined): number {
  const rate = bwlimit === undefined || bwlimit === 0 ? slow : bwlimit * 1024;
  return Math.min(7 * 24 * hour, Math.max(2 * hour, Math.ceil((2 * bytes) / rate)));
}

/**
 * A token for this move alone, bound to the least of the roles that bring what it needs. Where that cannot be given, it
 * may what the own one may; where none can be made, it is the own one itself.
 */
export async function planToken(call: TokenCalls, wish: Wish): Promise<TokenPlan> {
  const { own, permissions, vmid, now } = wish;
  const may = (need: string) => holds(permissions, parseNeed(need));
  const instead = (reason: string): TokenPlan => ({ kind: 'own', id: own, reason });
  if (!may('User.Modify on /access/groups'))
    return instead('it lacks User.Modify on /access/groups, so it cannot make one for this move');
  const { userid, tokenid } = tokenPath(own);
  const listed = await attempt(call.tokens({ userid }));
  if ('error' in listed) return instead('what it is bound to could not be read');
  const tokens = listed.value.data;
  const made = {
    kind: 'made',
    id: `${userid}!${freeName(`move-${vmid}`, new Set(tokens.map((one) => one.tokenid)))}`,
    expire: Math.floor(now / 1000) + tokenLifetime(wish.bytes, wish.bwlimit),
  } as const;
  const least = await leastOf(call, wish);
  if (typeof least !== 'string') return { ...made, privsep: true, grants: least };
  if (tokens.find((one) => one.tokenid === tokenid)?.privsep === false)
    return { ...made, privsep: false, grants: [], whole: least };
  const entries = await attempt(call.acl({}));
  const granted =
    'error' in entries ? [] : entries.value.data.filter(({ type, ugid }) => type === 'token' && ugid === own);
  if (granted.length === 0) return instead('its own permissions could not be read');
  if (!granted.every(({ path }) => may(`Permissions.Modify on ${path}`)))
    return instead('it lacks Permissions.Modify, so it cannot give a new one its own rights');
  const grants = granted.map(({ path, roleid, propagate }) => ({
    path,
    roles: roleid,
    propagate: propagate !== false,
  }));
  return { ...made, privsep: true, grants, whole: least };
}

/** The grants of a token that may no more than it must, or why they cannot be given. */
async function leastOf(call: TokenCalls, { needs, permissions }: Wish): Promise<Grant[] | string> {
  const listed = await attempt(call.roles({}));
  if ('error' in listed) return 'the roles could not be read';
  const roles = listed.value.data.map(({ roleid, privs }) => ({ roleid, privileges: splitList(privs) }));
  const grants = leastGrants(needs, roles);
  if (grants === undefined) return 'no role brings what it needs';
  const denied = grants.find(({ path }) => !holds(permissions, parseNeed(`Permissions.Modify on ${path}`)));
  return denied === undefined ? grants : `it lacks Permissions.Modify on ${denied.path} to give less`;
}

/** Whether a token is one that was made for a move. */
export const isMoveToken = ({
  tokenid,
  comment,
}: {
  readonly tokenid: string;
  readonly comment?: string | undefined;
}) => /^move-\d+(?:-\d+)?$/.test(tokenid) && comment === madeHere;

/** What earlier moves have left; one of a move that runs still is among them. */
export async function leftTokens(call: TokenCalls, own: string, now: number): Promise<string[]> {
  const { userid } = tokenPath(own);
  const listed = await attempt(call.tokens({ userid }));
  if ('error' in listed) return [];
  return listed.value.data
    .filter(isMoveToken)
    .map(({ tokenid, expire = 0 }) => {
      const end = expire === 0 ? 'never expires' : `${expire * 1000 <= now ? 'expired' : 'expires'} ${isoTime(expire)}`;
      return `${userid}!${tokenid} (${end})`;
    })
    .sort();
}

/** One that an earlier move left is not taken over: its secret is known elsewhere. */
function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/** In words, for the plan and the answer. */
export const tokenInWords = (plan: TokenPlan) =>
  plan.kind === 'own'
    ? `the cluster's own token ${plan.id}: ${plan.reason}; its secret goes to the source cluster`
    : `a token made for this move, ${plan.id}, ${rightsInWords(plan)}; it is deleted if this call sees the end of the move, else it lives until ${isoTime(plan.expire)}: give 'timeout' up to 3600`;

const rightsInWords = ({ grants, whole }: Extract<TokenPlan, { kind: 'made' }>) =>
  whole === undefined
    ? `with no more than ${grants.map(({ path, roles }) => `${roles} on ${path}`).join(', ')}${lesserAdvice(grants)}`
    : `with all that the cluster's own may (${whole})`;

const lesserAdvice = (grants: readonly Grant[]) =>
  grants.some(({ roles }) => roles === 'Administrator')
    ? ' (not below it; a role with Sys.Incoming and Sys.Audit alone, if there were one, would be taken)'
    : '';

const madeHere = 'made by proxmox-mcp to move a guest in';

/** Makes the token, if one is to be made. */
export async function makeToken(
  call: TokenCalls,
  plan: TokenPlan,
): Promise<{ readonly id: string; readonly secret: string } | undefined> {
  if (plan.kind === 'own') return undefined;
  const { id, privsep, expire } = plan;
  const { data } = await call.makeToken(tokenPath(id), { privsep, expire, comment: madeHere });
  return { id, secret: data.value };
}

export async function giveRights(call: TokenCalls, plan: TokenPlan): Promise<void> {
  if (plan.kind === 'own') return;
  for (const { path, roles, propagate } of plan.grants)
    await call.grant({}, { path, roles, propagate, tokens: plan.id });
}

/** Deletes the token of a move that is over. */
export async function dropToken(call: TokenCalls, plan: TokenPlan, cluster: string): Promise<string> {
  if (plan.kind === 'own') return `${plan.id}, the cluster's own`;
  const gone = await attempt(call.dropToken(tokenPath(plan.id)));
  return 'error' in gone ? `${plan.id} could NOT be deleted: ${keptToken(plan, cluster)}` : `${plan.id}, deleted again`;
}

export const keptToken = (plan: TokenPlan, cluster: string) =>
  plan.kind === 'own'
    ? `${plan.id}, the cluster's own`
    : `${plan.id} of cluster '${cluster}' expires ${isoTime(plan.expire)}; once the move is over, delete it with proxmox-delete-token`;
