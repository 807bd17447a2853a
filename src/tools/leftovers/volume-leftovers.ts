import type { Call } from '../../pve/endpoint.js';
import { configText } from '../../pve/guest-config.js';
import type { GuestResource, StorageResource } from '../../pve/resources.js';
import { splitList, type storageContent, type Volume } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';
import { type ReplicationJob, vmidOfJob } from '../ha/replication-jobs.js';
import { keysNaming, namesVolume } from '../storage/volume-users.js';
import type { ReadGuest } from './guest-leftovers.js';
import { byTool, type Found, type Leftover } from './leftover.js';
import { lookAtEach } from './look-at-each.js';
import { holdsLock, type Running } from './task-leftovers.js';

/** What is known of a cluster's guests, by which a volume is judged. */
export interface Known {
  readonly guests: readonly GuestResource[];
  readonly read: readonly ReadGuest[];
  /** Whether the token may see every guest. */
  readonly seesAll: boolean;
  readonly jobs: readonly ReplicationJob[];
  readonly running: Pick<Running, 'tasks' | 'whole'>;
}

interface Place {
  readonly node: string;
  readonly storage: string;
  readonly shared: boolean;
}

/** A shared storage is asked on one node, any other on each. */
function placesOf(storages: readonly StorageResource[]): Place[] {
  const holding = storages.filter(
    ({ content, status }) =>
      status === 'available' && splitList(content).some((one) => one === 'images' || one === 'rootdir'),
  );
  const once = new Map(holding.map((row) => [row.shared ? row.storage : `${row.node}/${row.storage}`, row]));
  return [...once.values()].map(({ node, storage, shared }) => ({ node, storage, shared }));
}

/** Disks on storages that belong to no guest, or that their guest does not name. */
export async function volumesLeft(
  call: Call<typeof storageContent>,
  storages: readonly StorageResource[],
  known: Known,
): Promise<Found> {
  const { values, failed } = await lookAtEach(placesOf(storages), ({ node, storage }) => call({ node, storage }));
  const rows = values.flatMap(({ key: place, value }) =>
    value.data
      .filter(({ content }) => content === 'images' || content === 'rootdir')
      .flatMap((volume) => judge(volume, place, known) ?? []),
  );
  return {
    rows,
    notes: failed.map(({ key, reason }) => `Storage ${key.storage} could not be read on ${key.node} (${reason}).`),
  };
}

function judge(volume: Volume, place: Place, known: Known): Leftover | undefined {
  const { vmid } = volume;
  if (vmid === undefined) return undefined;
  const guest = known.guests.find((one) => one.vmid === vmid);
  const isBusy = known.running.tasks.some((task) =>
    holdsLock(task, { vmid, node: guest?.node ?? place.node, lock: guest?.lock ?? 'create' }),
  );
  if (isBusy) return undefined;
  if (guest === undefined) return orphan(volume, place, known);
  const read = known.read.find((one) => one.guest.vmid === vmid);
  if (read === undefined) return undefined;
  const named = namesVolume(volume.volid);
  const isNamed = keysNaming(read.config, named).length > 0 || configText(read.config.vmstate) === volume.volid;
  if (!isNamed) return unnamed(volume, place, read, known);
  return isElsewhere(guest, place, known) ? stray(volume, place, guest) : undefined;
}

const isElsewhere = (guest: GuestResource, place: Place, { jobs }: Known) =>
  !place.shared &&
  place.node !== guest.node &&
  !jobs.some((job) => vmidOfJob(job) === guest.vmid && job.target === place.node);

const factsOf = ({ volid, size, vmid, ctime }: Volume, { node }: Place) => ({
  volid,
  node,
  ...(vmid === undefined ? {} : { vmid }),
  ...(size === undefined ? {} : { size }),
  ...(ctime === undefined ? {} : { since: isoTime(ctime) }),
  take_back: byTool('proxmox-delete-volume', { volid, node }),
});

function orphan(volume: Volume, place: Place, { seesAll, running }: Known): Leftover {
  const doubt = place.shared
    ? ' Another cluster may use this storage, and have a guest of that number.'
    : seesAll
      ? ''
      : ' The token may not see every guest.';
  return {
    kind: 'orphan_volume',
    sure: doubt === '' && running.whole ? 'certain' : 'possible',
    what: `A disk whose guest is not there.${doubt}`,
    ...factsOf(volume, place),
  };
}

/** A base is used by the clones of a template, whichever name it. */
function unnamed(volume: Volume, place: Place, read: ReadGuest, { read: all }: Known): Leftover | undefined {
  const named = namesVolume(volume.volid);
  // Which disks a snapshot holds stands in its own configuration.
  if (read.hasSnapshots || all.some(({ config }) => keysNaming(config, named).length > 0)) return undefined;
  return {
    kind: 'unnamed_volume',
    sure: 'possible',
    what: 'A disk that bears the number of a guest whose configuration does not name it.',
    ...factsOf(volume, place),
  };
}

function stray(volume: Volume, place: Place, guest: GuestResource): Leftover {
  return {
    kind: 'stray_copy',
    sure: 'possible',
    what: 'A disk on a node where its guest is not: of a move that was not finished, or of a replication that ended.',
    ...(guest.name === undefined ? {} : { name: guest.name }),
    ...factsOf(volume, place),
  };
}
