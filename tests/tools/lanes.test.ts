import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lanes } from '../../src/tools/bulk/lanes.js';

const lane = fc.constantFrom('a', 'b', 'c', 'd');

describe('lanes', () => {
  it('let every queue through once, and never more at a time than there is room', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uniqueArray(lane), { maxLength: 20 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        async (needs, most, workers) => {
          const lanes = new Lanes(needs, most);
          const busy = new Map<string, number>();
          const served: number[] = [];
          const drawn = lanes.entries(needs);
          const work = async () => {
            for await (const [index] of drawn) {
              served.push(index);
              for (const one of needs[index] ?? []) {
                busy.set(one, (busy.get(one) ?? 0) + 1);
                expect(busy.get(one)).toBeLessThanOrEqual(most);
              }
              await Promise.resolve();
              for (const one of needs[index] ?? []) busy.set(one, (busy.get(one) ?? 0) - 1);
              lanes.leave(index);
            }
          };
          await Promise.all(Array.from({ length: workers }, work));
          expect(served.sort((a, b) => a - b)).toEqual(needs.map((_, index) => index));
        },
      ),
    );
  });
});
