import type { Cluster } from './cluster.js';
import { died, PveError } from './pve-error.js';
import type { TaskState } from './state.js';

/** A task step by step: it gives the seconds until its next step, and at last what went wrong. */
export type Script = Generator<number, string | undefined, void>;

/** What a script writes into, with the time of its current step. */
export class TaskLog {
  /** Seconds since 1970. */
  now: number;
  readonly #began: number;
  readonly #lines: string[] = [];
  #task: TaskState | undefined;

  constructor(now: number) {
    this.now = now;
    this.#began = now;
  }

  writeTo(task: TaskState): void {
    this.#task = task;
    task.log.push(...this.#lines.splice(0));
  }

  get duration(): string {
    const seconds = Math.max(0, this.now - this.#began);
    return new Date(seconds * 1000).toISOString().slice(11, 19);
  }

  plain(line: string): void {
    (this.#task?.log ?? this.#lines).push(line);
  }

  info(text: string): void {
    const stamp = new Date(this.now * 1000).toISOString().slice(0, 19).replace('T', ' ');
    for (const line of text.split('\n')) this.plain(`${stamp} ${line}`);
  }

  error(text: string): void {
    for (const line of text.split('\n')) this.info(`ERROR: ${line}`);
  }
}

export interface ScriptPlan {
  readonly node: string;
  readonly type: string;
  readonly id: string;
  readonly user: string;
}

/** Starts a task whose script runs by the clock. To be interrupted is to the script as if its current step had died. */
export function runScript(cluster: Cluster, plan: ScriptPlan, log: TaskLog, script: Script): TaskState {
  const { tasks } = cluster;
  const advance = (next: () => IteratorResult<number, string | undefined>, at: number) => {
    if (task.endtime !== undefined) return;
    log.now = at;
    const step = outcome(next);
    if (step.done === true) tasks.finish(task, step.value ?? 'OK', at);
    else tasks.after(step.value, (then) => advance(() => script.next(), then), at);
  };
  const task = tasks.start({
    ...plan,
    duration: Number.POSITIVE_INFINITY,
    log: [],
    aborted: () => {
      log.now = cluster.now;
      const step = outcome(() => script.throw(died('interrupted by signal')));
      if (step.done === true && step.value !== undefined) task.exitstatus = step.value;
    },
  });
  log.writeTo(task);
  tasks.after(1, (at) => advance(() => script.next(), at));
  return task;
}

function outcome(next: () => IteratorResult<number, string | undefined>): IteratorResult<number, string | undefined> {
  try {
    return next();
  } catch (error) {
    if (error instanceof PveError) return { done: true, value: error.message };
    throw error;
  }
}
