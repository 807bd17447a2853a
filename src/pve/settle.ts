import { RequestError } from './errors.js';

/** What one of many requests gave. */
export interface Done<K, V> {
  readonly key: K;
  readonly value: V;
}

/** One of many requests that failed. */
export interface Failed<K> {
  readonly key: K;
  readonly error: RequestError;
}

export interface Settled<K, V> {
  /** In the order of the keys. */
  readonly done: readonly Done<K, V>[];
  readonly failed: readonly Failed<K>[];
}

/** As many as a client has connections: a request that queues longer than it may take to be answered is lost. */
const atOnce = 8;

/**
 * Runs a request for each key, 8 at a time, and lets some of them fail.
 * @throws the first failure when none went well, and at once what is no failure of a request: an abort, a bug
 */
export async function settle<K, V>(keys: readonly K[], run: (key: K) => Promise<V>): Promise<Settled<K, V>> {
  const outcomes = await inTurns(keys, async (key) => ({ key, ...(await outcomeOf(run(key))) }));
  const done = outcomes.flatMap((one) => ('error' in one ? [] : [one]));
  const failed = outcomes.flatMap((one) => ('error' in one ? [one] : []));
  const [first] = failed;
  if (first !== undefined && done.length === 0) throw first.error;
  return { done, failed };
}

/** A request's value, or the error that it failed with; anything else that is thrown goes on. */
export function outcomeOf<V>(
  pending: Promise<V>,
): Promise<{ readonly value: V } | { readonly error: RequestError }> {
  return pending.then(
    (value) => ({ value }),
    (error: unknown) => {
      if (error instanceof RequestError) return { error };
      throw error;
    },
  );
}

/** `Promise.all` with at most 8 under way. */
export async function inTurns<K, V>(keys: readonly K[], run: (key: K) => Promise<V>): Promise<V[]> {
  const results = new Map<number, V>();
  const queue = keys.entries();
  // All workers draw from the one iterator.
  const worker = async () => {
    for (const [index, key] of queue) results.set(index, await run(key));
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, keys.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, value]) => value);
}
