import { z } from 'zod';
import { type Bill, costOf, type FullPrices, gib, parts } from './bill.js';

/** Guests together: what is paid for, and what it costs. Money is text with its currency, `12.34 EUR/month`. */
export const costRow = z.object({
  row: z.string(),
  guests: z.number(),
  vcpus: z.number(),
  memory_gib: z.number(),
  /** By storage. */
  disk_gib: z.record(z.string(), z.number()),
  cost: z.string(),
  vcpu_cost: z.string(),
  memory_cost: z.string(),
  disk_cost: z.string(),
  /** Of `cost`, what guests cost that are off. */
  off_cost: z.string().optional(),
  measured: z
    .object({
      cost: z.string(),
      vcpus: z.number(),
      memory_gib: z.number(),
      /** Guests of which something was measured, and the fewest samples of any. */
      guests: z.number(),
      samples: z.number(),
    })
    .optional(),
});

/** Ten-thousandths in words. */
export const inMoney = (currency: string) => (amount: number) => `${decimals(amount / parts)} ${currency}/month`;

/** As money is written; the sums are made before it is rounded. */
const decimals = (value: number) => value.toFixed(2);

const short = (value: number) => Number(value.toFixed(4));

export function shownRow(row: string, bill: Bill, { currency }: FullPrices, withMeasured: boolean) {
  const { guests, vcpus, memory, disks, cost, off, measured } = bill;
  const money = inMoney(currency);
  return {
    row,
    guests,
    vcpus: short(vcpus),
    memory_gib: short(memory / gib),
    disk_gib: Object.fromEntries(
      [...disks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, n]) => [key, short(n / gib)]),
    ),
    cost: money(costOf(bill)),
    vcpu_cost: money(cost.vcpu),
    memory_cost: money(cost.memory),
    disk_cost: money(cost.disk),
    ...(off.guests > 0 ? { off_cost: money(off.disk) } : {}),
    ...(withMeasured
      ? {
          measured: {
            cost: money(measured.vcpuCost + measured.memoryCost + cost.disk),
            vcpus: short(measured.cores),
            memory_gib: short(measured.memory / gib),
            guests: measured.guests,
            samples: measured.guests === 0 ? 0 : measured.samples,
          },
        }
      : {}),
  };
}

export function shownPrices({ per, vcpu, memoryGib, diskGib, currency }: FullPrices) {
  const price = (value: number) => `${value} ${currency}/${per}`;
  return {
    vcpu: price(vcpu),
    memory_gib: price(memoryGib),
    disk_gib: Object.fromEntries([...diskGib].map(([storage, value]) => [storage, price(value)])),
  };
}
