import type { z } from 'zod';
import type { ClusterConfig, ClusterRegistryConfig } from '../config/cluster-config.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { quoted } from '../pve/quoted.js';
import { taskLog, taskStatus } from '../pve/task.js';
import { type WaitOptions, waitForTask } from '../pve/task-wait.js';
import type { Calls, Context, Side } from '../tools/define.js';
import type { Scope } from '../tools/scope.js';
import { bindCalls } from './calls.js';
import { claimVmid } from './claim-vmid.js';
import { localFiles } from './files.js';
import { ledElsewhere } from './led-elsewhere.js';
import type { Tell } from './progress.js';
import { remoteEndpoint } from './remote-endpoint.js';
import { stepFinisher, turnWaiter } from './run-write.js';
import { keepSecret } from './secret-files.js';
import type { Turns } from './turns.js';

/** What a tool has to say beside its result. */
export interface Remarks {
  readonly notes: string[];
  /** Notes of the plan alone. */
  readonly outline: string[];
  readonly undo: string[];
  /** Facts of the plan alone. */
  readonly presented: Record<string, unknown>;
  left?: string;
}

export const newRemarks = (): Remarks => ({ notes: [], outline: [], undo: [], presented: {} });

/** One cluster, and one call on it. */
interface Bound {
  readonly config: ClusterConfig;
  readonly current: () => ProxmoxClient;
  readonly clock: Clock;
  readonly turns: Turns;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
  readonly remarks: Remarks;
  /** What names and VMIDs mean which cluster, too. */
  readonly fleet: ClusterRegistryConfig;
  /** Has a new secret cut out of whatever leaves. */
  readonly hide: (secret: string) => void;
  /** Seconds that the call may wait for tasks. */
  readonly timeout: number;
  /** When it has waited enough, in milliseconds since the epoch; at once where it is not to wait at all. */
  readonly end: number;
}

/** What can be done on one cluster, beside calls. */
export function makeSide(bound: Bound): Omit<Side<Calls>, 'call'> {
  const { config, current, clock, turns, signal, remarks } = bound;
  const { defaultNode: node, defaultStorage: storage, defaultBridge: bridge } = config;
  const wait = waiter(bound);
  const note = (text: string) => {
    remarks.notes.push(text);
  };
  return {
    defaults: {
      ...(node === undefined ? {} : { node }),
      ...(storage === undefined ? {} : { storage }),
      ...(bridge === undefined ? {} : { bridge }),
    },
    claimVmid: async (given, make, preferred) =>
      claimVmid({ client: current(), turns, signal, vmidMap: bound.fleet.vmidMap, preferred, note }, given, make),
    ledElsewhere: (guest) => ledElsewhere(bound.fleet, config.name, guest),
    clusterTime: () => clock.now() + (current().clockOffset ?? 0),
    endpointFor: (place, token) => {
      if (token !== undefined) bound.hide(token.secret);
      const { tokenId: id, tokenSecret: secret } = config;
      return remoteEndpoint(place, token ?? { id, secret });
    },
    startInTurn: (key, start) =>
      turns.startTask(`${config.name} ${key}`, turnWaiter(wait, clock, bound.timeout), start, signal),
    finish: stepFinisher(wait, clock, bound.timeout),
    wait,
  };
}

/** What every tool is given beside its target, its arguments and its clusters. */
export function makeContext(
  bound: Bound,
): Omit<Context<Scope, z.ZodRawShape, Calls>, 'target' | 'input' | 'page' | 'now' | 'at' | keyof Side<Calls>> {
  const { config, clock, signal, tell, remarks } = bound;
  return {
    files: localFiles(clock, tell, signal),
    keepSecret: (label, make, undo) => keepSecret(bound.fleet.secretDir, `${config.name}.${label}`, make, undo),
    pause: (ms) => clock.sleep(ms, signal),
    progress: (done, total, message) => tell(done, total, message),
    note: (text) => {
      remarks.notes.push(text);
    },
    outline: (text) => {
      remarks.outline.push(text);
    },
    present: (facts) => {
      Object.assign(remarks.presented, facts);
    },
    secondsLeft: () => Math.max(0, (bound.end - clock.now()) / 1000),
    nowLeft: (what) => {
      remarks.left = what;
    },
    offerUndo: (how) => {
      remarks.undo.push(how);
    },
  };
}

/** The same for a plan: nothing is waited for, and nothing kept. */
export const plannedContext = <C extends Context<Scope, z.ZodRawShape, Calls>>(context: C): C => ({
  ...context,
  ...unwaiting,
  at: (cluster) => ({ ...context.at(cluster), ...unwaiting }),
  pause: async () => {},
  keepSecret: (_, make) => make(),
});

const unwaiting: Pick<Side<Calls>, 'wait' | 'finish' | 'startInTurn'> = {
  wait: async () => ({ state: 'ok', waited: 0, log: [] }),
  finish: async () => {},
  startInTurn: (_, start) => start(),
};

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
          return tell(steps, percent === undefined ? undefined : 100, quoted(message, 160));
        }),
    });
}
