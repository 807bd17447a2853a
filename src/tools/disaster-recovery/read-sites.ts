import { attempt, inTurns } from '../../pve/attempt.js';
import { type Permissions, permissions } from '../../pve/discovery.js';
import { failureInWords } from '../../pve/failure.js';
import { guestConfig } from '../../pve/guest-config.js';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { splitList, storageContent } from '../../pve/storage.js';
import { type BackupPlace, backupPlaces } from '../backup/backup-places.js';
import type { Side } from '../define.js';
import { placeOf, wholeDefinitions } from '../federation/shared-storages.js';
import type { ClusterView } from '../scope.js';
import type { Sighting, Site } from './copy-claim.js';
import { mayRead } from './may-read.js';

export const reportCalls = {
  resources: clusterResources,
  definitions: wholeDefinitions,
  content: storageContent,
  permissions,
  config: guestConfig,
};
type ReportCalls = Side<typeof reportCalls>['call'];

/** A storage for backups in the network, with why it could not be read. */
interface ReadPlace extends BackupPlace {
  readonly where: string;
  readonly unread?: string;
}

export interface ReadSite extends Site {
  readonly guests: readonly GuestResource[];
  readonly sightings: readonly Sighting[];
  readonly places: readonly ReadPlace[];
  readonly granted: Permissions;
  readonly call: ReportCalls;
}

export interface SilentSite {
  readonly cluster: string;
  readonly why: string;
}

/** A cluster's guests, and the backups that it sees in the network; of a cluster that does not answer, why. */
export async function readSite({ info }: ClusterView, call: ReportCalls): Promise<ReadSite | SilentSite> {
  const cluster = info.name;
  const first = await attempt(call.resources({}));
  if ('error' in first) return { cluster, why: failureInWords(first.error) };
  const [defined, granted] = await Promise.all([attempt(call.definitions({})), attempt(call.permissions({}))]);
  if ('error' in defined) return { cluster, why: `${failureInWords(defined.error)} when asked for its storages` };
  const { guests, storages } = first.value.data;
  const wheres = new Map(
    defined.value.data.flatMap((one): [string, string][] => {
      const where = placeOf(one);
      const holding = one.disable !== true && splitList(one.content).includes('backup');
      return where === undefined || !holding ? [] : [[one.storage, `${one.type} ${where}`]];
    }),
  );
  const inNetwork = (one: BackupPlace) => {
    const where = wheres.get(one.storage);
    return where === undefined ? [] : [{ ...one, where }];
  };
  const { ask, unavailable } = backupPlaces(storages, {});
  const lists = await inTurns(ask.flatMap(inNetwork), async (place) => ({
    place,
    listed: await attempt(call.content(place, { content: 'backup' })),
  }));
  return {
    ...{ cluster, guests, call, mounts: new Set(wheres.values()) },
    byVmid: new Map(guests.map((guest) => [guest.vmid, guest])),
    granted: 'error' in granted ? {} : granted.value.data,
    sightings: lists.flatMap(({ place, listed }) =>
      'error' in listed
        ? []
        : listed.value.data.map((volume) => ({ cluster, storage: place.storage, where: place.where, volume })),
    ),
    places: [
      ...lists.map(({ place, listed }) =>
        'error' in listed ? { ...place, unread: failureInWords(listed.error) } : place,
      ),
      ...unavailable.flatMap(inNetwork).map((place) => ({ ...place, unread: 'is not available just now' })),
    ],
  };
}

/** What of the other clusters was not read, or may be hidden, so that a copy of the guest may be there unseen. */
export function blindFor(
  home: Site,
  vmid: number,
  sites: readonly ReadSite[],
  silent: readonly SilentSite[],
): string[] {
  const others = sites.filter((site) => site.cluster !== home.cluster);
  return [
    ...silent.map(({ cluster, why }) => `${cluster} (${why})`),
    ...others.flatMap(({ cluster, places, granted }) =>
      places.flatMap(({ storage, where, unread }) => {
        if (unread !== undefined) return [`storage ${storage} of ${cluster} (${unread})`];
        if (!home.mounts.has(where) || mayRead(granted, storage, vmid)) return [];
        return [`storage ${storage} of ${cluster} (its token needs Datastore.Allocate there to see them)`];
      }),
    ),
  ];
}
