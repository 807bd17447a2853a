import { z } from 'zod';
import { attempt, attemptWait } from '../../pve/attempt.js';
import { ApiError, BadAnswerError, type RequestError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import { OutcomeUnknownError } from '../../pve/lost-reply.js';
import { quoted } from '../../pve/quoted.js';
import type { TaskProgress } from '../../pve/task-progress.js';
import type { WaitOptions, WaitResult } from '../../pve/task-wait.js';
import { parseUpid } from '../../pve/upid.js';
import { reasonOfEnd } from '../backup/end-reason.js';
import type { Lanes } from './lanes.js';

/** What became of one step. */
export const outcome = {
  /** `left`: not begun. */
  outcome: z.enum(['ok', 'warnings', 'failed', 'unknown', 'running', 'skipped', 'left']),
  why: z.string().optional(),
  /** Of a task that did not end well, or not yet. */
  upid: z.string().optional(),
};

export type Outcome = z.output<z.ZodObject<typeof outcome>>;

type Wait = (task: { readonly node: string; readonly upid: string }, options: WaitOptions) => Promise<WaitResult>;

/** One request that starts a task or is done once it is answered, or why there is none to send. */
export type Step =
  | {
      readonly label: string;
      /** The task; nothing where there is none to wait for. */
      readonly start: () => Promise<string | undefined>;
      /** Where its task is watched, if not where the call is. */
      readonly wait?: Wait;
      /** Looks just before it whether it is still to be sent; answers why not. */
      readonly look?: () => Promise<string | undefined>;
      /** What became of it, where the task only tells the HA manager. */
      readonly settled?: () => Promise<Outcome>;
    }
  | ({ readonly label: string; readonly skip: string } & Partial<Pick<Outcome, 'outcome' | 'upid'>>);

interface Surroundings {
  readonly wait: Wait;
  secondsLeft(): number;
  note(text: string): void;
  progress(done: number, total: number, message: string): Promise<void>;
}

interface Way {
  /** Queues that are worked off side by side. */
  readonly atOnce: number;
  readonly stopAtFailure: boolean;
  /** What each queue needs room in, where not all queues are alike. */
  readonly lanes?: Lanes;
  /** How what is left is gone on with, if not by the same call. */
  readonly goOn?: string;
}

type InOrder = <V>(look: () => Promise<V>) => Promise<V>;

/** Looks that run side by side could end in another order, and the requests that follow them would not be as planned. */
function oneAfterAnother(): InOrder {
  let last: Promise<unknown> = Promise.resolve();
  return (look) => {
    const mine = last.then(look);
    last = mine.catch(() => undefined);
    return mine;
  };
}

/** A wait may end a little early, as it counts in tenths. */
const leastSeconds = 0.1;

/**
 * Works off queues of steps: several queues side by side, the steps of one after each other, each task waited for within
 * the call's time. What fails stops nothing else unless that is asked.
 * @returns what became of each step, in their order
 */
export async function runSteps(
  surroundings: Surroundings,
  queues: readonly (readonly Step[])[],
  { atOnce, stopAtFailure, lanes, goOn = 'The same call again goes on with them.' }: Way,
): Promise<Outcome[][]> {
  const outcomes = queues.map((): Outcome[] => []);
  const total = queues.flat().length;
  let done = 0;
  let halted: string | undefined;
  const inOrder = oneAfterAnother();
  const next = lanes?.entries(queues) ?? queues.entries();
  const worker = async () => {
    for await (const [index, queue] of next) {
      for (const step of queue) {
        const tell = ({ percent = 0, message }: TaskProgress) =>
          surroundings.progress(done + percent / 100, total, `${step.label}: ${quoted(message, 120)}`);
        const result = await runStep(surroundings, step, inOrder, halted, tell);
        outcomes[index]?.push(result);
        if (stopAtFailure && isFailure(result))
          halted ??= `not begun: it was to stop after the failure of ${step.label}`;
        done += 1;
        await surroundings.progress(done, total, `${step.label}: ${result.outcome}`);
      }
      lanes?.leave(index);
    }
  };
  // A worker that ends with what is no failure of a request, an abort or a bug, ends the others too.
  const guarded = () =>
    worker().catch((error: unknown) => {
      halted = 'not begun';
      throw error;
    });
  await Promise.all(Array.from({ length: Math.min(atOnce, queues.length) }, guarded));
  const left = outcomes.flat().filter(({ outcome: one }) => one === 'left').length;
  if (left > 0) surroundings.note(`Not begun: ${left} of ${total}. ${goOn}`);
  return outcomes;
}

export const isFailure = ({ outcome }: Outcome) => outcome === 'failed' || outcome === 'unknown';

async function runStep(
  surroundings: Surroundings,
  step: Step,
  inOrder: InOrder,
  halted: string | undefined,
  onProgress: (progress: TaskProgress) => Promise<void>,
): Promise<Outcome> {
  if ('skip' in step) return { outcome: step.outcome ?? 'skipped', why: step.skip, upid: step.upid };
  if (halted !== undefined) return { outcome: 'left', why: halted };
  if (surroundings.secondsLeft() < leastSeconds) return { outcome: 'left', why: 'not begun: the time was up' };
  const looked = await attempt(inOrder(async () => step.look?.()));
  if ('error' in looked) return { outcome: 'failed', why: `not looked at again: ${failureInWords(looked.error)}` };
  if (looked.value !== undefined) return { outcome: 'failed', why: looked.value };
  const started = await attempt(step.start());
  if ('error' in started) return unsent(started.error);
  const upid = started.value;
  if (upid === undefined) return { outcome: 'ok' };
  const timeout = Math.max(1, surroundings.secondsLeft());
  const parsed = parseUpid(upid);
  const task = { node: parsed?.node ?? '', upid };
  const seen = await attemptWait((step.wait ?? surroundings.wait)(task, { timeout, onProgress }));
  if ('error' in seen) return { outcome: 'unknown', why: 'its task was started and could not be watched', upid };
  const { state, exitstatus, log } = seen.value;
  // Of a guest under HA the task only tells its manager.
  if (state === 'ok' && parsed?.type.startsWith('ha'))
    return step.settled?.() ?? { outcome: 'ok', why: 'the HA manager was told, and acts on it' };
  if (state === 'ok') return { outcome: 'ok' };
  if (state === 'running') return { outcome: 'running', why: 'it goes on', upid };
  const why = exitstatus === 'job errors' ? reasonOfEnd({ exitstatus, log }) : exitstatus && quoted(exitstatus);
  return { outcome: state, why, upid };
}

/** A write whose reply was lost is known as such; of one whose reply cannot be read the server said that it was done. */
function unsent(error: RequestError): Outcome {
  if (error instanceof OutcomeUnknownError) return { outcome: 'unknown', why: failureInWords(error) };
  if (error instanceof BadAnswerError)
    return { outcome: 'unknown', why: `${failureInWords(error)}; it may have been done` };
  return { outcome: 'failed', why: error instanceof ApiError ? quoted(error.reason) : failureInWords(error) };
}

/** How many ended how. */
export const counts = {
  ok: z.number(),
  failed: z.number(),
  running: z.number().optional(),
  skipped: z.number().optional(),
  left: z.number().optional(),
};

export function countOutcomes(rows: readonly Outcome[]) {
  const count = (...kinds: readonly Outcome['outcome'][]) => rows.filter((row) => kinds.includes(row.outcome)).length;
  return {
    ok: count('ok', 'warnings'),
    failed: count('failed', 'unknown'),
    running: count('running') || undefined,
    skipped: count('skipped') || undefined,
    left: count('left') || undefined,
  };
}
