import type { Call } from '../../pve/endpoint.js';
import type { clusterResources, GuestResource } from '../../pve/resources.js';
import { filterGuests, type GuestFilters } from './guest-rows.js';

/** The guests of a cluster that the token may see, and all its nodes. */
export interface SeenGuests {
  readonly guests: readonly GuestResource[];
  readonly nodes: readonly string[];
  /** The status of the nodes that are not online. */
  readonly away: ReadonlyMap<string, string>;
}

/** Proxmox repeats the last word of a node that went away for five minutes: what its guests do is not known. */
export async function seenGuests(resources: Call<typeof clusterResources>): Promise<SeenGuests> {
  const { guests, nodes } = (await resources({})).data;
  const away = new Map(
    nodes.flatMap(({ node, status = 'unknown' }): [string, string][] => (status === 'online' ? [] : [[node, status]])),
  );
  return {
    guests: away.size === 0 ? guests : guests.map((one) => (away.has(one.node) ? { ...one, status: 'unknown' } : one)),
    nodes: nodes.map(({ node }) => node).sort(),
    away,
  };
}

/** Names the nodes for whose absence the status of guests is not known: a filter by status may have left those out. */
export function awayNotes({ guests, away }: Omit<SeenGuests, 'nodes'>, filters: GuestFilters): string[] {
  if (away.size === 0) return [];
  const unknown = guests.filter(({ node }) => away.has(node));
  const nodes = new Set(filterGuests(unknown, { ...filters, status: undefined }).map(({ node }) => node));
  if (nodes.size === 0) return [];
  const named = [...nodes].sort().map((node) => `${node} (${away.get(node)})`);
  return [`What the guests of these nodes do is not known, as the nodes are not online: ${named.join(', ')}.`];
}
