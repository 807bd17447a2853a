import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameInQuestion, quotedText } from '../../src/client/question-text.js';

const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());

describe('the text of others in a question', () => {
  it('shows of a name what a DNS name may hold, and 64 characters at most', () => {
    fc.assert(
      fc.property(anything, (name) => {
        expect(nameInQuestion(name)).toMatch(/^`[A-Za-z0-9.?-]{0,64}`$/);
      }),
    );
    expect(nameInQuestion('web-1.example')).toBe('`web-1.example`');
    expect(nameInQuestion('a b\n`c`')).toBe('`a?b??c?`');
    expect(nameInQuestion('x'.repeat(65))).toBe(`\`${'x'.repeat(61)}...\``);
  });

  it('is one line between backticks, and no link', () => {
    fc.assert(
      fc.property(anything, (text) => {
        const quoted = quotedText(text);
        expect(quoted).toMatch(/^`[\x20-\x5f\x61-\x7e]{0,160}`$/);
        expect(quoted).not.toContain('://');
      }),
    );
    expect(quotedText('see https://evil.example `now`')).toBe("`see https: //evil.example 'now'`");
    const long = quotedText(`${'a'.repeat(500)} rm -rf /`);
    expect(long).toMatch(/^`a+\.\.\.\(509 characters\)\.\.\.a+ rm -rf \/`$/);
    expect(quotedText('caf\u00e9\u202e\n')).toBe('`caf\\u{e9}\\u{202e}\\u{a}`');
  });
});
