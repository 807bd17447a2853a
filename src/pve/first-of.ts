/**
 * Aborts with the first of them. Of a time limit that nothing but `AbortSignal.any` knows, Node 20 forgets the signal
 * before its time is over (seen in 20.20.2); a listener keeps it.
 */
export function firstOf(...signals: readonly AbortSignal[]): AbortSignal {
  const first = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) first.abort(signal.reason);
    else signal.addEventListener('abort', () => first.abort(signal.reason), { once: true });
  }
  return first.signal;
}
