/** A number from 0 up to 1, as chance has it: passed in, so that tests set it. */
export type Random = () => number;

const firstMs = 1000;
const ceilingMs = 60_000;

/** How long something that failed so many times on end is left alone: 1 s at first, doubling to a minute, and up to a quarter less. */
export function backOff(failures: number, random: Random): number {
  const whole = Math.min(ceilingMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole * (1 - random() / 4));
}

const firstRetryMs = 200;

/** How long is waited before a request goes out again: 0.1 to 0.2 s the first time, 0.2 to 0.4 s the second. */
export function retryPause(retry: number, random: Random): number {
  return Math.round(firstRetryMs * 2 ** (retry - 1) * (1 - random() / 2));
}
