import { attempt, inTurns } from '../../pve/attempt.js';
import { failureInWords } from '../../pve/failure.js';
import type { Settled } from '../../pve/settle.js';

/** As `settle`, though none may go well: what could be seen elsewhere is told all the same. */
export async function lookAtEach<K, V>(keys: readonly K[], run: (key: K) => Promise<V>): Promise<Settled<K, V>> {
  const looked = await inTurns(keys, async (key) => ({ key, outcome: await attempt(run(key)) }));
  return {
    values: looked.flatMap(({ key, outcome }) => ('error' in outcome ? [] : [{ key, value: outcome.value }])),
    failed: looked.flatMap(({ key, outcome }) =>
      'error' in outcome ? [{ key, error: outcome.error, reason: failureInWords(outcome.error) }] : [],
    ),
  };
}
