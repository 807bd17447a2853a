import { z } from 'zod';
import { attempt, attemptWait } from '../../pve/attempt.js';
import { ApiError, ConnectionError, NodeTimeoutError, type RequestError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import { OutcomeUnknownError } from '../../pve/lost-reply.js';
import type { TaskProgress } from '../../pve/task-progress.js';
import type { WaitOptions, WaitResult } from '../../pve/task-wait.js';
import { parseUpid } from '../../pve/upid.js';

/** What became of one step. */
export const outcome = {
  /** `left`: not begun. */
  outcome: z.enum(['ok', 'warnings', 'failed', 'unknown', 'running', 'skipped', 'left']),
  why: z.string().optional(),
  /** Of a task that did not end well, or not yet. */
  upid: z.string().optional(),
};

export type Outcome = z.output<z.ZodObject<typeof outcome>>;

/** One request that starts a task, or why there is none to send. */
export type Step =
  | { readonly label: string; readonly start: () => Promise<string> }
  | { readonly label: string; readonly skip: string };

interface Surroundings {
  wait(task: { readonly node: string; readonly upid: string }, options: WaitOptions): Promise<WaitResult>;
  secondsLeft(): number;
  note(text: string): void;
  progress(done: number, total: number, message: string): Promise<void>;
}

interface Way {
  /** Queues that are worked off side by side. */
  readonly atOnce: number;
  readonly stopAtFailure: boolean;
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
  { atOnce, stopAtFailure }: Way,
): Promise<Outcome[][]> {
  const outcomes = queues.map((): Outcome[] => []);
  const total = queues.flat().length;
  let done = 0;
  let halted: string | undefined;
  const next = queues.entries();
  const worker = async () => {
    for (const [index, queue] of next)
      for (const step of queue) {
        const tell = ({ percent = 0, message }: TaskProgress) =>
          surroundings.progress(done + percent / 100, total, `${step.label}: ${message}`);
        const result = await runStep(surroundings, step, halted, tell);
        outcomes[index]?.push(result);
        if (stopAtFailure && isFailure(result))
          halted ??= `not begun: it was to stop after the failure of ${step.label}`;
        done += 1;
        await surroundings.progress(done, total, `${step.label}: ${result.outcome}`);
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
  if (left > 0) surroundings.note(`Not begun: ${left} of ${total}. The same call again goes on with them.`);
  return outcomes;
}

export const isFailure = ({ outcome }: Outcome) => outcome === 'failed' || outcome === 'unknown';

async function runStep(
  surroundings: Surroundings,
  step: Step,
  halted: string | undefined,
  onProgress: (progress: TaskProgress) => Promise<void>,
): Promise<Outcome> {
  if ('skip' in step) return { outcome: 'skipped', why: step.skip };
  if (halted !== undefined) return { outcome: 'left', why: halted };
  if (surroundings.secondsLeft() < leastSeconds) return { outcome: 'left', why: 'not begun: the time was up' };
  const started = await attempt(step.start());
  if ('error' in started) return unsent(started.error);
  const upid = started.value;
  const timeout = Math.max(1, surroundings.secondsLeft());
  const parsed = parseUpid(upid);
  const task = { node: parsed?.node ?? '', upid };
  const seen = await attemptWait(surroundings.wait(task, { timeout, onProgress }));
  if ('error' in seen) return { outcome: 'unknown', why: 'its task was started and could not be watched', upid };
  const { state, exitstatus } = seen.value;
  // Of a guest under HA the task only tells its manager.
  if (state === 'ok' && parsed?.type.startsWith('ha'))
    return { outcome: 'ok', why: 'the HA manager was told, and acts on it' };
  if (state === 'ok') return { outcome: 'ok' };
  if (state === 'running') return { outcome: 'running', why: 'it goes on', upid };
  return { outcome: state, why: exitstatus, upid };
}

function unsent(error: RequestError): Outcome {
  if (error instanceof OutcomeUnknownError) return { outcome: 'unknown', why: failureInWords(error) };
  const maybe = error instanceof NodeTimeoutError || (error instanceof ConnectionError && error.sent);
  const why = error instanceof ApiError && !maybe ? error.reason : failureInWords(error);
  return maybe ? { outcome: 'unknown', why: `${why}; it may have been done` } : { outcome: 'failed', why };
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
