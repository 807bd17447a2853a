import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { disksOf, type GuestConfig, type guestConfig } from '../../pve/guest-config.js';
import { lockAdvice } from '../../pve/guest-tasks.js';
import type { GuestResource } from '../../pve/resources.js';
import { isoTime } from '../../pve/time.js';
import type { guestSnapshots } from '../snapshots/snapshot-calls.js';
import type { nodeTasks } from '../tasks/task-rows.js';
import { byTool, type Found, type Leftover } from './leftover.js';
import { lookAtEach } from './look-at-each.js';
import { holdsLock, type Running } from './task-leftovers.js';

const whatLocks: Readonly<Record<string, string>> = {
  create: 'It is made only in part.',
  clone: 'It is cloned only in part, or is the source of a clone.',
  migrate: 'Left by a move: the source that was kept, or a copy that was not finished.',
  backup: 'Left by a backup that did not end well.',
  rollback: 'Its rollback did not end: its disks may stand between two states.',
  snapshot: 'A snapshot of it was not finished.',
  'snapshot-delete': 'A snapshot of it was deleted only in part.',
  disk: 'A disk of it was moved or resized only in part.',
};

/** A guest that sleeps on its disk has this lock for as long as it sleeps. */
const meant = new Set(['suspended']);

/** Guests that are locked though nothing is seen to work on them. */
export async function lockedGuests(
  call: Call<typeof nodeTasks>,
  guests: readonly GuestResource[],
  running: Running,
): Promise<Leftover[]> {
  const left = guests.flatMap((guest) => {
    const { lock } = guest;
    if (lock === undefined || meant.has(lock)) return [];
    return running.tasks.some((task) => holdsLock(task, { ...guest, lock })) ? [] : [{ guest, lock }];
  });
  return Promise.all(
    left.map(async ({ guest: { vmid, name, node, type }, lock }): Promise<Leftover> => {
      const last = await attempt(call({ node }, { vmid, limit: 1, source: 'archive' }));
      const task = 'error' in last ? undefined : last.value.data[0];
      return {
        kind: 'locked_guest',
        sure: running.whole ? 'certain' : 'possible',
        what: whatLocks[lock] ?? 'It is locked, and no task of it is seen.',
        vmid,
        ...(name === undefined ? {} : { name }),
        node,
        lock,
        // Its last task is the nearest that is known of when.
        ...(task === undefined ? {} : { upid: task.upid, since: isoTime(task.starttime) }),
        take_back: { by_hand: lockAdvice({ type, vmid, node, lock }, undefined) },
      };
    }),
  );
}

/** A guest and what it is made of, as far as it could be read. */
export interface ReadGuest {
  readonly guest: GuestResource;
  readonly config: GuestConfig;
  /** Their configurations name volumes too. */
  readonly hasSnapshots: boolean;
}

interface Reads {
  readonly config: Call<typeof guestConfig>;
  readonly snapshots: Call<typeof guestSnapshots>;
}

export interface Inside extends Found {
  readonly read: readonly ReadGuest[];
}

/** What is left within guests: snapshots in the making, disks that hang on nothing. */
export async function insideGuests(
  call: Reads,
  guests: readonly GuestResource[],
  { tasks }: Pick<Running, 'tasks'>,
): Promise<Inside> {
  const { values, failed } = await lookAtEach(guests, async (guest) => {
    const { node, type, vmid } = guest;
    const [config, snapshots] = await Promise.all([
      call.config({ node, type, vmid }),
      call.snapshots({ node, type, vmid }),
    ]);
    return { config: config.data, snapshots: snapshots.data.filter(({ name }) => name !== 'current') };
  });
  const isBusy = ({ vmid, node, lock = '' }: GuestResource) =>
    tasks.some((task) => holdsLock(task, { vmid, node, lock }));
  const rows = values.flatMap(({ key: guest, value: { config, snapshots } }) =>
    isBusy(guest) ? [] : [...snapshotsLeft(guest, snapshots), ...disksLeft(guest, config)],
  );
  const read = values.map(({ key: guest, value: { config, snapshots } }) => ({
    guest,
    config,
    hasSnapshots: snapshots.length > 0,
  }));
  return { rows, read, notes: unread(failed.map(({ key, reason }) => ({ vmid: key.vmid, reason }))) };
}

const mostNamed = 10;

/** A note for each reason, as a rule or a missing privilege may keep back many. */
function unread(failed: readonly { readonly vmid: number; readonly reason: string }[]): string[] {
  return [...new Set(failed.map(({ reason }) => reason))].map((reason) => {
    const vmids = failed.filter((one) => one.reason === reason).map(({ vmid }) => vmid);
    const more = vmids.length > mostNamed ? ` and ${vmids.length - mostNamed} more` : '';
    return `Guest${vmids.length > 1 ? 's' : ''} ${vmids.slice(0, mostNamed).join(', ')}${more} could not be read (${reason}).`;
  });
}

type Snapshot = Awaited<ReturnType<Call<typeof guestSnapshots>>>['data'][number];

function snapshotsLeft(guest: GuestResource, snapshots: readonly Snapshot[]): Leftover[] {
  return snapshots.flatMap(({ name: snapname, snapstate, snaptime }): Leftover[] => {
    // What vzdump itself takes of a container, for as long as it reads it.
    const isBackups = guest.type === 'lxc' && snapname === 'vzdump';
    if (snapstate === undefined && !isBackups) return [];
    return [
      {
        kind: snapstate === undefined ? 'backup_snapshot' : 'half_snapshot',
        sure: 'certain',
        what:
          snapstate === undefined
            ? 'Taken for a backup that is over.'
            : snapstate === 'delete'
              ? 'A snapshot that was deleted only in part.'
              : 'A snapshot that was not finished: there is nothing to go back to.',
        ...placeOf(guest),
        snapname,
        ...(snapstate === undefined ? {} : { state: snapstate }),
        ...(snaptime ? { since: isoTime(snaptime) } : {}),
        take_back: byTool('proxmox-delete-snapshot', { vmid: guest.vmid, snapname, force: true }),
      },
    ];
  });
}

const placeOf = ({ vmid, name, node }: GuestResource) => ({ vmid, node, ...(name === undefined ? {} : { name }) });

function disksLeft(guest: GuestResource, config: GuestConfig): Leftover[] {
  return disksOf(config)
    .filter(({ disk }) => /^unused\d+$/.test(disk))
    .map(({ disk, volid }) => ({
      kind: 'unused_disk',
      sure: 'possible',
      what: 'A disk that was detached, or that a move to another storage has kept.',
      ...placeOf(guest),
      disk,
      volid,
      take_back: byTool('proxmox-delete-disk', { vmid: guest.vmid, disk }),
    }));
}

/** What the HA manager is moving: nobody waits for it. */
export const haMoves = (guests: readonly GuestResource[]): Leftover[] =>
  guests
    .filter(({ hastate }) => hastate === 'migrate' || hastate === 'relocate')
    .map((guest) => ({
      kind: 'ha_move',
      sure: 'possible',
      what: 'The HA manager moves it.',
      ...placeOf(guest),
      ...(guest.hastate === undefined ? {} : { state: guest.hastate }),
      take_back: byTool('proxmox-ha-status', {}),
    }));
