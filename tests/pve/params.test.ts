import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeParams } from '../../src/pve/params.js';

describe('parameters on the wire', () => {
  it('sends booleans as 1 and 0', () => {
    expect(encodeParams({ full: true, onboot: false })).toBe('full=1&onboot=0');
  });

  it('repeats the key of a list, and sends nothing for an empty one', () => {
    expect(encodeParams({ command: ['ls', '-la'], none: [] })).toBe('command=ls&command=-la');
  });

  it('leaves out what is undefined and keeps what is empty', () => {
    expect(encodeParams({ tags: undefined, description: '' })).toBe('description=');
  });

  it('encodes what the server would split at: &, ;, =, +, % and spaces', () => {
    expect(encodeParams({ tags: 'a;b&c=d+e f%' })).toBe('tags=a%3Bb%26c%3Dd%2Be+f%25');
  });

  it('is read back by the server as it was meant', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string({ unit: 'binary' })),
      fc.constant(undefined),
    );
    const params = fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), value, { noNullPrototype: true });
    const wire = (one: string | number | boolean) => (one === true ? '1' : one === false ? '0' : `${one}`);
    fc.assert(
      fc.property(params, (given) => {
        const encoded = encodeParams(given);
        expect(encoded).not.toMatch(/[; \n]/);
        const expected = Object.entries(given).flatMap(([name, one]): [string, string][] =>
          one === undefined ? [] : Array.isArray(one) ? one.map((item) => [name, item]) : [[name, wire(one)]],
        );
        expect([...new URLSearchParams(encoded)]).toEqual(expected);
      }),
    );
  });
});
