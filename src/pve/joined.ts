/** Waits as long as the caller does; what is waited for goes on, and never rejects. */
export function joined(pending: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return pending;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    void pending.then((value) => {
      signal.removeEventListener('abort', stop);
      resolve(value);
    });
  });
}
