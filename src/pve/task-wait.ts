import type { Clock } from './clock.js';
import {
  CertificateError,
  ConnectionError,
  NodeTimeoutError,
  NodeUnreachableError,
  StaleProxyError,
  TaskUnseenError,
} from './errors.js';
import { type TaskCalls, type TaskOutcome, taskOutcome } from './task.js';
import { readProgress, type TaskProgress } from './task-progress.js';

/** How long, how often, and whom to tell. */
export interface WaitOptions {
  /** Seconds; past them the answer is `running`, and an error only where the task has not been seen of late. */
  readonly timeout: number;
  /** Seconds between two looks; 0.25 at first and up to 5 later when left out. */
  readonly interval?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TaskProgress) => Promise<void>;
}

/** Where a wait ended. */
export interface WaitResult extends TaskOutcome {
  /** Seconds that were waited. */
  readonly waited: number;
  /** The last lines of the log, oldest first: up to 20 for a task that did not end well, 5 else. */
  readonly log: readonly string[];
}

/** Seconds for which a task counts as running after it was last seen to. */
const staysTrue = 10;
const tailLines = 20;
/** Read at once; of more lines than these the end is read, not what lies between. */
const pageLines = 1000;

/**
 * Polls a task until it has stopped or the time is up. A poll that fails for want of a connection is not the task's
 * end: the next one may go through.
 */
export async function waitForTask(
  task: { readonly node: string; readonly upid: string },
  call: TaskCalls,
  clock: Clock,
  options: WaitOptions,
): Promise<WaitResult> {
  const began = clock.now();
  const waited = () => Math.round((clock.now() - began) / 100) / 10;
  const left = () => options.timeout - waited();
  const log = new LogTail(task, call);
  const polls = new Polls(clock);
  let seen: number | undefined;
  const unseen = () => Math.round((clock.now() - (seen ?? began)) / 1000);
  const look = async () => {
    const outcome = await polls.within(left(), async () => taskOutcome((await call.status(task)).data));
    if (outcome !== undefined) seen = clock.now();
    return outcome;
  };
  for (;;) {
    const first = await look();
    const news = await polls.within(left(), () => log.read());
    if (news !== undefined) await options.onProgress?.(readProgress(news));
    // It may be the log that took so long.
    const outcome = left() <= 0 && seen !== undefined && unseen() > staysTrue ? await look() : first;
    if (outcome !== undefined && outcome.state !== 'running') {
      const kept = outcome.state === 'ok' ? 5 : tailLines;
      return { ...outcome, waited: waited(), log: log.lines.slice(-kept) };
    }
    if (left() <= 0 && seen === undefined) throw polls.lastError ?? new TaskUnseenError(task.upid, options.timeout);
    if (left() <= 0 && unseen() > staysTrue) throw new TaskUnseenError(task.upid, unseen());
    if (left() <= 0) return { state: 'running', waited: waited(), log: log.lines.slice(-5) };
    const pause = options.interval ?? (waited() < 1 ? 0.25 : waited() < 10 ? 1 : waited() < 60 ? 2.5 : 5);
    await clock.sleep(Math.min(pause, left()) * 1000, options.signal);
  }
}

/** Looks at a task that may fail without the task having failed. */
class Polls {
  readonly #clock: Clock;
  lastError: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a poll gives; `undefined` when it failed in passing, or took longer than the wait may. */
  async within<T>(seconds: number, poll: () => Promise<T>): Promise<T | undefined> {
    const late = this.#clock.timeout(Math.max(seconds, 1) * 1000);
    let giveUp = () => {};
    const given = new Promise<undefined>((resolve) => {
      giveUp = () => resolve(undefined);
      late.addEventListener('abort', giveUp, { once: true });
    });
    try {
      return await Promise.race([poll(), given]);
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.lastError = error;
      return undefined;
    } finally {
      // The signal would hold what came of the poll until its time is over.
      late.removeEventListener('abort', giveUp);
    }
  }
}

const isPassing = (error: unknown) =>
  (error instanceof ConnectionError && !(error instanceof CertificateError)) ||
  error instanceof NodeUnreachableError ||
  error instanceof NodeTimeoutError ||
  error instanceof StaleProxyError;

/** What the server gives in place of lines, for a log that is empty or gone. */
export const isNoLine = (line: string) => line === 'no content' || line.startsWith('unable to open file - ');

/** Follows a log from where it was last read, and keeps its end. */
class LogTail {
  readonly #task: { readonly node: string; readonly upid: string };
  readonly #call: TaskCalls;
  #read = 0;
  lines: string[] = [];

  constructor(task: { readonly node: string; readonly upid: string }, call: TaskCalls) {
    this.#task = task;
    this.#call = call;
  }

  /** The newest line, if there is one that was not there before. */
  async read(): Promise<string | undefined> {
    const { data, total = 0 } = await this.#call.log(this.#task, { start: this.#read, limit: pageLines });
    const skipped = total - this.#read > pageLines;
    const last = skipped
      ? (await this.#call.log(this.#task, { start: total - tailLines, limit: pageLines })).data
      : data;
    const empty = total <= 1 && last.every(({ t }) => isNoLine(t));
    const fresh = empty ? [] : last.filter((line) => line.n > this.#read && line.t !== '');
    this.#read = Math.max(this.#read, ...fresh.map((line) => line.n));
    this.lines = [...this.lines, ...fresh.map((line) => line.t)].slice(-tailLines);
    return fresh.at(-1)?.t;
  }
}
