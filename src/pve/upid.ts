import { z } from 'zod';

/** A task's identity, taken apart: `UPID:node:pid:pstart:starttime:type:id:user:`. */
export interface Upid {
  /** The node that runs the task: its status and log are asked there. */
  readonly node: string;
  /** Seconds since the epoch. */
  readonly startTime: number;
  /** `qmstart`, `vzdump`, ... */
  readonly type: string;
  /** Mostly a VMID; may be empty. */
  readonly id: string;
  /** `user@realm` or `user@realm!token`. */
  readonly user: string;
}

// pstart can pass 2^31 and have nine digits (bpg#589), so neither it nor the pid is read as a number.
const form =
  /^UPID:([A-Za-z0-9][A-Za-z0-9-]*):[0-9A-Fa-f]{8}:[0-9A-Fa-f]{8,9}:([0-9A-Fa-f]{8}):([^:\s]+):([^:\s]*):([^:\s]+):$/;

/** The parts of a UPID; `undefined` for a string that is none. */
export function parseUpid(upid: string): Upid | undefined {
  const hit = form.exec(upid);
  if (hit === null) return undefined;
  const [, node = '', start = '', type = '', id = '', user = ''] = hit;
  return { node, startTime: Number.parseInt(start, 16), type, id, user };
}

/** The answer of a write that starts a task. */
export const startedUpid = z.string().regex(/^UPID:/);

/** What stands for the UPID of a task that a plan does not start. */
export const plannedUpid = (node: string) => `UPID:${node}:00000000:00000000:00000000:planned::planned@pve:`;

/** Whether nothing was started: what the task would have made is not there to be read. */
export const isPlanned = (upid: string): boolean => parseUpid(upid)?.user === 'planned@pve';
