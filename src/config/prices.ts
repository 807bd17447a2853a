import type { Prices } from './cluster-config.js';
import type { ClusterSource } from './cluster-source.js';
import { bad, type Checked, type FaultList, good, quote } from './faults.js';
import type { ClusterSuffix } from './variables.js';

/** What a cost cannot be told without. */
const needed = ['PRICE_VCPU', 'PRICE_MEMORY_GIB', 'PRICE_DISK_GIB', 'CURRENCY'] as const satisfies ClusterSuffix[];

/** The settings that these prices lack. */
export function lackingPrices(prices: Prices | undefined): readonly ClusterSuffix[] {
  const values = [prices?.vcpu, prices?.memoryGib, prices?.diskGib, prices?.currency];
  return needed.filter((_, index) => values[index] === undefined);
}

/** The prices of a cluster; `undefined` where none is set. Where they are not all there or one is wrong, that is warned about. */
export function readPrices(source: ClusterSource, faults: FaultList): Prices | undefined {
  const wrong: string[] = [];
  const read = <T>(suffix: ClusterSuffix, parse: (text: string) => Checked<T>) => {
    const setting = source.find(suffix);
    if (setting === undefined) return undefined;
    const checked = parse(setting.value);
    if (checked.ok) return checked.value;
    // What things cost is no reason to have no server.
    faults.warn(setting.variable, `${checked.problem}; until then this cluster has no prices`);
    wrong.push(`${setting.variable} ${checked.problem}`);
    return undefined;
  };
  const vcpu = read('PRICE_VCPU', parsePrice);
  const memoryGib = read('PRICE_MEMORY_GIB', parsePrice);
  const diskGib = read('PRICE_DISK_GIB', parseDiskPrices);
  const currency = read('CURRENCY', parseCurrency);
  const per = read('PRICE_PER', parsePer) ?? 'month';
  noteMissing(source, faults);
  const suffixes = [...needed, 'PRICE_PER'] as const;
  if (suffixes.every((suffix) => source.find(suffix) === undefined)) return undefined;
  if (wrong.length > 0) return { per, wrong };
  return {
    per,
    ...(vcpu === undefined ? {} : { vcpu }),
    ...(memoryGib === undefined ? {} : { memoryGib }),
    ...(diskGib === undefined ? {} : { diskGib }),
    ...(currency === undefined ? {} : { currency }),
  };
}

function noteMissing(source: ClusterSource, faults: FaultList): void {
  const [first] = ([...needed, 'PRICE_PER'] as const).flatMap((suffix) => source.find(suffix) ?? []);
  const missing = needed.filter((suffix) => source.find(suffix) === undefined).map((one) => source.variable(one));
  if (first === undefined || missing.length === 0) return;
  faults.warn(first.variable, `is set, and ${missing.join(', ')} not: without all of them no cost is told`);
}

const shape = 'write a number of at least 0, as 0.05';

function parsePrice(text: string): Checked<number> {
  return /^\d{1,9}(?:\.\d{1,9})?$/.test(text) ? good(Number(text)) : bad(`is ${quote(text)}: ${shape}`);
}

/** `0.05` for every storage, or `local-lvm:0.08,nfs:0.03,*:0.05`, where `*` is every other one. */
function parseDiskPrices(text: string): Checked<ReadonlyMap<string, number>> {
  if (!text.includes(':')) {
    const price = parsePrice(text);
    return price.ok ? good(new Map([['*', price.value]])) : bad(`${price.problem}, or local-lvm:0.08,*:0.05`);
  }
  const prices = new Map<string, number>();
  for (const part of text.split(',').map((one) => one.trim())) {
    const [, storage, written = ''] = /^(\*|[A-Za-z][\w.-]*)\s*:\s*(.*)$/.exec(part) ?? [];
    const price = parsePrice(written);
    if (storage === undefined || !price.ok)
      return bad(`has ${quote(part)}: write storage:price, as nfs:0.03 or *:0.05`);
    if (prices.has(storage)) return bad(`has ${quote(storage)} twice: keep one`);
    prices.set(storage, price.value);
  }
  return good(prices);
}

function parsePer(text: string): Checked<'hour' | 'month'> {
  const per = text.toLowerCase();
  return per === 'hour' || per === 'month' ? good(per) : bad(`is ${quote(text)}: write hour or month`);
}

function parseCurrency(text: string): Checked<string> {
  return /^[A-Z]{3}$/.test(text) ? good(text) : bad(`is ${quote(text)}: write the three capitals of ISO 4217, as EUR`);
}
