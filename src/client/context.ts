import type { z } from 'zod';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { taskLog, taskStatus } from '../pve/task.js';
import { type WaitOptions, waitForTask } from '../pve/task-wait.js';
import type { Calls, Context } from '../tools/define.js';
import type { Scope } from '../tools/scope.js';
import { bindCalls } from './calls.js';
import type { Tell } from './progress.js';
import { stepFinisher } from './run-write.js';
import { claimVmid, type Turns } from './turns.js';

/** What a tool has to say beside its result. */
export interface Remarks {
  readonly notes: string[];
  /** Notes of the plan alone. */
  readonly outline: string[];
  readonly undo: string[];
}

/** One cluster, and one call on it. */
interface Bound {
  readonly client: ProxmoxClient;
  readonly current: () => ProxmoxClient;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
  readonly remarks: Remarks;
  /** Seconds that the call may wait for tasks. */
  readonly timeout: number;
  /** Whether it is to wait at all. */
  readonly waits: boolean;
}

/** What every tool is given beside its target, its arguments and its calls. */
export function makeContext(
  bound: Bound,
): Omit<Context<Scope, z.ZodRawShape, Calls>, 'target' | 'input' | 'page' | 'call'> {
  const { client, clock, turns, signal, tell, remarks } = bound;
  const { defaultStorage: storage, defaultBridge: bridge } = client.config;
  const wait = waiter(bound);
  const end = clock.now() + (bound.waits ? bound.timeout : 0) * 1000;
  return {
    defaults: { ...(storage === undefined ? {} : { storage }), ...(bridge === undefined ? {} : { bridge }) },
    claimVmid: (given, make) => claimVmid(client, turns, signal, given, make),
    inTurn: (key, work) => turns.take(`${client.config.name} ${key}`, work),
    now: clock.now(),
    progress: (done, total, message) => tell(done, total, message),
    note: (text) => {
      remarks.notes.push(text);
    },
    outline: (text) => {
      remarks.outline.push(text);
    },
    secondsLeft: () => Math.max(0, (end - clock.now()) / 1000),
    offerUndo: (how) => {
      remarks.undo.push(how);
    },
    finish: stepFinisher(wait, clock, bound.timeout),
    wait,
  };
}

function waiter({ current, clock, signal, tell }: Bound) {
  let steps = 0;
  return (task: { readonly node: string; readonly upid: string }, waiting: WaitOptions) =>
    waitForTask(task, bindCalls(current, { status: taskStatus, log: taskLog }, signal), clock, {
      ...waiting,
      ...(signal === undefined ? {} : { signal }),
      onProgress:
        waiting.onProgress ??
        (({ percent, message }) => {
          steps = percent ?? steps + 0.1;
          return tell(steps, percent === undefined ? undefined : 100, message);
        }),
    });
}
