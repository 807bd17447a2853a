import { z } from 'zod';
import { attempt } from '../pve/attempt.js';
import { nodes } from '../pve/discovery.js';
import { type Endpoint, endpoint } from '../pve/endpoint.js';
import type { RequestError } from '../pve/errors.js';
import { methodOf } from '../pve/route.js';
import { parseUpid } from '../pve/upid.js';
import type { LostWrite } from './reconcile.js';
import { taskTypesOf } from './task-types.js';

const tasks = endpoint('GET /nodes/{node}/tasks', z.array(z.object({ upid: z.string() })));

/** Seconds: a `Date` header tells no more than seconds, and a request takes its time. */
const margin = 2;
const rows = 200;

/** A look into the task lists: which tasks the write may have started, or why nothing was seen. */
export type TaskLook = { readonly fitting: readonly string[] } | { readonly unseen: RequestError | 'no clock' };

/** Whether the write would have been answered with a UPID; what takes any answer gives none. */
export const startsTask = ({ route, data }: Endpoint): boolean =>
  methodOf(route) !== 'GET' &&
  data.safeParse('UPID:node:00000000:00000000:00000000:type::user@realm:').success &&
  !data.safeParse({ none: true }).success;

/** Looks for tasks of our own token, of the right kind and guest, since the write was sent. */
export async function lookForTask(lost: LostWrite, signal: AbortSignal): Promise<TaskLook> {
  const places = await nodesOf(lost, signal);
  if ('error' in places) return { unseen: places.error };
  const fitting: string[] = [];
  for (const node of places.value) {
    const since = sinceOf(lost);
    const params = { source: 'all', limit: rows, ...(since === undefined ? {} : { since }) };
    const listed = await attempt(lost.client().send(tasks, { node }, params, signal));
    if ('error' in listed) return { unseen: listed.error };
    // The answer has brought the server's time, if it was not known.
    const from = sinceOf(lost);
    if (from === undefined) return { unseen: 'no clock' };
    fitting.push(...listed.value.data.map(({ upid }) => upid).filter((upid) => fits(upid, lost, from)));
  }
  return { fitting };
}

/** By the server's clock, whole seconds. */
function sinceOf(lost: LostWrite): number | undefined {
  const offset = lost.clockOffset ?? lost.client().clockOffset;
  return offset === undefined ? undefined : Math.floor((lost.began + offset) / 1000) - margin;
}

async function nodesOf({ client, path, isUpload }: LostWrite, signal: AbortSignal) {
  // The task of an upload runs on the node that took the request, whichever the path names.
  if (path.node !== undefined && !isUpload) return { value: [String(path.node)] };
  const listed = await attempt(client().send(nodes, {}, {}, signal));
  if ('error' in listed) return listed;
  return { value: listed.value.data.filter(({ status }) => status === 'online').map(({ node }) => node) };
}

function fits(upid: string, lost: LostWrite, since: number): boolean {
  const task = parseUpid(upid);
  if (task === undefined || lost.started.has(lost.cluster, upid)) return false;
  const types = taskTypesOf(lost.endpoint);
  const guest = guestOf(lost);
  return (
    task.startTime >= since &&
    task.user === lost.client().config.tokenId &&
    types?.includes(task.type) === true &&
    (guest === undefined || task.id === guest)
  );
}

const guestOf = ({ path, params }: Pick<LostWrite, 'path' | 'params'>): string | undefined => {
  const vmid = String(path.vmid ?? params.vmid ?? '');
  return /^\d+$/.test(vmid) ? vmid : undefined;
};

/** What the tasks of two writes have in common that could be taken for each other. */
export const taskLike = (write: Pick<LostWrite, 'cluster' | 'endpoint' | 'path' | 'params'>): string =>
  [write.cluster, taskTypesOf(write.endpoint) ?? write.endpoint.route, guestOf(write)].join(' ');
