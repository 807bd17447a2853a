import { type Attempt, attempt } from '../../pve/attempt.js';
import type { version } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { ForbiddenError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import type { guestConfig } from '../../pve/guest-config.js';
import type { GuestResource } from '../../pve/resources.js';
import { nodeStops, type Preconditions, type preconditions, vmStops } from '../guests/migration.js';
import { lacks, localBytes, type Mobility, mobilityOf } from './mobility.js';
import type { Resources } from './room.js';
import type { Passage, Verdict } from './settle-plan.js';

export interface JudgeCalls {
  readonly config: Call<typeof guestConfig>;
  /** Where the cluster itself is to be asked too, which takes VM.Migrate. */
  readonly preconditions?: Call<typeof preconditions>;
  readonly version?: Call<typeof version>;
}

interface MoveTerms {
  /** Containers that run may be stopped and started. */
  readonly restart?: boolean | undefined;
  /** Local disks may be copied while a VM runs. */
  readonly withLocal?: boolean | undefined;
}

function howOf({ type, status }: GuestResource): Passage['how'] {
  if (status === 'stopped') return 'offline';
  return type === 'qemu' ? 'live' : 'restart';
}

/** Says of guests of a cluster whether they can go to a node; the configuration of each is read once. */
export function judgeMoves(call: JudgeCalls, { guests, storages }: Resources, terms: MoveTerms) {
  const known = new Map<number, Promise<Attempt<Mobility>>>();
  const mobilityOnce = (guest: GuestResource) => {
    const read = known.get(guest.vmid) ?? attempt(readMobility(call, guest, storages));
    known.set(guest.vmid, read);
    return read;
  };
  return async (vmid: number, to: string): Promise<Verdict> => {
    const guest = guests.find((one) => one.vmid === vmid);
    if (guest === undefined) return { pinned: 'it is not there' };
    const mobility = await mobilityOnce(guest);
    if ('error' in mobility) return { pinned: `its configuration: the node ${failureInWords(mobility.error)}` };
    const how = howOf(guest);
    const stop = holds(mobility.value, how, terms);
    if (stop !== undefined) return { pinned: stop };
    const lacking = lacks(mobility.value, to, storages);
    if (lacking !== undefined) return { denied: lacking };
    const refusal = await asked(call, guest, to, terms);
    return refusal ?? { how, disk_bytes: localBytes(mobility.value) };
  };
}

async function readMobility({ config }: JudgeCalls, guest: GuestResource, storages: Resources['storages']) {
  const { node, type, vmid } = guest;
  return mobilityOf(guest, (await config({ node, type, vmid })).data, storages);
}

function holds({ stops, local }: Mobility, how: Passage['how'], { restart, withLocal }: MoveTerms): string | undefined {
  const names = [...new Set(local.map(({ disk, storage }) => `${disk} (${storage})`))].join(', ');
  const all = [
    ...stops,
    ...(how === 'restart' && !restart ? ['a container that runs moves by a restart alone (restart)'] : []),
    ...(how === 'live' && local.length > 0 && !withLocal ? [`local disks: ${names} (with_local_disks)`] : []),
  ];
  return all.length > 0 ? all.join('; ') : undefined;
}

/** What the cluster itself says against it, where it is asked; of containers it tells since 9. */
async function asked(
  call: JudgeCalls,
  { node, type, vmid, status }: GuestResource,
  to: string,
  { withLocal }: MoveTerms,
): Promise<Verdict | undefined> {
  if (call.preconditions === undefined) return undefined;
  if (type === 'lxc' && Number.parseInt((await call.version?.({}))?.data.version ?? '0', 10) < 9) return undefined;
  const read = await attempt(call.preconditions({ node, type, vmid }, { target: to }));
  if ('error' in read) {
    const missing = read.error instanceof ForbiddenError ? ' (VM.Migrate)' : '';
    return { pinned: `asked whether it can move, the node ${failureInWords(read.error)}${missing}` };
  }
  const found: Preconditions = read.value.data;
  const running = status !== 'stopped';
  const stops =
    type === 'qemu'
      ? vmStops(found, { running, live: true, with_local_disks: withLocal, target_node: to })
      : nodeStops(found, to, true);
  return stops.length > 0 ? { denied: stops.join('; ') } : undefined;
}
