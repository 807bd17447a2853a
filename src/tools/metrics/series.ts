import { z } from 'zod';
import { mean, quantile } from './statistics.js';

/** What was measured at one moment; a moment without values is a gap. */
export interface Sample {
  /** Seconds since the epoch. */
  readonly time: number;
  readonly values: ReadonlyMap<string, number>;
}

export type Consolidation = 'AVERAGE' | 'MAX';

/** Points in columns: `columns[0]` is the time, `null` where a series has a gap. */
export interface Table {
  readonly columns: string[];
  readonly rows: (number | null)[][];
}

export interface Thinned extends Table {
  /** Seconds that a point stands for. */
  readonly step: number;
}

export const summary = z.object({
  unit: z.string().optional(),
  min: z.number(),
  avg: z.number(),
  max: z.number(),
  p95: z.number(),
  last: z.number(),
  /** Values that were measured. */
  samples: z.number(),
});

export type Summary = z.output<typeof summary>;

/** The samples of an answer in the order of time, with every numeric key as a series. */
export function readSamples(rows: readonly Readonly<Record<string, unknown>>[]): Sample[] {
  return rows
    .flatMap(({ time, ...rest }) => {
      const at = numeric(time);
      if (at === undefined) return [];
      const values = Object.entries(rest).flatMap(([name, value]): [string, number][] => {
        const measured = numeric(value);
        return measured === undefined ? [] : [[name, measured]];
      });
      return [{ time: at, values: new Map(values) }];
    })
    .sort((a, b) => a.time - b.time);
}

/** Proxmox may send a number as a string; an unknown value comes as `null` or not at all. */
function numeric(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

export function seriesNames(samples: readonly Sample[]): string[] {
  return [...new Set(samples.flatMap(({ values }) => [...values.keys()]))].sort();
}

/**
 * At most `points` points, each the average or the maximum of one equal stretch of time. A stretch without values gives
 * no point, and a point bears the time of the first sample in it that has values.
 */
export function thin(samples: readonly Sample[], points: number, cf: Consolidation): Thinned {
  const names = seriesNames(samples);
  const step = stretch(samples, points);
  const start = samples[0]?.time ?? 0;
  const buckets = new Map<number, Sample[]>();
  for (const sample of samples) {
    if (sample.values.size === 0) continue;
    const index = step === 0 ? 0 : Math.floor((sample.time - start) / step);
    const bucket = buckets.get(index);
    if (bucket === undefined) buckets.set(index, [sample]);
    else bucket.push(sample);
  }
  const rows = [...buckets.values()].map((bucket) => [
    bucket[0]?.time ?? start,
    ...names.map((name) => consolidate(valuesOf(bucket, name), cf)),
  ]);
  return { columns: ['time', ...names], rows, step };
}

/**
 * A whole multiple of the shortest distance between two samples: after an upgrade to 9.x old and new resolution stand
 * in one answer, so the distances differ.
 */
function stretch(samples: readonly Sample[], points: number): number {
  const times = samples.map(({ time }) => time);
  const gaps = times.slice(1).flatMap((time, index) => {
    const gap = time - (times[index] ?? time);
    return gap > 0 ? [gap] : [];
  });
  if (gaps.length === 0) return 0;
  const shortest = Math.min(...gaps);
  const slots = Math.floor(((times.at(-1) ?? 0) - (times[0] ?? 0)) / shortest) + 1;
  return shortest * Math.ceil(slots / points);
}

const valuesOf = (samples: readonly Sample[], name: string) =>
  samples.flatMap(({ values }) => {
    const value = values.get(name);
    return value === undefined ? [] : [value];
  });

function consolidate(values: readonly number[], cf: Consolidation): number | null {
  const one = cf === 'MAX' ? quantile(values, 1) : mean(values);
  return one === undefined ? null : rounded(one);
}

/** Minimum, average, maximum and 95th percentile (nearest rank) of each series, over all samples and not the thinned ones. */
export function summarise(samples: readonly Sample[]): Record<string, Summary> {
  return Object.fromEntries(
    seriesNames(samples).map((name) => {
      const values = valuesOf(samples, name);
      const unit = unitOf(name);
      const figures = {
        ...(unit === undefined ? {} : { unit }),
        min: rounded(quantile(values, 0) ?? 0),
        avg: rounded(mean(values) ?? 0),
        max: rounded(quantile(values, 1) ?? 0),
        p95: rounded(quantile(values, 0.95) ?? 0),
        last: rounded(values.at(-1) ?? 0),
        samples: values.length,
      };
      return [name, figures];
    }),
  );
}

/** Four digits for small numbers, whole ones from 1,000 on; it keeps the order of any two numbers. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
}

const units: readonly [RegExp, string][] = [
  [/^(cpu|iowait)$/, 'share 0-1'],
  [/^maxcpu$/, 'cores'],
  [/^loadavg$/, 'load'],
  [/^pressure/, '%'],
  [/^(netin|netout|diskread|diskwrite)$/, 'bytes/s'],
  [/^(mem|maxmem|mem[a-z]+|disk|maxdisk|swap[a-z]+|root[a-z]+|total|used|arcsize)$/, 'bytes'],
];

/** `undefined` for a series that came with a later version. */
export const unitOf = (series: string): string | undefined => units.find(([form]) => form.test(series))?.[1];
