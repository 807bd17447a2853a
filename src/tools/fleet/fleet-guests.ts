import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { nameOrNone } from '../../pve/quoted.js';
import type { clusterResources, GuestResource } from '../../pve/resources.js';
import { filtered, type GuestFilter, listed, refuseUnlessSome } from '../bulk/guest-filter.js';
import { filterGuests } from '../guests/guest-rows.js';
import { type SeenGuests, seenGuests } from '../guests/seen-guests.js';
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
  const meant = [...seen].flatMap(([cluster, guests]) => {
    const matching = new Set(filtered(guests, filter));
    return filterGuests(guests.guests, {})
      .map((guest) => ({ cluster, guest }))
      .filter((one) => matching.has(one.guest) || begun(one));
  });
  refuseUnlessSome(meant, most, (all) =>
    listed(all, ({ cluster, guest: { vmid, name } }) => `${cluster} ${vmid} ${nameOrNone(name)}`),
  );
  return meant;
}
