import type { PlainAnswer } from '../client/outcome.js';

const body = ['items', 'clusters', 'result'] as const;

/** An answer whose long strings and lists are cut shorter and shorter until the whole fits; it says that they are. */
export function shorten(answer: PlainAnswer, mostCharacters: number): PlainAnswer {
  const cut = `long strings and lists are shortened, to stay under ${mostCharacters} characters`;
  for (let most = 2000; most > 1; most = Math.floor(most / 2)) {
    const shorter = { ...answer, ...Object.fromEntries(body.flatMap((key) => shortenedBody(key, answer, most))), cut };
    if (JSON.stringify(shorter).length <= mostCharacters) return shorter;
  }
  return { cluster: answer.cluster, via: answer.via, cut: 'the answer is too large to be shown' };
}

/** An answer that no schema describes, shortened wherever it is long. */
export function shortenFacts(answer: Readonly<Record<string, unknown>>, mostCharacters: number): unknown {
  if (JSON.stringify(answer).length <= mostCharacters) return answer;
  for (let most = 2000; most > 1; most = Math.floor(most / 2)) {
    const shorter = shortened(answer, most);
    if (JSON.stringify(shorter).length <= mostCharacters) return shorter;
  }
  return { cut: 'the answer is too large to be shown' };
}

/** The lists that the output schema promises hold objects alone, so what they lost is told by their length beside it. */
function shortenedBody(key: (typeof body)[number], answer: PlainAnswer, most: number): [string, unknown][] {
  const value = answer[key];
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [[key, shortened(value, most)]];
  const kept = value.slice(0, most).map((part) => shortened(part, most));
  return kept.length < value.length
    ? [
        [key, kept],
        [`${key}_in_all`, value.length],
      ]
    : [[key, kept]];
}

function shortened(value: unknown, most: number): unknown {
  if (typeof value === 'string')
    return value.length > most ? `${value.slice(0, most)}... (${value.length} characters)` : value;
  if (Array.isArray(value)) {
    const items = value.slice(0, most).map((item) => shortened(item, most));
    return value.length > most ? [...items, `... (${value.length} in all)`] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shortened(part, most)]));
}
