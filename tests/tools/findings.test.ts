import { describe, expect, it } from 'vitest';
import { findingsOf } from '../../src/tools/metrics/findings.js';

describe('findings', () => {
  const one = (name: string, level: number, more = {}) => ({
    name,
    samples: 50,
    mean: level,
    p50: level,
    p95: level,
    max: level,
    last: level,
    ...more,
  });

  it('name what is full, what fills up and what idles', () => {
    const growing = one('used', 80, { trend: { perDay: 2, r2: 0.9 } });
    expect(findingsOf([growing, one('total', 100)])).toEqual([
      'the storage grows: at this trend it is full in 10 days',
    ]);
    expect(findingsOf([one('mem', 95), one('maxmem', 100)])).toEqual(['memory is short: p95 is 95 % of its size']);
    expect(findingsOf([one('cpu', 0.01)])).toEqual([expect.stringContaining('cpu idles')]);
    expect(findingsOf([one('cpu', 0.01, { samples: 5 })])).toEqual([]);
  });
});
