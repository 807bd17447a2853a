export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return Number.isInteger(middle) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[Math.floor(middle)];
}

/** Milliseconds that it took. */
export async function time(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const ms = (value) => `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
export const mib = (value) => `${value.toFixed(1)} MiB`;
export const bytes = (value) => `${Math.round(value).toLocaleString('en')} B`;

/** A line of the table: what was measured, what it must not exceed, and whether it does not. */
export const held = (what, figure, budget, isHeld) => ({ what, figure, budget, verdict: isHeld ? 'held' : 'MISSED' });

/** A line without a budget, to know it by. */
export const noted = (what, figure) => ({ what, figure, budget: '', verdict: '' });
