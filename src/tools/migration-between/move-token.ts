import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { flag, text } from '../../pve/loose.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import { isoTime } from '../../pve/time.js';
import { tokenPath } from '../access/identity.js';

const route = '/access/users/{userid}/token/{tokenid}';

export const tokenCalls = {
  tokens: endpoint(
    'GET /access/users/{userid}/token',
    z.array(z.object({ tokenid: z.string(), privsep: flag.optional() })),
  ),
  acl: endpoint(
    'GET /access/acl',
    z.array(
      z.object({ type: z.string(), ugid: text, path: z.string(), roleid: z.string(), propagate: flag.optional() }),
    ),
  ),
  makeToken: endpoint(`POST ${route}`, z.object({ value: z.string().min(1) }), { value: 'planned' }),
  grant: endpoint('PUT /access/acl', z.null()),
  dropToken: endpoint(`DELETE ${route}`, z.null()),
};
type TokenCalls = { readonly [K in keyof typeof tokenCalls]: Call<(typeof tokenCalls)[K]> };

/** A permission of the own token, which the new one is to have too. */
interface Grant {
  readonly path: string;
  readonly roles: string;
  readonly propagate: boolean;
}

/** With which token the source will come to the target. */
export type TokenPlan =
  | { readonly kind: 'own'; readonly id: string; readonly reason: string }
  | {
      readonly kind: 'made';
      readonly id: string;
      readonly privsep: boolean;
      readonly grants: readonly Grant[];
      /** Seconds since the epoch. */
      readonly expire: number;
    };

interface Wish {
  /** The cluster's own. */
  readonly own: string;
  readonly permissions: Permissions;
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
 * A token for this move alone, with the rights of the own one and no more: where that is bound to its own permissions,
 * these are given to the new one too. Where it may not make one, the own one itself.
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
  if (tokens.find((one) => one.tokenid === tokenid)?.privsep === false) return { ...made, privsep: false, grants: [] };
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
  return { ...made, privsep: true, grants };
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
    : `a token made for this move, ${plan.id}, which is deleted afterwards and expires ${isoTime(plan.expire)}`;

/** Makes the token, if one is to be made. */
export async function makeToken(
  call: TokenCalls,
  plan: TokenPlan,
): Promise<{ readonly id: string; readonly secret: string } | undefined> {
  if (plan.kind === 'own') return undefined;
  const { id, privsep, expire } = plan;
  const comment = 'made by proxmox-mcp to move a guest in';
  const { data } = await call.makeToken(tokenPath(id), { privsep, expire, comment });
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
