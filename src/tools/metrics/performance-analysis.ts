import { z } from 'zod';
import { isoTime } from '../../pve/time.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { fewest, findingsOf, type Series } from './findings.js';
import { rounded, type Sample, seriesNames, unitOf } from './series.js';
import { describe, type Point, trend } from './statistics.js';
import { about, measured, subjectCalls, subjectInput, subjectOutput, subjectPrivileges } from './subject.js';
import { frameOf, timeRange } from './time-range.js';

const pointsOf = (samples: readonly Sample[], name: string): Point[] =>
  samples.flatMap(({ time, values }) => {
    const value = values.get(name);
    return value === undefined ? [] : [{ time, value }];
  });

/** A series by its averages; its largest value is that of the peaks, which an average hides. */
function analysed(name: string, samples: readonly Sample[], peaks: readonly Sample[]): Series[] {
  const points = pointsOf(samples, name);
  const statistics = describe(points.map(({ value }) => value));
  if (statistics === undefined) return [];
  const highest = describe(pointsOf(peaks, name).map(({ value }) => value))?.max ?? statistics.max;
  const line = points.length >= fewest ? trend(points) : undefined;
  const last = points.at(-1)?.value ?? statistics.max;
  return [{ ...statistics, name, last, max: Math.max(highest, statistics.max), trend: line }];
}

const shown = ({ name, samples, mean, p50, p95, max, last, trend: line }: Series) => ({
  series: name,
  unit: unitOf(name),
  samples,
  mean: rounded(mean),
  p50: rounded(p50),
  p95: rounded(p95),
  max: rounded(max),
  last: rounded(last),
  trend_per_day: line && rounded(line.perDay),
  trend_r2: line && rounded(line.r2),
});

const optional = z.number().optional();

const row = z.object({
  series: z.string(),
  unit: z.string().optional(),
  samples: z.number(),
  mean: z.number(),
  p50: z.number(),
  p95: z.number(),
  /** Of the peaks. */
  max: z.number(),
  last: z.number(),
  /** Slope of the least-squares line, and how much of the variation it explains (0 to 1). */
  trend_per_day: optional,
  trend_r2: optional,
});

export default [
  defineTool({
    name: 'proxmox-performance-analysis',
    title: 'Performance analysis',
    description: 'Mean, p95, peak, trend of a guest, node or storage; what stands out.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'metrics',
    input: {
      ...subjectInput,
      time_range: timeRange.describe('Default 24h'),
      metrics: z.array(z.string()).optional().describe('Only these series'),
    },
    output: z.object({
      ...subjectOutput,
      time_range: z.string(),
      from: z.string().optional(),
      to: z.string().optional(),
      /** Moments with and without values. */
      moments: z.number(),
      gaps: z.number(),
      series: z.array(row),
      findings: z.array(z.string()),
    }),
    calls: subjectCalls,
    privileges: subjectPrivileges,
    run: async ({ input, call, note }) => {
      const { time_range: range = '24h', metrics } = input;
      const { subject, read } = await measured(input, call);
      const [samples, peaks] = await Promise.all([read(frameOf(range), 'AVERAGE'), read(frameOf(range), 'MAX')]);
      const names = seriesNames(samples);
      const unknown = metrics?.filter((one) => !names.includes(one)) ?? [];
      if (unknown.length > 0 && names.length > 0)
        throw new InvalidInput({
          argument: 'metrics',
          message: `no ${unknown.join(', ')}; there are ${names.join(', ')}`,
        });
      const all = names.flatMap((name) => analysed(name, samples, peaks));
      const filled = samples.filter(({ values }) => values.size > 0);
      if (filled.length < fewest)
        note(`Not enough data: ${filled.length} moments with values, ${fewest} are needed to judge.`);
      const [first, last] = [filled[0], filled.at(-1)];
      return {
        ...about(subject),
        time_range: range,
        from: first && isoTime(first.time),
        to: last && isoTime(last.time),
        moments: filled.length,
        gaps: samples.length - filled.length,
        series: all.filter(({ name }) => metrics?.includes(name) ?? true).map(shown),
        findings: findingsOf(all),
      };
    },
  }),
];
