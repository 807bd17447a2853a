import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describe as describeValues,
  deviation,
  median,
  quantile,
  trend,
  usual,
} from '../../src/tools/metrics/statistics.js';

const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
const values = fc.array(value, { minLength: 1, maxLength: 100 });

describe('the statistics', () => {
  it('keep their order and stay among the values', () => {
    fc.assert(
      fc.property(values, (given) => {
        const told = describeValues(given);
        const [least, most] = [Math.min(...given), Math.max(...given)];
        expect(told?.samples).toBe(given.length);
        expect(told?.max).toBe(most);
        for (const one of [told?.mean, told?.p50, told?.p95]) {
          expect(one).toBeGreaterThanOrEqual(least);
          expect(one).toBeLessThanOrEqual(most);
        }
        expect(given).toContain(told?.p95);
        expect(quantile(given, 0.5)).toBeLessThanOrEqual(told?.p95 ?? -Infinity);
      }),
    );
  });

  it('have nothing to say of no values', () => {
    expect([describeValues([]), median([]), quantile([], 0.5), trend([]), usual([])]).toEqual(Array(5).fill(undefined));
    expect(trend([{ time: 5, value: 1 }])).toBeUndefined();
  });

  it('do not depend on the order of the values', () => {
    fc.assert(
      fc.property(values, (given) => {
        const turned = given.toReversed();
        expect(median(turned)).toBe(median(given));
        expect(usual(turned)?.median).toBe(usual(given)?.median);
        expect(quantile(turned, 0.95)).toBe(quantile(given, 0.95));
      }),
    );
  });

  it('find the slope of a line, through all gaps', () => {
    const slope = fc.integer({ min: -1000, max: 1000 });
    const days = fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(slope, slope, days, (perDay, start, given) => {
        const line = trend(given.map((day) => ({ time: 1_700_000_000 + day * 86_400, value: start + perDay * day })));
        expect(line?.perDay).toBeCloseTo(perDay, 3);
        if (perDay !== 0) expect(line?.r2).toBeCloseTo(1, 6);
      }),
    );
  });

  it('are not moved by fewer than half of the values, however far they are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), value, (count, far) => {
        const steady = Array.from({ length: 2 * count + 1 }, (_, at) => 10 + (at % 3));
        const told = usual([...steady, ...Array(Math.floor(count / 2)).fill(far)]);
        expect(told?.median).toBeGreaterThanOrEqual(10);
        expect(told?.median).toBeLessThanOrEqual(12);
      }),
    );
  });

  it('measure a deviation in spreads, and not at all where nothing varies', () => {
    expect(deviation(5, { samples: 9, median: 1, spread: 2 })).toBe(2);
    expect(usual([7, 7, 7])).toEqual({ samples: 3, median: 7, spread: 0 });
    expect(deviation(8, { samples: 3, median: 7, spread: 0 })).toBeUndefined();
    expect(usual([7, 7, 7, 9])?.spread).toBeGreaterThan(0);
  });
});
