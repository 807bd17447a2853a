import type { z } from 'zod';
import type { VmidRange } from '../config/cluster-config.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { taskLog, taskStatus } from '../pve/task.js';
import { type WaitOptions, waitForTask } from '../pve/task-wait.js';
import type { Calls, Context } from '../tools/define.js';
import type { Scope } from '../tools/scope.js';
import { bindCalls } from './calls.js';
import { claimVmid } from './claim-vmid.js';
import { localFiles } from './files.js';
import type { Tell } from './progress.js';
import { stepFinisher, turnWaiter } from './run-write.js';
import { keepSecret } from './secret-files.js';
import type { Turns } from './turns.js';

/** What a tool has to say beside its result. */
export interface Remarks {
  readonly notes: string[];
  /** Notes of the plan alone. */
  readonly outline: string[];
  readonly undo: string[];
  left?: string;
}

export const newRemarks = (): Remarks => ({ notes: [], outline: [], undo: [] });

/** One cluster, and one call on it. */
interface Bound {
  readonly client: ProxmoxClient;
  readonly current: () => ProxmoxClient;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
  readonly remarks: Remarks;
  /** Which VMIDs mean which cluster. */
  readonly vmidMap: readonly VmidRange[];
  /** Where new secrets are kept. */
  readonly secretDir: string | undefined;
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
  const { defaultNode: node, defaultStorage: storage, defaultBridge: bridge } = client.config;
  const wait = waiter(bound);
  const note = (text: string) => {
    remarks.notes.push(text);
  };
  const end = clock.now() + (bound.waits ? bound.timeout : 0) * 1000;
  return {
    defaults: {
      ...(node === undefined ? {} : { node }),
      ...(storage === undefined ? {} : { storage }),
      ...(bridge === undefined ? {} : { bridge }),
    },
    files: localFiles(clock, tell, signal),
    claimVmid: (given, make) => claimVmid({ client, turns, signal, vmidMap: bound.vmidMap, note }, given, make),
    startInTurn: (key, start) =>
      turns.startTask(`${client.config.name} ${key}`, turnWaiter(wait, clock, bound.timeout), start),
    keepSecret: (label, make, undo) => keepSecret(bound.secretDir, `${client.config.name}.${label}`, make, undo),
    now: clock.now(),
    pause: (ms) => clock.sleep(ms, signal),
    progress: (done, total, message) => tell(done, total, message),
    note,
    outline: (text) => {
      remarks.outline.push(text);
    },
    secondsLeft: () => Math.max(0, (end - clock.now()) / 1000),
    nowLeft: (what) => {
      remarks.left = what;
    },
    offerUndo: (how) => {
      remarks.undo.push(how);
    },
    finish: stepFinisher(wait, clock, bound.timeout),
    wait,
  };
}

/** The same for a plan: nothing is waited for, and nothing kept. */
export const plannedContext = <C extends Context<Scope, z.ZodRawShape, Calls>>(context: C): C => ({
  ...context,
  wait: async () => ({ state: 'ok', waited: 0, log: [] }),
  finish: async () => {},
  pause: async () => {},
  startInTurn: (_, start) => start(),
  keepSecret: (_, make) => make(),
});

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
