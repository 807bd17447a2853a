import { describe, expect, it } from 'vitest';
import { judge } from '../../src/tools/metrics/anomalies.js';

const samplesOf = (name: string, from: number, step: number, given: readonly number[]) =>
  given.map((one, at) => ({ time: from + at * step, values: new Map([[name, one]]) }));

describe('anomalies', () => {
  const week = samplesOf(
    'cpu',
    0,
    1800,
    Array.from({ length: 300 }, (_, at) => 0.1 + (at % 7) / 100),
  );

  it('are what is far from the week, in either direction', () => {
    const { judged } = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.9)), week, 3.5);
    expect(judged).toMatchObject([{ series: 'cpu', now: 0.9, anomaly: true, now_samples: 60, usual_samples: 300 }]);
    expect(judged[0]?.score).toBeGreaterThan(3.5);
    const same = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.13)), week, 3.5);
    expect(same.judged).toMatchObject([{ anomaly: false }]);
  });

  it('are none where the difference is too small to matter, and one where a constant changes', () => {
    const flat = (level: number) => samplesOf('netin', 0, 1800, Array(100).fill(level));
    const hour = (level: number) => samplesOf('netin', 600_000, 60, Array(60).fill(level));
    expect(judge(hour(1010), flat(1000), 3.5).judged).toMatchObject([{ anomaly: false }]);
    expect(judge(hour(2000), flat(1000), 3.5).judged).toMatchObject([{ anomaly: true }]);
  });

  it('are not looked for with too few values', () => {
    expect(judge([], week, 3.5)).toMatchObject({ judged: [], unjudged: [{ series: 'cpu' }] });
    const short = judge(samplesOf('cpu', 600_000, 60, Array(60).fill(0.9)), week.slice(0, 10), 3.5);
    expect(short).toMatchObject({ judged: [], unjudged: [{ reason: 'not enough data: 60 values now, 10 before' }] });
  });

  it('do not compare the last hour with itself', () => {
    const hour = samplesOf('cpu', 300 * 1800 - 3600, 60, Array(60).fill(0.9));
    expect(judge(hour, week, 3.5).judged[0]?.usual_samples).toBe(298);
  });
});
