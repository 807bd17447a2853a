import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { nameOrNone } from '../../pve/quoted.js';
import type { clusterResources, GuestResource } from '../../pve/resources.js';
import { type GuestFilter, nameMatcher, noFilter } from '../bulk/guest-filter.js';
import { filterGuests } from '../guests/guest-rows.js';
import { type SeenGuests, seenGuests } from '../guests/seen-guests.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import type { ClusterView } from '../scope.js';

/** A guest, and the cluster that it is on. */
export interface FleetGuest {
  readonly cluster: string;
  readonly guest: GuestResource;
}

/** What was read of the clusters that answered. */
export interface Fleet {
  readonly seen: ReadonlyMap<string, SeenGuests>;
  readonly unreachable: readonly { readonly cluster: string; readonly why: string }[];
}

/** The guests of each cluster; one that cannot be asked is named. */
export async function readFleet(
  clusters: readonly ClusterView[],
  resources: (cluster: ClusterView) => Call<typeof clusterResources>,
): Promise<Fleet> {
  const asked = await Promise.all(
    clusters.map(async (view) => ({ cluster: view.info.name, outcome: await attempt(seenGuests(resources(view))) })),
  );
  return {
    seen: new Map(asked.flatMap(({ cluster, outcome }) => ('value' in outcome ? [[cluster, outcome.value]] : []))),
    unreachable: asked.flatMap(({ cluster, outcome }) =>
      'error' in outcome ? [{ cluster, why: failureInWords(outcome.error) }] : [],
    ),
  };
}

/**
 * The guests that a filter means, by cluster and VMID; templates never.
 * @param begun also meant, whatever the filter says
 * @throws {InvalidInput} without any filter {@link Refused} for none, and for more than `most`
 */
export function meantGuests(
  { seen }: Fleet,
  filter: GuestFilter,
  most: number,
  begun: (one: FleetGuest) => boolean,
): FleetGuest[] {
  const { pattern, type, node, status, tag, pool } = filter;
  if ([tag, pool, pattern, status, node, type].every((one) => one === undefined)) throw new InvalidInput(noFilter);
  const isNamed = nameMatcher(pattern);
  const fits = (guest: GuestResource) =>
    !guest.template && isNamed(guest.name) && (type === undefined || guest.type === (type === 'vm' ? 'qemu' : 'lxc'));
  const meant = [...seen].flatMap(([cluster, { guests }]) => {
    const matching = new Set(filterGuests(guests, { node, status, tag, pool }).filter(fits));
    return filterGuests(guests, {})
      .map((guest) => ({ cluster, guest }))
      .filter((one) => matching.has(one.guest) || begun(one));
  });
  if (meant.length === 0)
    throw new Refused(
      'no guest matches, as far as the tokens may see',
      'proxmox-find-guest shows names, tags and pools.',
    );
  if (meant.length <= most) return meant;
  const names = meant.slice(0, 50).map(({ cluster, guest }) => `${cluster} ${guest.vmid} ${nameOrNone(guest.name)}`);
  const more = meant.length > names.length ? `, and ${meant.length - names.length} more` : '';
  throw new Refused(
    `${meant.length} guests match, and 'most' is ${most}`,
    `They are ${names.join(', ')}${more}. Narrow the filter, or raise 'most'.`,
  );
}
