import { isSecretField } from '../../pve/secret-fields.js';

/** Things of which the order matters, such as the rules of a firewall. */
export interface Ordered {
  readonly inOrder: readonly string[];
}

/** A text; a set, whose order says nothing; or a list. */
export type Value = string | readonly string[] | Ordered;

/** What a thing is like; what is `undefined` is not there. */
export type Fields = Readonly<Record<string, Value | undefined>>;

/** Things by their names. */
export type Items = ReadonlyMap<string, Fields>;

export type Sides = 'source' | 'target';

/** What is not the same on both sides. */
export interface Difference {
  readonly name: string;
  /** Where the whole thing is on one side alone. */
  readonly only?: Sides;
  readonly key?: string;
  /** The text, masked where it is a secret; of a set or list what the other side lacks. */
  readonly source?: string | readonly string[] | undefined;
  readonly target?: string | readonly string[] | undefined;
}

export interface Comparison {
  /** By name, then by key. */
  readonly differences: readonly Difference[];
  /** How many things are the same on both sides. */
  readonly equal: number;
}

/** What two sides do not have in common. */
export function compareItems(source: Items, target: Items): Comparison {
  const names = [...new Set([...source.keys(), ...target.keys()])].sort();
  const found = names.map((name) => compareNamed(name, source.get(name), target.get(name)));
  return { differences: found.flat(), equal: found.filter((differences) => differences.length === 0).length };
}

function compareNamed(name: string, source: Fields | undefined, target: Fields | undefined): Difference[] {
  if (source === undefined) return [{ name, only: 'target' }];
  if (target === undefined) return [{ name, only: 'source' }];
  return compareFields(source, target).map((difference) => ({ name, ...difference }));
}

/** The fields in which two things differ, by key. */
export function compareFields(source: Fields, target: Fields): Omit<Difference, 'name'>[] {
  const keys = [...new Set([...Object.keys(source), ...Object.keys(target)])].sort();
  const found = keys.flatMap((key) => compareValues(key, source[key], target[key]));
  return found.map((one) => (one.key !== undefined && isSecretField(one.key) ? masked(one) : one));
}

/** Of a secret that there is one: plugins of a cluster may put fields into anything. */
const masked = (found: Omit<Difference, 'name'>) => ({
  ...found,
  source: hidden(found.source),
  target: hidden(found.target),
});

const hidden = (value: Difference['source']) => (isNothing(value) ? value : '[not shown]');

function compareValues(key: string, source: Value | undefined, target: Value | undefined): Omit<Difference, 'name'>[] {
  const [here, there] = [partsOf(source), partsOf(target)];
  if (here === undefined || there === undefined) {
    const [first, second] = [here ?? textOf(source), there ?? textOf(target)];
    const same = first === second || (isNothing(first) && isNothing(second));
    return same ? [] : [{ key, source: first, target: second }];
  }
  const [ofSource, ofTarget] = [split(here, there), split(there, here)];
  const lacking = { key, source: ofSource.rest, target: ofTarget.rest };
  const differences = lacking.source.length + lacking.target.length > 0 ? [lacking] : [];
  const turned = isOrdered(source) && isOrdered(target) && !sameList(ofSource.common, ofTarget.common);
  const order = { key: `${key} order`, source: ofSource.common, target: ofTarget.common };
  return turned ? [...differences, order] : differences;
}

const isOrdered = (value: Value | undefined) => typeof value === 'object' && 'inOrder' in value;

const textOf = (value: Value | undefined) => (typeof value === 'string' ? value : undefined);

/** The parts of a set, sorted and each once, or of a list; `undefined` for a text. */
function partsOf(value: Value | undefined): readonly string[] | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  return 'inOrder' in value ? value.inOrder : [...new Set(value)].sort();
}

/** An empty text, set or list says as much as none. */
const isNothing = (value: string | readonly string[] | undefined) => value === undefined || value.length === 0;

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, at) => one === b[at]);

/** Which parts others have too, each of which stands for one, and the rest. */
function split(parts: readonly string[], others: readonly string[]): { common: string[]; rest: string[] } {
  const left = new Map<string, number>();
  for (const one of others) left.set(one, (left.get(one) ?? 0) + 1);
  const [common, rest]: [string[], string[]] = [[], []];
  for (const one of parts) {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    (count > 0 ? common : rest).push(one);
  }
  return { common, rest };
}
