import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareFields,
  compareItems,
  type Difference,
  type Items,
  type Value,
} from '../../src/tools/federation/difference.js';

const word = fc.constantFrom('a', 'b', 'c', 'dd', '', 'constructor');
const value: fc.Arbitrary<Value | undefined> = fc.oneof(
  word,
  fc.array(word, { maxLength: 4 }),
  fc.array(word, { maxLength: 5 }).map((inOrder) => ({ inOrder })),
  fc.constant(undefined),
);
const fields = fc.dictionary(fc.constantFrom('k', 'l', 'm'), value, { maxKeys: 3 });
const items: fc.Arbitrary<Items> = fc
  .array(fc.tuple(fc.constantFrom('one', 'two', 'three', 'four'), fields), { maxLength: 5 })
  .map((entries) => new Map(entries));

const mirrored = ({ source, target, only, ...rest }: Difference) => ({
  ...rest,
  ...(only === undefined ? { source: target, target: source } : { only: only === 'source' ? 'target' : 'source' }),
});

describe('what two sides do not have in common', () => {
  it('is nothing for a side and itself', () => {
    fc.assert(
      fc.property(items, (side) => {
        expect(compareItems(side, side)).toEqual({ differences: [], equal: side.size });
      }),
    );
  });

  it('is told of a secret, and the secret is not', () => {
    const [one, other] = [{ 'client-key': 'one-secret', comment: 'a' }, { 'client-key': 'another' }];
    expect(compareFields(one, other)).toEqual([
      { key: 'client-key', source: '[not shown]', target: '[not shown]' },
      { key: 'comment', source: 'a', target: undefined },
    ]);
    expect(compareFields(one, one)).toEqual([]);
  });

  it('is mirrored when the sides are', () => {
    fc.assert(
      fc.property(items, items, (one, other) => {
        const there = compareItems(one, other);
        const back = compareItems(other, one);
        expect(back.differences).toEqual(there.differences.map(mirrored));
        expect(back.equal).toBe(there.equal);
      }),
    );
  });

  it('has each thing once: it is equal, or has differences', () => {
    fc.assert(
      fc.property(items, items, (one, other) => {
        const { differences, equal } = compareItems(one, other);
        const names = new Set(differences.map(({ name }) => name));
        expect(names.size + equal).toBe(new Set([...one.keys(), ...other.keys()]).size);
        const keys = differences.map(({ name, key }) => `${name} ${key}`);
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).toEqual([...keys].sort());
      }),
    );
  });

  it('does not mind the order of a set, nor how often a part is named', () => {
    fc.assert(
      fc.property(fc.array(word), (parts) => {
        expect(compareFields({ k: parts }, { k: [...parts, ...parts].reverse() })).toEqual([]);
      }),
    );
  });

  it('minds the order of a list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 2 }), (parts) => {
        const turned = parts.toReversed();
        expect(compareFields({ k: { inOrder: parts } }, { k: { inOrder: turned } })).toEqual([
          { key: 'k order', source: parts, target: turned },
        ]);
      }),
    );
  });

  it('shows of a set what the other side lacks, and both texts', () => {
    expect(compareFields({ k: ['b', 'a'], l: 'x' }, { k: ['a', 'c'], l: 'y' })).toEqual([
      { key: 'k', source: ['b'], target: ['c'] },
      { key: 'l', source: 'x', target: 'y' },
    ]);
    const rules = { inOrder: ['web', 'ssh', 'web'] };
    expect(compareFields({ k: rules }, { k: { inOrder: ['web', 'ping', 'ssh'] } })).toEqual([
      { key: 'k', source: ['web'], target: ['ping'] },
    ]);
  });
});
