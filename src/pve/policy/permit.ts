import type { PolicyRule, VmidSpan } from '../../config/cluster-config.js';
import type { RequestFacts } from '../errors.js';
import type { Params } from '../params.js';
import { toWord } from '../quoted.js';
import type { GuestResource } from '../resources.js';
import { readAsked } from './asked.js';
import { type Concerned, guestsOf, type Unnamed } from './guests-of.js';
import { accessFor } from './operate-routes.js';
import { PolicyError } from './policy-error.js';
import { spansText } from './rule-text.js';

/** The guests of a cluster that its token may see, as they are now. */
export type ReadGuests = () => Promise<readonly GuestResource[]>;

/** A request, and what it is about. */
interface Case {
  readonly isRead: boolean;
  readonly request: string;
  readonly params: Params;
  readonly about: Concerned;
  readonly guests: ReadGuests;
}

/** Why a rule does not allow a request; `undefined` where it does. */
type Verdict = string | undefined;

/**
 * Holds a request against the rules of its cluster, before it is sent.
 * @throws {PolicyError} for the first rule that does not allow it
 */
export async function permit(
  rules: readonly PolicyRule[],
  facts: RequestFacts,
  params: Params,
  readGuests: ReadGuests,
): Promise<void> {
  const [first] = rules;
  const asked = readAsked(facts, params);
  if (asked === undefined && first !== undefined)
    throw new PolicyError(facts, first, 'what the server would make of this path cannot be told');
  if (asked === undefined) return;
  let seen: Promise<readonly GuestResource[]> | undefined;
  const guests = () => {
    seen ??= readGuests();
    return seen;
  };
  const looked = { ...asked, isRead: facts.method === 'GET', about: guestsOf(asked), guests };
  for (const rule of rules) {
    const why = await verdictOf(rule, looked);
    if (why !== undefined) throw new PolicyError(facts, rule, why);
  }
}

function verdictOf(rule: PolicyRule, one: Case): Verdict | Promise<Verdict> {
  switch (rule.kind) {
    case 'access':
      return accessVerdict(rule.value, one);
    case 'allow_vmids':
      return vmidVerdict(rule.value, one);
    case 'allow_pools':
      return poolVerdict(rule.value, one);
    case 'protect_tags':
      return tagVerdict(rule.value, one);
    default:
      return undefined;
  }
}

function accessVerdict(allowed: 'read' | 'operate' | 'full', { request }: Case): Verdict {
  const needed = accessFor(request);
  if (allowed === 'full' || needed === 'read' || needed === allowed) return undefined;
  return allowed === 'read'
    ? 'nothing may be changed'
    : 'no more than power, snapshots and backups of guests may be changed';
}

const allOf = ({ named, read, made }: Concerned) => [...named, ...read, ...(made === undefined ? [] : [made])];

function vmidVerdict(spans: readonly VmidSpan[], { isRead, about }: Case): Verdict {
  const stranger = allOf(about).find((vmid) => !spans.some(({ from, to }) => from <= vmid && vmid <= to));
  if (stranger !== undefined) return `guest ${stranger} is not among ${spansText(spans)}`;
  return isRead ? undefined : beyondNames(about, `guests ${spansText(spans)}`);
}

/** What keeps a write from being about guests alone that it names. */
function beyondNames({ more, unowned: [volume] }: Concerned, allowed: string): Verdict {
  if (more) return `it is not about guests alone that are named, and only ${allowed} may be changed`;
  return volume === undefined
    ? undefined
    : `whose ${toWord(volume)} is cannot be told from its name, and only volumes of ${allowed} may be used`;
}

const isWithin = (pools: readonly string[], pool: string | undefined) =>
  pool !== undefined && pools.some((one) => pool === one || pool.startsWith(`${one}/`));

async function poolVerdict(
  pools: readonly string[],
  { isRead, request, params, about, guests }: Case,
): Promise<Verdict> {
  const list = pools.join(', ');
  const beyond = isRead ? undefined : beyondNames(about, `guests of the pools ${list}`);
  if (beyond !== undefined) return beyond;
  const named = allOf(about);
  if (named.length === 0) return undefined;
  const seen = await guests();
  const poolOf = (vmid: number) => seen.find((guest) => guest.vmid === vmid)?.pool;
  // What is to be replaced is not new, though the token may not see it.
  const isNew = about.made !== undefined && !params.force && !seen.some(({ vmid }) => vmid === about.made);
  const stranger = named.find((vmid) => !(isNew && vmid === about.made) && !isWithin(pools, poolOf(vmid)));
  if (stranger !== undefined) return `guest ${stranger} is in none of the pools ${list}`;
  const given = poolGiven(request, params);
  if (isNew && given === undefined) return `a new guest needs 'pool', one of ${list}`;
  return given === undefined || isWithin(pools, given) ? undefined : `the pool is none of ${list}`;
}

/** The pool that guests are to come into or leave. */
function poolGiven(request: string, { pool, poolid }: Params): string | undefined {
  if (request.startsWith('PUT /pools')) return request.split('/').slice(2).join('/') || String(poolid ?? '');
  return typeof pool === 'string' ? pool : undefined;
}

async function tagVerdict(tags: readonly string[], { isRead, params, about, guests }: Case): Promise<Verdict> {
  const { named, made, unnamed, adds } = about;
  if (isRead || adds || (named.length === 0 && made === undefined && unnamed === undefined)) return undefined;
  const seen = await guests();
  const wanted = new Set(tags.map((tag) => tag.toLowerCase()));
  const tagOf = ({ tags: own = '' }: GuestResource) =>
    own.split(/[\s,;]+/).find((tag) => wanted.has(tag.toLowerCase()));
  const isMeant = (guest: GuestResource) =>
    named.includes(guest.vmid) || guest.vmid === made || (unnamed !== undefined && isAmong(unnamed, guest));
  const held = seen.find((guest) => isMeant(guest) && tagOf(guest) !== undefined);
  if (held !== undefined) return `guest ${held.vmid} has the tag '${tagOf(held)}'`;
  const overwritten = made === undefined || !params.force ? [] : [made];
  const unseen = [...named, ...overwritten].find((vmid) => !seen.some((guest) => guest.vmid === vmid));
  return unseen === undefined ? undefined : `guest ${unseen} is not there, or the token may not see its tags`;
}

const isAmong = ({ node = 'localhost', pool, except }: Unnamed, guest: GuestResource) =>
  (node === 'localhost' || node === guest.node) &&
  (pool === undefined || isWithin([pool], guest.pool)) &&
  !except.includes(guest.vmid);
