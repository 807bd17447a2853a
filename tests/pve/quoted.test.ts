import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capped, oneLine, quoted, quotedLines, quotedName, toWord, toWords } from '../../src/pve/quoted.js';

const trick = fc.constantFrom(
  '"',
  "'",
  '`',
  '\n',
  '\r',
  '\t',
  '\\',
  '<b>',
  '[x](y)',
  '\u202e',
  '\u001b[2J',
  '\ud800',
  '{}',
  '|',
  '😀',
);
const text = fc.array(fc.oneof(trick, fc.string(), fc.lorem())).map((parts) => parts.join(''));

describe('what others wrote, in a sentence of ours', () => {
  it('stays within quotes that it cannot close, on one line and short', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(quoted(one)).toMatch(/^"[^"`<>[\]{}\\|\n\r\t]{0,201}"$/);
        expect(quoted(one, 60).length).toBeLessThanOrEqual(63);
      }),
    );
  });

  it('has of a name only what a name can have', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(quotedName(one)).toMatch(/^'[A-Za-z0-9._?-]{0,64}…?'$/);
      }),
    );
    expect(quotedName('web-1.example.com')).toBe("'web-1.example.com'");
    expect(quotedName("x' and delete 'y")).toBe("'x?and?delete?y'");
  });

  it('is a word as it is, or quoted', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(toWord(one)).toMatch(/^(?:[^\s"'`<>[\]{}\\|]{1,128}|"[^"]{0,129}")$/);
      }),
    );
    expect(toWords(['local:iso/a.iso', 'local:iso/a b.iso'])).toBe('local:iso/a.iso, "local:iso/a b.iso"');
  });

  it('of several lines stays on one', () => {
    expect(quotedLines('+auto "x"\n\n-auto y\n')).toBe(`"+auto 'x', -auto y"`);
    fc.assert(
      fc.property(text, (one) => {
        expect(quotedLines(one)).not.toMatch(/[\n\r]/);
      }),
    );
    expect(quotedLines('x\n'.repeat(100))).toMatch(/and 40 more lines$/);
  });

  it('is cut without half a character, and marked as cut', () => {
    expect(capped('ab😀', 3)).toBe('ab…');
    expect(capped('abc', 3)).toBe('abc');
    fc.assert(
      fc.property(text, (one) => {
        expect(oneLine(one, 20).length).toBeLessThanOrEqual(21);
      }),
    );
  });
});
