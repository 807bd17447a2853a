import { type SimulatorClock, seconds } from './clock.js';
import type { ClusterState, TaskState } from './state.js';
import { formatUpid } from './upid.js';

export interface TaskPlan {
  readonly node: string;
  readonly type: string;
  readonly id?: string;
  readonly user: string;
  /** Seconds. */
  readonly duration: number;
  readonly log: readonly string[];
  readonly exitstatus?: string;
  /** What the task does to the cluster when it ends; answers with its exit status. */
  readonly finish?: (endtime: number) => string;
  /** Clears up when the task is interrupted. */
  readonly aborted?: () => void;
}

interface Timer {
  readonly at: number;
  readonly run: (at: number) => void;
}

const failsAfterSeconds = 2;

/** Lets tasks pass by the clock: nothing runs in the background, all that is due happens before the next look. */
export class TaskEngine {
  readonly #state: ClusterState;
  readonly #clock: SimulatorClock;
  readonly #finish = new Map<string, (endtime: number) => string>();
  readonly #aborted = new Map<string, () => void>();
  #timers: Timer[] = [];
  #pid: number;
  #settling = false;

  constructor(state: ClusterState, clock: SimulatorClock) {
    this.#state = state;
    this.#clock = clock;
    this.#pid = state.tasks.reduce((highest, task) => Math.max(highest, task.pid), 4000);
  }

  start(plan: TaskPlan): TaskState {
    const starttime = seconds(this.#clock);
    this.#pid += 7;
    const booted = this.#state.nodes.find((node) => node.node === plan.node)?.bootedAt ?? 0;
    const identity = {
      node: plan.node,
      pid: this.#pid,
      pstart: Math.max(1, starttime - booted) * 100,
      starttime,
      type: plan.type,
      id: plan.id ?? '',
      user: plan.user,
    };
    const task: TaskState = {
      upid: formatUpid(identity),
      ...identity,
      duration: plan.duration,
      log: [...plan.log],
      exitstatus: plan.exitstatus ?? 'OK',
    };
    this.#state.tasks.push(task);
    if (plan.finish !== undefined) this.#finish.set(task.upid, plan.finish);
    if (plan.aborted !== undefined) this.#aborted.set(task.upid, plan.aborted);
    return task;
  }

  /** Gives an end to a task that was under way before the simulator started. */
  adopt(task: TaskState, finish: (endtime: number) => string): void {
    this.#finish.set(task.upid, finish);
  }

  /** Lets a task end with this status, soon and without its effect. */
  fail(task: TaskState, exitstatus: string): void {
    task.duration = Math.min(task.duration, failsAfterSeconds);
    const clear = this.#aborted.get(task.upid);
    this.#finish.set(task.upid, () => {
      clear?.();
      return exitstatus;
    });
  }

  /** Lets a task go on for ever; one that runs by a script has its own end. */
  stick(task: TaskState): void {
    task.duration = Number.POSITIVE_INFINITY;
  }

  /** Something that happens by itself, some seconds from now or from `from`. */
  after(delay: number, run: (at: number) => void, from: number = seconds(this.#clock)): void {
    this.#timers.push({ at: from + delay, run });
  }

  interrupt(task: TaskState): void {
    if (task.endtime !== undefined) return;
    task.log = [...this.visibleLog(task), 'received interrupt'];
    this.#finish.delete(task.upid);
    task.exitstatus = 'interrupted by signal';
    task.endtime = seconds(this.#clock);
    this.#aborted.get(task.upid)?.();
    this.#aborted.delete(task.upid);
  }

  /** Ends a task that has no duration of its own. */
  finish(task: TaskState, exitstatus: string, at: number): void {
    if (task.endtime !== undefined) return;
    task.exitstatus = exitstatus;
    this.#end(task, at);
  }

  /** Brings the state up to the clock, in the order in which things fall due. */
  settle(): void {
    // What falls due looks at the state itself, on the other cluster of a move too; it comes first to its own end.
    if (this.#settling) return;
    this.#settling = true;
    try {
      this.#settleTo(seconds(this.#clock));
    } finally {
      this.#settling = false;
    }
  }

  #settleTo(now: number): void {
    for (let rounds = 0; rounds < 1000; rounds += 1) {
      const task = this.#nextTask(now);
      const timer = this.#timers.reduce<Timer | undefined>(
        (first, next) => (next.at <= now && (first === undefined || next.at < first.at) ? next : first),
        undefined,
      );
      if (task === undefined && timer === undefined) return;
      const taskDue = task === undefined ? Number.POSITIVE_INFINITY : task.starttime + task.duration;
      if (task !== undefined && (timer === undefined || taskDue <= timer.at)) this.#end(task, taskDue);
      else if (timer !== undefined) this.#fire(timer);
    }
  }

  /** The log lines written so far. */
  visibleLog(task: TaskState): string[] {
    if (task.endtime !== undefined) return [...task.log, ...endLines(task.exitstatus)];
    if (task.duration === Number.POSITIVE_INFINITY) return [...task.log];
    const passed = seconds(this.#clock) - task.starttime;
    const share = task.duration <= 0 ? 1 : Math.min(1, Math.max(0, passed / task.duration));
    return task.log.slice(0, Math.floor(share * task.log.length));
  }

  #nextTask(now: number): TaskState | undefined {
    let first: TaskState | undefined;
    for (const task of this.#state.tasks) {
      const due = task.starttime + task.duration;
      if (task.endtime !== undefined || due > now) continue;
      if (first === undefined || due < first.starttime + first.duration) first = task;
    }
    return first;
  }

  #end(task: TaskState, endtime: number): void {
    const finish = this.#finish.get(task.upid);
    this.#finish.delete(task.upid);
    this.#aborted.delete(task.upid);
    task.endtime = endtime;
    if (finish !== undefined) task.exitstatus = finish(endtime);
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    timer.run(timer.at);
  }
}

function endLines(exitstatus: string): string[] {
  // a task whose node crashed has no end line: that is how a real server comes to this status
  if (exitstatus === 'unexpected status') return [];
  if (exitstatus === 'OK') return ['TASK OK'];
  return exitstatus.startsWith('WARNINGS: ') ? [`TASK ${exitstatus}`] : [`TASK ERROR: ${exitstatus}`];
}
