/** What is said of a series of measured values; a gap is no value, and never a zero. */
export interface Statistics {
  readonly samples: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export interface Point {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly value: number;
}

/** A straight line through points, and how much of their variation it explains (0 to 1). */
export interface Trend {
  readonly perDay: number;
  readonly r2: number;
}

const ascending = (values: readonly number[]) => values.toSorted((a, b) => a - b);

/** The value that this share of all values does not exceed (nearest rank); `undefined` without values. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = ascending(values);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number | undefined {
  const sorted = ascending(values);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : low + (high - low) / 2;
}

/** Kept within the values, which a sum of floating-point numbers may leave. */
export function mean(values: readonly number[]): number | undefined {
  const sorted = ascending(values);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) return undefined;
  const average = values.reduce((sum, value) => sum + value / values.length, 0);
  return Math.min(most, Math.max(least, average));
}

export function describe(values: readonly number[]): Statistics | undefined {
  const [average, p50, p95, max] = [mean(values), median(values), quantile(values, 0.95), quantile(values, 1)];
  if (average === undefined || p50 === undefined || p95 === undefined || max === undefined) return undefined;
  return { samples: values.length, mean: average, p50, p95, max };
}

/** The least-squares line; `undefined` for fewer than two moments. */
export function trend(points: readonly Point[]): Trend | undefined {
  const time = mean(points.map((point) => point.time));
  const value = mean(points.map((point) => point.value));
  if (time === undefined || value === undefined) return undefined;
  let [xx, xy, yy] = [0, 0, 0];
  for (const point of points) {
    const [x, y] = [(point.time - time) / 86_400, point.value - value];
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (xx === 0) return undefined;
  return { perDay: xy / xx, r2: yy === 0 ? 0 : Math.min(1, (xy * xy) / (xx * yy)) };
}

/** What is usual of a series, told by its middle: a few extremes do not move it. */
export interface Usual {
  readonly samples: number;
  readonly median: number;
  /** As large as a standard deviation would be, were the values normally distributed; 0 where all are the same. */
  readonly spread: number;
}

// Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993).
const perMad = 1.4826;
const perMeanDeviation = 1.2533;

/** The median and the median absolute deviation; where more than half of the values are one, the mean deviation. */
export function usual(values: readonly number[]): Usual | undefined {
  const middle = median(values);
  if (middle === undefined) return undefined;
  const deviations = values.map((value) => Math.abs(value - middle));
  const mad = median(deviations) ?? 0;
  const spread = mad > 0 ? mad * perMad : (mean(deviations) ?? 0) * perMeanDeviation;
  return { samples: values.length, median: middle, spread };
}

/** How many spreads a value is from what is usual; `undefined` where nothing varies, so that there is no measure. */
export const deviation = (value: number, { median: middle, spread }: Usual): number | undefined =>
  spread > 0 ? (value - middle) / spread : undefined;
