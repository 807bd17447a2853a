import { z } from 'zod';
import { type Call, endpoint } from './endpoint.js';
import { number, text } from './loose.js';

/** `GET /nodes/{node}/tasks/{upid}/status` */
export const taskStatus = endpoint(
  'GET /nodes/{node}/tasks/{upid}/status',
  z.object({
    status: z.enum(['running', 'stopped']),
    exitstatus: z.string().optional(),
    type: z.string(),
    id: text.optional(),
    user: z.string(),
    tokenid: z.string().optional(),
    node: z.string(),
    starttime: number,
  }),
);

/** `GET /nodes/{node}/tasks/{upid}/log`: the server gives 50 lines unless asked for more. */
export const taskLog = endpoint('GET /nodes/{node}/tasks/{upid}/log', z.array(z.object({ n: number, t: z.string() })));

export type TaskState = 'running' | 'ok' | 'warnings' | 'failed' | 'unknown';

/** What a task's status says of its outcome. */
export interface TaskOutcome {
  readonly state: TaskState;
  /** The server's own words, once the task has stopped. */
  readonly exitstatus?: string;
}

/**
 * `OK` and `WARNINGS: n` are good. `unexpected status` means that the log has no end: the node died or the worker was
 * killed, and whether the work was done must be seen from the object itself.
 */
export function taskOutcome(status: {
  readonly status: string;
  readonly exitstatus?: string | undefined;
}): TaskOutcome {
  if (status.status !== 'stopped') return { state: 'running' };
  const exitstatus = status.exitstatus;
  if (exitstatus === undefined || exitstatus === 'unexpected status')
    return { state: 'unknown', exitstatus: exitstatus ?? 'unexpected status' };
  if (exitstatus === 'OK') return { state: 'ok', exitstatus };
  return { state: /^WARNINGS: \d+$/.test(exitstatus) ? 'warnings' : 'failed', exitstatus };
}

/** The calls that waiting for a task makes. */
export interface TaskCalls {
  readonly status: Call<typeof taskStatus>;
  readonly log: Call<typeof taskLog>;
}
