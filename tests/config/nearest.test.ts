import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, isOneEditAway, nearest } from '../../src/config/nearest.js';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_'), maxLength: 8 });

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['staging', 'stagnig', 1],
    ['production', 'prodcution', 1],
    ['abc', 'abc', 0],
  ])('%s to %s is %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  it('is symmetric, and zero for equals alone', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

describe('isOneEditAway', () => {
  it('agrees with the distance', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(isOneEditAway(a, b)).toBe(editDistance(a, b) === 1);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('nearest', () => {
  const names = ['production', 'staging', 'disaster-recovery', 'dr'];

  it.each([
    ['prodution', 'production'],
    ['STAGING', 'staging'],
    ['stagin', 'staging'],
    ['disaster_recovery', 'disaster-recovery'],
    ['prod', 'production'],
    ['dx', 'dr'],
    ['production-eu', 'production'],
  ])('%s is meant to be %s', (text, meant) => {
    expect(nearest(text, names)).toBe(meant);
  });

  it.each(['', 'x', 'qa', 'testing-lab', 'p'.repeat(5000)])('says nothing of %s', (text) => {
    expect(nearest(text, names)).toBeUndefined();
  });

  it('prefers the closest, then the first', () => {
    expect(nearest('web3', ['web1', 'web2'])).toBe('web1');
    expect(nearest('stage-2', ['stage-31', 'stage-3'])).toBe('stage-3');
    expect(nearest('a', [])).toBeUndefined();
  });
});
