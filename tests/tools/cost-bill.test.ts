import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bill, billOf, costOf, cutRows, type FullPrices, rowsBy, sumOf } from '../../src/tools/federation/bill.js';

const storage = fc.constantFrom('local-lvm', 'nfs', 'ceph');
const price = fc.nat(100_000).map((part) => part / 1000);

const prices: fc.Arbitrary<FullPrices> = fc.record({
  per: fc.constantFrom('hour', 'month'),
  vcpu: price,
  memoryGib: price,
  diskGib: fc.uniqueArray(fc.tuple(storage, price), { selector: ([one]) => one }).map((pairs) => new Map(pairs)),
  currency: fc.constant('EUR'),
});

const use = fc.record(
  {
    vcpus: fc.nat(64).map((halves) => halves / 2),
    memory: fc.nat(2 ** 40),
    disks: fc.array(fc.tuple(storage, fc.nat(2 ** 44))).map((pairs) => new Map(pairs)),
    state: fc.constantFrom('on', 'off', 'template'),
    measured: fc.record({
      cores: fc.double({ min: 0, max: 64, noNaN: true }),
      memory: fc.nat(2 ** 40),
      samples: fc.nat(99),
    }),
  },
  { requiredKeys: ['vcpus', 'memory', 'disks', 'state'] },
);

const tag = fc.constantFrom('prod', 'web', 'db', 'old');
const fleet = fc.tuple(prices, fc.array(fc.tuple(use, fc.array(tag), fc.option(tag)), { maxLength: 30 }));

const numbers = ({ disks, ...bill }: Bill) =>
  JSON.stringify([bill.guests, bill.cost, bill.off, bill.measured.guests, [...disks].sort()]);

describe('the sums of a cost report', () => {
  it('are the same for any grouping that has each guest once', () => {
    fc.assert(
      fc.property(fleet, ([cost, found]) => {
        const bills = found.map(([one]) => billOf(one, cost));
        const total = sumOf(bills);
        const groupings: readonly (readonly string[])[][] = [
          found.map(() => ['all']),
          found.map((_, index) => [String(index)]),
          found.map(([, , pool]) => [pool ?? '(none)']),
        ];
        for (const keys of groupings) {
          const rows = rowsBy(bills.map((bill, index) => ({ bill, keys: keys[index] ?? [] })));
          expect(numbers(sumOf(rows.map(({ bill }) => bill)))).toBe(numbers(total));
        }
      }),
    );
  });

  it('count a guest in the row of each of its tags, and once in each', () => {
    fc.assert(
      fc.property(fleet, ([cost, found]) => {
        const tagged = found.map(([one, tags]) => ({ bill: billOf(one, cost), keys: tags.map(String) }));
        const rows = rowsBy(tagged);
        for (const { row, bill } of rows) {
          const having = tagged.filter(({ keys }) => keys.includes(row));
          expect(bill.guests).toBe(having.length);
          expect(costOf(bill)).toBe(having.reduce((sum, one) => sum + costOf(one.bill), 0));
        }
        expect(rows.length).toBe(new Set(tagged.flatMap(({ keys }) => keys)).size);
      }),
    );
  });

  it('are kept when rows are cut, the dearest first', () => {
    fc.assert(
      fc.property(fleet, fc.integer({ min: 1, max: 10 }), ([cost, found], most) => {
        const rows = rowsBy(found.map(([one], index) => ({ bill: billOf(one, cost), keys: [String(index)] })));
        const cut = cutRows(rows, most);
        expect(cut.length).toBeLessThanOrEqual(most + 1);
        expect(numbers(sumOf(cut.map(({ bill }) => bill)))).toBe(numbers(sumOf(rows.map(({ bill }) => bill))));
        const costs = cut.slice(0, most).map(({ bill }) => costOf(bill));
        expect(costs).toEqual(costs.toSorted((a, b) => b - a));
      }),
    );
  });

  it('hold of what is off its disks alone', () => {
    fc.assert(
      fc.property(prices, use, (cost, one) => {
        const [on, off] = [billOf({ ...one, state: 'on' }, cost), billOf({ ...one, state: 'off' }, cost)];
        expect(costOf(off)).toBe(on.cost.disk);
        expect(off.off).toEqual({ guests: 1, disk: on.cost.disk, whenOn: on.cost.vcpu + on.cost.memory });
        expect(costOf(off) + off.off.whenOn).toBe(costOf(on));
        expect(costOf(billOf({ ...one, state: 'template' }, cost))).toBe(costOf(off));
      }),
    );
  });
});
