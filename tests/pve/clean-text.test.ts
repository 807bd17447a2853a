import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, isPlainJson } from '../../src/pve/clean-text.js';

const unseen = [
  '\u0000',
  '\u0007',
  '\b',
  '\f',
  '\r',
  '\u001b',
  '\u007f',
  '\u0085',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\u{e0041}',
];
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(...unseen), fc.constantFrom('a', '\\', 'u', '"', 'é', '\t', '\n')),
});

describe('text that is cleaned', () => {
  it('keeps nothing that is not seen', () => {
    for (const character of unseen) expect(cleanText(`a${character}b`)).not.toContain(character);
  });

  it('is never taken for plain where cleaning would change it', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (one) => {
        if (isPlainJson(JSON.stringify({ [one]: one }))) expect(cleanText(one)).toBe(one);
      }),
    );
  });

  it('is taken for plain where it is', () => {
    expect(isPlainJson(JSON.stringify({ name: "web-1 (it's a test), [2]" }))).toBe(true);
  });
});
