import type { PlainAnswer } from '../client/outcome.js';

const body = ['items', 'clusters', 'result', 'plan', 'notes'] as const;

/** What tells one thing from another: half of it would name something else, or nothing. */
const identities: ReadonlySet<string> = new Set([
  'cluster',
  'target_cluster',
  'answered_by',
  'name',
  'vmid',
  'node',
  'storage',
  'upid',
  'code',
]);
/** No name or UPID is longer. */
const longestIdentity = 512;

/** How much is left: plain values of a list, objects of one, and characters of a text. */
interface Most {
  readonly values: number;
  readonly objects: number;
  readonly characters: number;
}

/** Long lists of plain values go first, such as privileges and lines, then lists of objects, and only then text. */
const steps: readonly Most[] = [
  ...[2000, 1000, 500, 250, 125, 62, 31, 15, 8, 4].map((values) => ({
    values,
    objects: values * 8,
    characters: 2000,
  })),
  ...[1000, 500, 250, 125, 62, 31].map((characters) => ({ values: 3, objects: 8, characters })),
  ...[4, 2, 1].map((objects) => ({ values: 1, objects, characters: 31 })),
];

const tightest = { values: 1, objects: 1, characters: 31 };

/** An answer whose long strings and lists are cut shorter and shorter until the whole fits; it says that they are. */
export function shorten(answer: PlainAnswer, mostCharacters: number): PlainAnswer {
  const cut = `long strings and lists are shortened, to stay under ${mostCharacters} characters`;
  const fits = (one: object) => lengthOf(one) <= mostCharacters;
  const bodyOf = (rows: number, most: Most) =>
    Object.fromEntries(body.flatMap((key) => shortenedBody(key, answer, rows, most)));
  for (const most of steps) {
    const shorter = { ...answer, ...bodyOf(Number.POSITIVE_INFINITY, most), cut };
    if (fits(shorter)) return shorter;
  }
  if (Array.isArray(answer.clusters)) {
    const least = {
      ...answer,
      clusters: answer.clusters.map((entry) => outlined(entry)),
      cut: `${cut}; name fewer clusters to see all`,
    };
    if (fits(least)) return least;
  }
  for (let rows = 2000; rows >= 1; rows = Math.floor(rows / 2)) {
    const shorter = { ...answer, ...bodyOf(rows, tightest), cut };
    if (fits(shorter)) return shorter;
  }
  return { cluster: answer.cluster, via: answer.via, cut: 'the answer is too large to be shown' };
}

/** An answer that no schema describes, shortened wherever it is long. */
export function shortenFacts(answer: Readonly<Record<string, unknown>>, mostCharacters: number): unknown {
  if (lengthOf(answer) <= mostCharacters) return answer;
  for (const most of steps) {
    const shorter = shortened(answer, most);
    if (lengthOf(shorter) <= mostCharacters) return shorter;
  }
  return { cut: 'the answer is too large to be shown' };
}

/** A cluster's entry with the plain facts of its result, and of what is inside them only what tells it from others. */
function outlined(value: unknown, depth = 0): unknown {
  if (Array.isArray(value))
    return value.filter((part) => typeof part === 'object').flatMap((part) => present(outlined(part, depth)));
  if (typeof value !== 'object' || value === null) return shortened(value, tightest);
  const parts = Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
    if (typeof part !== 'object' || part === null)
      return depth < 2 || identities.has(key) ? [[key, shortened(part, tightest, key)]] : [];
    return present(outlined(part, depth + 1)).map((inside) => [key, inside]);
  });
  return Object.fromEntries(parts);
}

/** None for what is empty. */
const present = (value: unknown) => (lengthOf(value) > 2 ? [value] : []);

const lengthOf = (value: unknown) => JSON.stringify(value).length;

/** The lists that the output schema promises hold objects alone, so what they lost is told by their length beside it. */
function shortenedBody(key: (typeof body)[number], answer: PlainAnswer, rows: number, most: Most): [string, unknown][] {
  const value = answer[key];
  if (value === undefined) return [];
  if (!Array.isArray(value) || key === 'notes') return [[key, shortened(value, most)]];
  const kept = value.slice(0, rows).map((part) => shortened(part, most));
  return kept.length < value.length
    ? [
        [key, kept],
        [`${key}_in_all`, value.length],
      ]
    : [[key, kept]];
}

/** The value with long texts and lists in it cut; never longer than it was. */
function shortened(value: unknown, most: Most, key?: string): unknown {
  if (typeof value === 'string') return shortText(value, most, key);
  if (Array.isArray(value)) return shortList(value, most);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shortened(part, most, name)]));
}

function shortText(text: string, { characters }: Most, key: string | undefined): string {
  if (key !== undefined && identities.has(key) && text.length <= longestIdentity) return text;
  return shorter(text, `${text.slice(0, characters)}... (${text.length} characters)`);
}

function shortList(list: readonly unknown[], most: Most): unknown {
  const parts = list.map((part) => shortened(part, most));
  const kept = parts.some((part) => typeof part === 'object' && part !== null) ? most.objects : most.values;
  return kept < parts.length ? shorter(parts, [...parts.slice(0, kept), `... (${parts.length} in all)`]) : parts;
}

/** A remark about what was left out may be longer than that. */
const shorter = <T, U>(whole: T, cut: U): T | U => (lengthOf(cut) < lengthOf(whole) ? cut : whole);
