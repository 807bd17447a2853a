import { z } from 'zod';
import { fitsGlob } from '../../config/glob.js';
import { nameOrNone, quotedName } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import { filterGuests, guestFilters } from '../guests/guest-rows.js';
import type { SeenGuests } from '../guests/seen-guests.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

const { node, status, tag, pool } = guestFilters;

/** Which guests of a cluster are meant; at least one has to be given. */
export const filterInputs = {
  tag,
  pool,
  pattern: z.string().min(1).max(256).optional().describe('Name, as web-*'),
  status: status.describe('As running'),
  node,
  type: z.enum(['vm', 'lxc']).optional().describe('Kind'),
};

export const pace = {
  most: z.int().min(1).max(1000).optional().describe('Default 20'),
  at_once: z.int().min(1).max(10).optional().describe('Default 3'),
  stop_at_failure: z.boolean().optional().describe('Else go on'),
};

export const defaultMost = 20;
export const defaultAtOnce = 3;

export type GuestFilter = z.output<z.ZodObject<typeof filterInputs>>;
type Filter = GuestFilter & { readonly most?: number | undefined };

const noFilter = {
  argument: 'tag',
  message: "give a filter: 'tag', 'pool', 'pattern', 'status', 'node' or 'type'",
};

/** `web-*`, whole and without regard to case; without a pattern any name, and none. */
function nameMatcher(pattern: string | undefined): (name: string | undefined) => boolean {
  if (pattern === undefined) return () => true;
  return (name = '') => fitsGlob(pattern, name);
}

/**
 * Those of a cluster's guests that a filter means, by VMID; templates never.
 * @throws {InvalidInput} without any filter
 */
export function filtered({ guests }: SeenGuests, filter: GuestFilter): GuestResource[] {
  const { pattern, type, node, status, tag, pool } = filter;
  if ([tag, pool, pattern, status, node, type].every((one) => one === undefined)) throw new InvalidInput(noFilter);
  const isNamed = nameMatcher(pattern);
  const kind = type && (type === 'vm' ? 'qemu' : 'lxc');
  return filterGuests(guests, { node, status, tag, pool }).filter(
    (guest) => !guest.template && isNamed(guest.name) && (kind === undefined || guest.type === kind),
  );
}

/**
 * The guests that a filter means; templates never.
 * @throws {InvalidInput} without any filter {@link Refused} for none, and for more than `most`
 */
export function matchingGuests(seen: SeenGuests, { most = defaultMost, ...filter }: Filter): GuestResource[] {
  const meant = filtered(seen, filter);
  refuseUnlessSome(meant, most, inWords);
  return meant;
}

/** @throws {Refused} for none, and for more than `most` */
export function refuseUnlessSome<T>(meant: readonly T[], most: number, inWords: (meant: readonly T[]) => string): void {
  if (meant.length === 0)
    throw new Refused(
      'no guest matches, as far as the token may see',
      'proxmox-find-guest shows names, tags and pools.',
    );
  if (meant.length > most)
    throw new Refused(
      `${meant.length} guests match, and 'most' is ${most}`,
      `They are ${inWords(meant)}. Narrow the filter, or raise 'most'.`,
    );
}

const longest = 50;

/** The first of them, and how many more there are. */
export function listed<T>(all: readonly T[], word: (one: T) => string): string {
  const more = all.length - longest;
  return [...all.slice(0, longest).map(word), ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}

/** `101 'prod-web-2' (running)`, for a plan. */
export const inWords = (guests: readonly GuestResource[]): string =>
  listed(guests, ({ vmid, name, status = '?' }) => `${vmid} ${nameOrNone(name)} (${status})`);

/** A guest at the head of a row. */
export const guestOfRow = {
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  type: z.enum(['vm', 'lxc']),
};

/** Why a guest cannot be asked for anything just now. */
export function awayOf({ away }: SeenGuests, { node }: GuestResource): string | undefined {
  const state = away.get(node);
  return state === undefined ? undefined : `its node ${node} is ${state}`;
}

export const rowOf = ({ vmid, name, node, type }: GuestResource) =>
  ({ vmid, name, node, type: type === 'qemu' ? 'vm' : 'lxc' }) as const;

export const labelOf = ({ vmid, name }: GuestResource) =>
  name === undefined ? String(vmid) : `${vmid} ${quotedName(name)}`;
