import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviseCores, adviseMemory } from '../../src/tools/metrics/sizing.js';
import { quantile } from '../../src/tools/metrics/statistics.js';

describe('sizes', () => {
  const share = fc.double({ noNaN: true, min: 0, max: 1 });
  const measured = (size: number, shares: readonly number[]) => {
    const used = shares.map((one) => one * size);
    return { averages: used, peaks: used, moments: used.length, size };
  };
  const shares = fc.array(share, { minLength: 24, maxLength: 200 });

  it('never fall below what was used, and stay where nothing is to be won', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), shares, (cores, given) => {
        const advice = adviseCores(measured(cores, given));
        expect(advice.recommended).toBeGreaterThanOrEqual(1);
        expect(advice.recommended).toBeGreaterThanOrEqual((quantile(given, 0.95) ?? 0) * cores * 0.99);
        if (advice.action === 'shrink') expect(advice.recommended).toBeLessThanOrEqual(cores / 2);
        if (advice.action === 'keep') expect(advice.recommended).toBe(cores);
        if (advice.action === 'grow') expect(advice.recommended).toBeGreaterThan(cores);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 128, max: 1_000_000 }), shares, (mib, given) => {
        const advice = adviseMemory(measured(mib, given), 128);
        expect(advice.recommended).toBeGreaterThanOrEqual(Math.max(...given) * mib);
        if (advice.action === 'shrink') expect(advice.recommended).toBeLessThan(mib);
        if (advice.action === 'grow') expect(advice.recommended).toBeGreaterThan(mib);
      }),
    );
  });

  it('are not advised from too few values, or for half of the time', () => {
    expect(adviseCores(measured(4, Array(23).fill(0.01)))).toMatchObject({ action: 'unknown', recommended: 4 });
    const half = { ...measured(4, Array(30).fill(0.01)), moments: 100 };
    expect(adviseCores(half)).toMatchObject({ action: 'unknown', reason: expect.stringContaining('30 of 100') });
  });
});
