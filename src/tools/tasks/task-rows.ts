import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { taskOutcome } from '../../pve/task.js';
import { isoTime } from '../../pve/time.js';

/** The tasks of one node; `status` is the exit status of a task that has ended. */
export const nodeTasks = endpoint(
  'GET /nodes/{node}/tasks',
  z.array(
    z.object({
      upid: z.string(),
      node: z.string(),
      type: z.string(),
      id: text.optional(),
      user: z.string(),
      tokenid: text.optional(),
      starttime: number,
      endtime: number.optional(),
      status: text.optional(),
    }),
  ),
);

export type NodeTask = z.output<(typeof nodeTasks)['data']>[number];

export const taskRow = z.object({
  upid: z.string(),
  node: z.string(),
  type: z.string(),
  id: z.string().optional(),
  user: z.string(),
  start: z.string(),
  end: z.string().optional(),
  duration: z.number().optional(),
  state: z.string(),
  exitstatus: z.string().optional(),
});

/** Proxmox takes a token's name off its user. */
export const ownerOf = ({ user, tokenid }: { user: string; tokenid?: string | undefined }) =>
  tokenid === undefined ? user : `${user}!${tokenid}`;

/** A task without an end is running. */
export const stateOf = ({ endtime, status }: NodeTask) =>
  taskOutcome({ status: endtime === undefined ? 'running' : 'stopped', exitstatus: status });

export function toTaskRow(task: NodeTask): z.input<typeof taskRow> {
  const { upid, node, type, id, starttime, endtime } = task;
  return {
    upid,
    node,
    type,
    id: id || undefined,
    user: ownerOf(task),
    start: isoTime(starttime),
    ...(endtime === undefined ? {} : { end: isoTime(endtime), duration: endtime - starttime }),
    ...stateOf(task),
  };
}
