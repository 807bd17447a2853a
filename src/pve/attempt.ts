import { RequestError, TaskUnseenError } from './errors.js';
import type { WaitResult } from './task-wait.js';

/** What a request gave, or what it failed with. */
export type Attempt<V> = { readonly value: V } | { readonly error: RequestError };

/** Lets a request fail; what is no failure of a request, an abort or a bug, goes on. */
export function attempt<V>(pending: Promise<V>): Promise<Attempt<V>> {
  return pending.then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof RequestError) return { error };
      throw error;
    },
  );
}

/** Lets the look at a task fail; what the task did is then not known. */
export function attemptWait(
  pending: Promise<WaitResult>,
): Promise<{ readonly value: WaitResult } | { readonly error: RequestError | TaskUnseenError }> {
  return pending.then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof RequestError || error instanceof TaskUnseenError) return { error };
      throw error;
    },
  );
}

/** As many as a client has connections: time spent in a queue counts against the time that an answer is given. */
const atOnce = 8;

/** `Promise.all` with at most 8 under way. */
export async function inTurns<K, V>(keys: readonly K[], run: (key: K) => Promise<V>): Promise<V[]> {
  const results = new Map<number, V>();
  // All workers draw from the one iterator.
  const queue = keys.entries();
  const worker = async () => {
    for (const [index, key] of queue) results.set(index, await run(key));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, keys.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, value]) => value);
}
