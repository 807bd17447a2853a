import { attempt, inTurns } from './attempt.js';
import type { RequestError } from './errors.js';
import { failureInWords } from './failure.js';

/** A key whose request failed. */
export interface Failure<K> {
  readonly key: K;
  readonly error: RequestError;
  /** {@link failureInWords} */
  readonly reason: string;
}

export interface Settled<K, V> {
  /** In the order of the keys. */
  readonly values: readonly { readonly key: K; readonly value: V }[];
  readonly failed: readonly Failure<K>[];
}

/**
 * Runs a request for each key, as many at a time as a client has connections, and lets some of them fail.
 * @throws the first failure when none went well, and at once what is no failure of a request: an abort, a bug
 */
export async function settle<K, V>(keys: readonly K[], run: (key: K) => Promise<V>): Promise<Settled<K, V>> {
  const outcomes = await inTurns(keys, async (key) => ({ key, outcome: await attempt(run(key)) }));
  const values = outcomes.flatMap(({ key, outcome }) => ('error' in outcome ? [] : [{ key, value: outcome.value }]));
  const failed = outcomes.flatMap(({ key, outcome }) =>
    'error' in outcome ? [{ key, error: outcome.error, reason: failureInWords(outcome.error) }] : [],
  );
  const [first] = failed;
  if (first !== undefined && values.length === 0) throw first.error;
  return { values, failed };
}
