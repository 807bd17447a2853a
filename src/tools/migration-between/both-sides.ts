import { attempt, inTurns } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { ApiError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import type { guestStatus } from '../../pve/guest-status.js';
import { guestResources } from '../../pve/resources.js';
import type { storageContent } from '../../pve/storage.js';
import { taskLog } from '../../pve/task.js';
import { parseUpid } from '../../pve/upid.js';
import type { SideState } from './outcome.js';

export const outcomeReads = { resources: guestResources, log: taskLog };

interface SideCalls {
  readonly status: Call<typeof guestStatus>;
  readonly resources: Call<typeof guestResources>;
}

interface Place {
  readonly node: string;
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
}

/** How a guest is now, asked of its node; that it is gone takes the word of the cluster too. */
export async function readSide(call: SideCalls, place: Place): Promise<SideState> {
  const status = await attempt(call.status(place));
  if (!('error' in status)) {
    const { data } = status.value;
    return { there: true, status: data.qmpstatus ?? data.status, lock: data.lock };
  }
  const unread = failureInWords(status.error);
  if (!(status.error instanceof ApiError) || !/does not exist/.test(status.error.reason)) return { unread };
  const listed = await attempt(call.resources({}, { type: 'vm' }));
  if ('error' in listed) return { unread };
  const row = listed.value.data.find(({ vmid }) => vmid === place.vmid);
  return row === undefined
    ? { there: false }
    : { unread: `has guest ${place.vmid} on node ${row.node}, not on ${place.node}` };
}

/** Lines that tell most; a log of a long move has thousands. */
const logLines = 5000;

/** Volumes of the other side that the log of a move names. */
export async function namedVolumes(call: Call<typeof taskLog>, upid: string): Promise<string[]> {
  const node = parseUpid(upid)?.node ?? '';
  const log = await attempt(call({ node, upid }, { start: 0, limit: logLines }));
  if ('error' in log) return [];
  const named = log.value.data.flatMap(({ t }) => /volume '[^']+' is '([^']+)' on the target/.exec(t)?.[1] ?? []);
  return [...new Set(named)].sort();
}

/** Which volumes under a VMID are on these storages; `undefined` where one could not be listed. */
export async function volumesLeft(
  call: Call<typeof storageContent>,
  node: string,
  vmid: number,
  storages: readonly string[],
): Promise<string[] | undefined> {
  const lists = await inTurns(storages, (storage) => attempt(call({ node, storage }, { vmid })));
  if (lists.some((list) => 'error' in list)) return undefined;
  const volumes = lists.flatMap((list) => ('error' in list ? [] : list.value.data));
  return volumes
    .filter(({ content }) => content === 'images' || content === 'rootdir')
    .map(({ volid }) => volid)
    .sort();
}
