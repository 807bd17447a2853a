import { describe, type Statistics } from './statistics.js';

/** What was measured of one resource, and the size that it has. */
export interface Measurement {
  /** In the unit of the size: cores, or MiB. */
  readonly averages: readonly number[];
  /** The highest of each stretch that an average stands for. */
  readonly peaks: readonly number[];
  /** Moments that could have had a value. */
  readonly moments: number;
  readonly size: number;
}

export interface Advice {
  readonly action: 'keep' | 'grow' | 'shrink' | 'unknown';
  readonly current: number;
  readonly recommended: number;
  readonly reason: string;
  readonly samples: number;
  readonly p50?: number | undefined;
  readonly p95?: number | undefined;
  readonly max?: number | undefined;
}

/** Fewer values than this, or values for less than half of the time, say nothing of what a guest needs. */
export const fewestSamples = 24;

/** Of its size, what a peak shall take. */
const cpuTarget = 0.7;
const memoryTarget = 0.8;

interface Seen {
  readonly averages: Statistics;
  readonly peaks: Statistics;
}

function seen({ averages, peaks, moments }: Measurement): Seen | undefined {
  const [low, high] = [describe(averages), describe(peaks)];
  const enough = Math.max(fewestSamples, moments / 2);
  return low && high && Math.min(low.samples, high.samples) >= enough ? { averages: low, peaks: high } : undefined;
}

export const unknown = (current: number, reason: string, samples = 0): Advice => ({
  action: 'unknown',
  current,
  recommended: current,
  reason,
  samples,
});

const tooFew = (measurement: Measurement): Advice =>
  unknown(
    measurement.size,
    `not enough data: ${measurement.averages.length} of ${measurement.moments} moments have values`,
    measurement.averages.length,
  );

const two = (value: number) => Math.round(value * 100) / 100;

const figures = ({ averages, peaks }: Seen) => ({
  samples: averages.samples,
  p50: two(averages.p50),
  p95: two(averages.p95),
  max: two(Math.max(averages.max, peaks.max)),
});

/** Cores for the 95th percentile of the peaks at 70 %; fewer only where half would do. */
export function adviseCores(measurement: Measurement): Advice {
  const found = seen(measurement);
  const current = measurement.size;
  if (found === undefined) return tooFew(measurement);
  const demand = Math.max(found.peaks.p95, found.averages.p95);
  const needed = Math.max(1, Math.ceil(two(demand / cpuTarget)));
  const told = `p95 of its peaks is ${two(demand)} of ${current} cores, which at ${cpuTarget * 100} % load takes ${needed}`;
  const action = needed > current ? 'grow' : needed <= current / 2 ? 'shrink' : 'keep';
  return { action, current, recommended: action === 'keep' ? current : needed, reason: told, ...figures(found) };
}

const roundUp = (mib: number) => {
  const step = mib > 4096 ? 512 : 128;
  return Math.ceil(mib / step) * step;
};

/** Memory for the highest peak at 80 %; more where the peaks reach 90 %, less only where 60 % would do. */
export function adviseMemory(measurement: Measurement, least: number): Advice {
  const found = seen(measurement);
  const current = measurement.size;
  if (found === undefined) return tooFew(measurement);
  const highest = Math.max(found.peaks.max, found.averages.max);
  const needed = Math.max(roundUp(highest / memoryTarget), least);
  const short = found.peaks.p95 >= current * 0.9;
  const spare = needed <= current * 0.6;
  const peak = `its highest use is ${Math.round(highest)} of ${current} MiB`;
  const grown = Math.max(needed, roundUp(current * 1.25));
  if (short && !spare)
    return { action: 'grow', current, recommended: grown, reason: `${peak}, at p95 90 % or more`, ...figures(found) };
  if (spare)
    return {
      action: 'shrink',
      current,
      recommended: needed,
      reason: `${peak}, for which ${needed} MiB are enough`,
      ...figures(found),
    };
  return { action: 'keep', current, recommended: current, reason: peak, ...figures(found) };
}
