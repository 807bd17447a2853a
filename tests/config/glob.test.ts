import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitsGlob } from '../../src/config/glob.js';

describe('a glob', () => {
  it('fits what the regular expression of it does', () => {
    const short = fc.stringMatching(/^[abA]{0,8}$/);
    const pattern = fc.stringMatching(/^[abA*]{0,8}$/);
    fc.assert(
      fc.property(pattern, short, (glob, text) => {
        const regex = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 'i');
        expect(fitsGlob(glob, text)).toBe(regex.test(text));
      }),
      { numRuns: 5000 },
    );
  });

  it('answers at once where a regular expression would try for ever', () => {
    expect(fitsGlob(`${'*a'.repeat(120)}!`, 'a'.repeat(250))).toBe(false);
    expect(fitsGlob(`${'*a'.repeat(120)}*`, 'a'.repeat(250))).toBe(true);
  });

  it('takes every other sign as itself', () => {
    expect(fitsGlob('w.b-(1)+*', 'w.b-(1)+x')).toBe(true);
    expect(fitsGlob('w.b', 'web')).toBe(false);
  });
});
