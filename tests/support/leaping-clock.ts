import { type Clock, systemClock } from '../../src/pve/clock.js';

/** Milliseconds: who waits longer watches over something else that has to get done meanwhile. */
const longestPoll = 30_000;

export interface LeapingClock extends Clock {
  /** Lets time pass; what was given for an answer is over when it is. */
  pass(ms: number): void;
  /** Forgets what was given before. */
  begin(): void;
}

/** Time passes only while something waits for it, or when it is told to: then alone a wait for an answer is over. */
export function leapingClock(): LeapingClock {
  let now = Date.now();
  const given = new Map<AbortController, number>();
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      const until = now + Math.max(0, ms);
      await (ms > longestPoll ? systemClock.sleep(ms / 60, signal) : new Promise((resolve) => setImmediate(resolve)));
      signal?.throwIfAborted();
      now = Math.max(now, until);
    },
    timeout: (ms) => {
      const controller = new AbortController();
      given.set(controller, now + ms);
      return controller.signal;
    },
    pass: (ms) => {
      now += ms;
      for (const [controller, until] of given) {
        if (until > now) continue;
        given.delete(controller);
        controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
      }
    },
    begin: () => given.clear(),
  };
}
