import { z } from 'zod';
import { splitList } from '../../pve/storage.js';
import { defineTool } from '../define.js';
import { seenGuests } from '../guests/seen-guests.js';
import { Refused } from '../refused.js';
import type { ClusterView } from '../scope.js';
import { type Bill, billOf, cutRows, type FullPrices, priceOfDisk, rowsBy, sumOf } from './bill.js';
import { costRow, inMoney, shownPrices, shownRow } from './cost-row.js';
import { type GuestUse, readUses, type Uses, useCalls } from './guest-use.js';

const list = z.array(z.string()).optional();

const output = z.object({
  by: z.string(),
  /** As configured; what they are for stands in each. */
  prices: z.object({ vcpu: z.string(), memory_gib: z.string(), disk_gib: z.record(z.string(), z.string()) }),
  total: costRow,
  rows: z.array(costRow),
  /** Guests that are off, whose disks are in the total, and what switching them on would add. */
  off: z.object({ guests: z.number(), disk_cost: z.string(), when_on: z.string() }),
  /** Whether the figures hold everything. */
  complete: z.boolean(),
  unread: list,
  unknown: list,
  unpriced: list,
  unmeasured: list,
});

const defaultRows = 20;
/** Of a list of what is missing. */
const mostNamed = 20;

type By = 'cluster' | 'pool' | 'tag' | 'guest';

export default [
  defineTool({
    name: 'proxmox-cost-report',
    title: 'Cost report',
    description: 'What guests cost in a month by the configured prices; what is off is told apart.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'federation',
    input: {
      by: z.enum(['cluster', 'pool', 'tag', 'guest']).optional().describe('Default cluster'),
      measured: z.boolean().optional().describe('Also by use'),
      timeframe: z.enum(['hour', 'day', 'week', 'month', 'year']).optional().describe('Of use; default week'),
      top: z.int().min(1).max(200).optional().describe('Rows; default 20'),
    },
    output,
    calls: useCalls,
    // The storages are asked for the sizes of unused disks.
    privileges: ['VM.Audit on /vms', 'Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: async ({ target, input, call, note, progress }) => {
      const prices = pricesOf(target.cluster);
      const { by = 'cluster', timeframe = 'week', top = defaultRows } = input;
      const frame = input.measured ? timeframe : undefined;
      const seen = await call.resources({});
      const uses = await readUses(await seenGuests(async () => seen), call, frame, progress);
      const bills = uses.guests.map(({ guest, use }) => ({
        keys: keysOf(by, guest, target.cluster.info.name),
        bill: billOf(use, prices),
      }));
      const total = sumOf(bills.map(({ bill }) => bill));
      if (total.guests === 0) note('No guest was counted, as far as the token may see (VM.Audit on /vms).');
      const missing = missingOf(uses, total, prices);
      for (const remark of remarksOf(prices, frame, missing)) note(remark);
      for (const remark of strayPrices(prices, seen.data.storages)) note(remark);
      if (bills.some(({ keys }) => keys.length > 1))
        note('A guest with several tags counts in the row of each: rows add up to more than the total.');
      const money = inMoney(prices.currency);
      const shown = (row: string, bill: Bill) => shownRow(row, bill, prices, frame !== undefined);
      return {
        by,
        prices: shownPrices(prices),
        total: shown('total', total),
        rows: cutRows(rowsBy(bills), top).map(({ row, bill }) => shown(row, bill)),
        off: { guests: total.off.guests, disk_cost: money(total.off.disk), when_on: `+${money(total.off.whenOn)}` },
        complete: Object.values(missing).every((one) => one === undefined),
        ...missing,
      };
    },
  }),
];

/** @throws {Refused} naming the variables that are not set */
function pricesOf({ info: { prices }, missingPrices }: ClusterView): FullPrices {
  const { per, vcpu, memoryGib, diskGib, currency, wrong = [] } = prices ?? {};
  if (wrong.length > 0)
    throw new Refused(
      'prices of this cluster are not right, so that no cost can be told',
      `Tell the user to correct them: ${wrong.join('; ')}.`,
    );
  if (!per || vcpu === undefined || memoryGib === undefined || !diskGib || currency === undefined)
    throw new Refused(
      'this cluster has no full set of prices, so that no cost can be told',
      `Tell the user to set ${missingPrices.join(', ')}.`,
    );
  return { per, vcpu, memoryGib, diskGib, currency };
}

/** Neither a pool nor a tag can be called so. */
const none = '(none)';

function keysOf(by: By, guest: GuestUse['guest'], cluster: string): readonly string[] {
  if (by === 'cluster') return [cluster];
  if (by === 'guest') return [guest.name === undefined ? String(guest.vmid) : `${guest.vmid} ${guest.name}`];
  if (by === 'pool') return [guest.pool || none];
  const tags = [...new Set(splitList(guest.tags))];
  return tags.length === 0 ? [none] : tags;
}

const named = (what: readonly string[]) =>
  what.length > mostNamed ? [...what.slice(0, mostNamed), `and ${what.length - mostNamed} more`] : [...what];

const orAbsent = (what: readonly string[]) => (what.length === 0 ? undefined : named(what));

function missingOf({ unread, unknown, unmeasured }: Uses, total: Bill, prices: FullPrices) {
  const unpriced = [...total.disks.keys()].filter((storage) => priceOfDisk(prices, storage) === undefined).sort();
  return {
    unread: orAbsent(unread),
    unknown: orAbsent(unknown),
    unpriced: orAbsent(unpriced),
    unmeasured: orAbsent(unmeasured),
  };
}

/** A price under a name that is misspelt would else be missed by nobody. */
function strayPrices({ diskGib }: FullPrices, storages: readonly { readonly storage: string }[]): string[] {
  const known = [...new Set(storages.map(({ storage }) => storage))].sort();
  const stray = [...diskGib.keys()].filter((name) => name !== '*' && !known.includes(name));
  if (stray.length === 0) return [];
  return [
    `Prices that fit no storage which the token sees: ${stray.join(', ')}; there are ${known.join(', ') || 'none'}.`,
  ];
}

function remarksOf(
  { per }: FullPrices,
  frame: string | undefined,
  { unread, unknown, unpriced, unmeasured }: ReturnType<typeof missingOf>,
): string[] {
  const lacking = [
    ...(unread ? ['guests that could not be read (unread)'] : []),
    ...(unknown ? ['what is not known of some (unknown)'] : []),
    ...(unpriced ? ['disks on storages without a price (unpriced)'] : []),
  ];
  return [
    'A guest that is on costs its vCPUs (sockets x cores or vcpus, at most cpulimit), memory and disks; one that is off and a template cost their disks alone.',
    'Disks cost their configured size, unused ones too; snapshots, backups, ISO images and disks passed through are not counted.',
    ...(per === 'hour' ? ['The prices are of an hour; a month counts 730 hours.'] : []),
    ...(frame === undefined
      ? []
      : [`measured: average vCPUs and memory in use over the last ${frame}, off as 0; disks as configured.`]),
    ...(lacking.length > 0 ? [`The totals are incomplete; not in them: ${lacking.join(', ')}.`] : []),
    ...(unmeasured
      ? ['The measured totals are incomplete: of some guests only the disks are in them (unmeasured).']
      : []),
  ];
}
