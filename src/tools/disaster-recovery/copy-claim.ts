import { quotedName } from '../../pve/quoted.js';
import type { Volume } from '../../pve/storage.js';
import { guestTypeOf } from '../storage/volume-row.js';
import { namesGuest, originOf } from './origin-note.js';

/** What of a guest tells whether a backup is of it. */
export interface KnownGuest {
  readonly vmid: number;
  readonly type: 'qemu' | 'lxc';
  readonly name?: string | undefined;
}

/** A cluster that answered. */
export interface Site {
  readonly cluster: string;
  readonly byVmid: ReadonlyMap<number, KnownGuest>;
  /** Where in the network its storages for backups are. */
  readonly mounts: ReadonlySet<string>;
}

/** A backup, as a cluster lists it. */
export interface Sighting {
  readonly cluster: string;
  readonly storage: string;
  /** Where its storage is in the network. */
  readonly where: string;
  readonly volume: Volume;
}

export interface Claim {
  readonly sure: boolean;
  /** How it was recognised, or what is doubtful. */
  readonly how: string;
}

export interface Sites {
  readonly answered: readonly Site[];
  /** Those that could not be asked. */
  readonly silent: readonly string[];
}

/**
 * Whether a backup that another cluster lists is of this guest. A VMID says little: every cluster has its own, and
 * neither a file's name nor a group of a Backup Server tells the cluster.
 */
export function claimOf(guest: KnownGuest, home: Site, seen: Sighting, sites: Sites): Claim | undefined {
  const { notes } = seen.volume;
  if (seen.cluster === home.cluster || !isOf(seen.volume, guest)) return undefined;
  const origin = originOf(notes);
  const named = namesGuest(notes, guest.name);
  if (origin === home.cluster)
    return named
      ? { sure: true, how: 'VMID, name and cluster' }
      : doubt(`its notes name this cluster, and not ${guest.name === undefined ? 'it' : quotedName(guest.name)}`);
  // It may be a former name of this one, or that of a cluster that was not looked at.
  if (origin !== undefined)
    return named && !isKnown(origin, sites) ? doubt(`its notes name a cluster ${quotedName(origin)}`) : undefined;
  if (!named && !home.mounts.has(seen.where) && isOwn(seen, sites)) return undefined;
  const rivals = rivalsOf(home, seen, sites);
  const rivalsNamed = rivals.filter((one) => namesGuest(notes, one.guest.name));
  if (named && rivalsNamed.length === 0) return { sure: true, how: 'VMID and name' };
  // Its own cluster does not write there, and the other does.
  if (!home.mounts.has(seen.where) && rivalsNamed.some(({ writes }) => writes)) return undefined;
  if (named) return doubt(`${inWords(rivalsNamed)} has the same VMID and name`);
  if (rivalsNamed.length > 0) return undefined;
  return byVmid(
    home,
    seen,
    rivals.filter(({ writes }) => writes),
    sites,
  );
}

const doubt = (how: string): Claim => ({ sure: false, how });

const isKnown = (cluster: string, { answered, silent }: Sites) =>
  silent.includes(cluster) || answered.some((one) => one.cluster === cluster);

/** No guest's name is in its notes. */
function byVmid(
  home: Site,
  { where, volume }: Sighting,
  rivals: readonly Rival[],
  { silent }: Sites,
): Claim | undefined {
  if (!home.mounts.has(where))
    return rivals.length > 0 ? undefined : doubt('the VMID alone, on a storage that its own cluster does not mount');
  if (rivals.length > 0) return doubt(`the VMID alone, and ${inWords(rivals)} has it too`);
  if (silent.length > 0) return doubt(`the VMID alone, and ${silent.join(', ')} could not be asked`);
  const other = onlyName(volume.notes);
  return other === undefined ? { sure: true, how: 'VMID' } : doubt(`its notes name ${quotedName(other)}`);
}

/** Notes as Proxmox writes them by itself: the name of a guest. */
const onlyName = (notes: string | undefined) => /^\s*([A-Za-z0-9][A-Za-z0-9.-]*)\s*$/.exec(notes ?? '')?.[1];

const isOf = (volume: Volume, { vmid, type }: KnownGuest) =>
  volume.vmid === vmid && (guestTypeOf(volume) ?? type) === type;

/** Whether the cluster that lists a backup has a guest that it may be of: what most backups are. */
function isOwn({ cluster, volume }: Sighting, { answered }: Sites): boolean {
  const own = answered.find((site) => site.cluster === cluster)?.byVmid.get(volume.vmid ?? 0);
  return own !== undefined && isOf(volume, own);
}

interface Rival {
  readonly cluster: string;
  readonly guest: KnownGuest;
  /** Whether its cluster has that storage. */
  readonly writes: boolean;
}

/** Guests of other clusters that it may be of. */
function rivalsOf(home: Site, { cluster: seenBy, where, volume }: Sighting, { answered }: Sites): Rival[] {
  return answered
    .filter(({ cluster }) => cluster !== home.cluster)
    .flatMap(({ cluster, byVmid, mounts }) => {
      const guest = volume.vmid === undefined ? undefined : byVmid.get(volume.vmid);
      if (guest === undefined || !isOf(volume, guest)) return [];
      return [{ cluster, guest, writes: cluster === seenBy || mounts.has(where) }];
    });
}

const inWords = (rivals: readonly Rival[]) =>
  rivals.map(({ cluster, guest }) => `${quotedName(guest.name ?? String(guest.vmid))} of ${cluster}`).join(', ');
