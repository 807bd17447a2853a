import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shorten, shortenFacts } from '../../src/server/shorten.js';

const identity = fc.constantFrom('cluster', 'name', 'node', 'upid', 'code');
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, fc.string({ maxLength: 300 }), fc.integer(), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 20 }),
  object: fc.dictionary(fc.oneof(identity, fc.string({ maxLength: 12 })), tie('value'), { maxKeys: 8 }),
}));
const entry = fc.record({ cluster: fc.string({ minLength: 1, maxLength: 40 }), result: value });
const answer = fc.record({ clusters: fc.array(entry, { minLength: 1, maxLength: 30 }) });

const lengthOf = (one: unknown) => JSON.stringify(one).length;

/** Each string that stands under a key that tells things apart, with its key. */
function identities(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(identities);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, one]) =>
    typeof one === 'string' && ['cluster', 'name', 'node', 'upid', 'code'].includes(key)
      ? [`${key}=${one}`]
      : identities(one),
  );
}

describe('a shortened answer', () => {
  it('is never longer than it was nor than it may be, and cuts no name', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 300, max: 5000 }), (body, most) => {
        const whole = { cluster: 'all', via: 'all' as const, ...body };
        fc.pre(lengthOf(whole) > most);
        const short = shorten(whole, most);
        expect(lengthOf(short)).toBeLessThanOrEqual(most);
        const before = new Set(identities(whole));
        expect(identities(short).filter((one) => !before.has(one))).toEqual([]);
        const facts = shortenFacts(whole, most);
        expect(lengthOf(facts)).toBeLessThanOrEqual(most);
        expect(identities(facts).filter((one) => !before.has(one))).toEqual([]);
      }),
    );
  });

  it('loses long lists of plain values before any text', () => {
    const privileges = Array.from({ length: 40 }, (_, index) => `Privilege.Number${index}`);
    const message = 'A message that is to be read as a whole, though it is not short.';
    const clusters = Array.from({ length: 20 }, (_, index) => ({
      cluster: `production-${index}`,
      result: { message, privileges },
    }));
    const short = shorten({ cluster: 'all', via: 'all', clusters }, 8000);
    expect(short.clusters).toMatchObject(clusters.map(({ cluster }) => ({ cluster, result: { message } })));
  });

  it('says of a long text how long it was, and leaves a short one', () => {
    const result = { log: 'x'.repeat(30_000), state: 'running', product: 'production' };
    expect(shorten({ cluster: 'a', via: 'only', result }, 25_000)).toMatchObject({
      result: { log: expect.stringMatching(/x\.\.\. \(30000 characters\)$/), state: 'running', product: 'production' },
    });
  });
});
