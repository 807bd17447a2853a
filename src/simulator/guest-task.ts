import { PveError } from './pve-error.js';
import type { Call } from './route.js';

export interface GuestWork {
  readonly type: string;
  readonly vmid: number;
  readonly node: string;
  /** Seconds. */
  readonly duration: number;
  readonly log?: readonly string[];
  /** Answers with what went wrong, with warnings (`WARNINGS: 1`), or with nothing. */
  readonly finish: (endtime: number) => string | undefined;
  readonly aborted?: () => void;
}

/** The task of an operation on a guest; what its handler dies with is how the task ends. */
export function guestTask({ cluster, caller }: Call, work: GuestWork): string {
  const { type, node, duration, log = [], aborted } = work;
  return cluster.tasks.start({
    node,
    type,
    id: String(work.vmid),
    user: caller.authid,
    duration,
    log,
    ...(aborted === undefined ? {} : { aborted }),
    finish: (endtime) => {
      try {
        return work.finish(endtime) ?? 'OK';
      } catch (error) {
        aborted?.();
        if (error instanceof PveError) return error.message;
        throw error;
      }
    },
  }).upid;
}
