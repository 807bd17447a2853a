import { describeError, type TokenIdOf } from '../client/describe-error.js';
import type { Outcome } from '../client/outcome.js';
import { toAnswer } from '../client/outcome.js';
import { cleanText } from './clean-text.js';
import { mapStrings } from './map-strings.js';

/** The most that one answer may hold; clients cut or file away what is longer. */
export const mostCharacters = 25_000;

/** What the model gets. */
export interface ToolAnswer {
  readonly structured: Record<string, unknown> | undefined;
  readonly text: string;
  readonly isError: boolean;
}

/** An error as an answer: text alone, as the output schema does not hold for it. */
export function errorAnswer(error: unknown, tokenIdOf?: TokenIdOf): ToolAnswer {
  const text = JSON.stringify({ error: mapStrings(describeError(error, tokenIdOf), cleanText) });
  return { structured: undefined, text: withinLimit(text), isError: true };
}

/** An outcome as an answer that keeps within {@link mostCharacters}; rows that do not fit are left to the next page. */
export function outcomeAnswer(outcome: Outcome, tokenIdOf: TokenIdOf): ToolAnswer {
  const isError = outcome.entries.length > 0 && outcome.entries.every((entry) => 'error' in entry);
  const whole = plain(outcome, outcome.limit, tokenIdOf);
  const text = JSON.stringify(whole);
  if (text.length <= mostCharacters) return { structured: whole, text, isError };
  const cut = cutToFit(outcome, tokenIdOf);
  return { structured: cut, text: JSON.stringify(cut), isError };
}

function plain(outcome: Outcome, limit: number, tokenIdOf: TokenIdOf): Record<string, unknown> {
  const answer = toAnswer(outcome, limit);
  const { clusters } = answer;
  const described = Array.isArray(clusters)
    ? { ...answer, clusters: clusters.map((entry) => ('error' in entry ? withText(entry, tokenIdOf) : entry)) }
    : answer;
  return mapStrings(described, cleanText);
}

const withText = (entry: { readonly error: unknown }, tokenIdOf: TokenIdOf) => ({
  ...entry,
  error: describeError(entry.error, tokenIdOf),
});

/** The most rows that fit, found by halving; where even one does not, what is long is cut. */
function cutToFit(outcome: Outcome, tokenIdOf: TokenIdOf): Record<string, unknown> {
  const noted = (rows: number) => ({
    ...plain(outcome, rows, tokenIdOf),
    cut: `to ${rows} rows, to stay under ${mostCharacters} characters; go on with next_cursor, or ask for fewer fields`,
  });
  let fits = 0;
  let fails = outcome.limit;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (JSON.stringify(noted(middle)).length <= mostCharacters) fits = middle;
    else fails = middle;
  }
  if (fits > 0) return noted(fits);
  return shorten(plain(outcome, 1, tokenIdOf));
}

/** Strings and lists inside an answer, cut shorter and shorter until the whole fits. */
function shorten(answer: Record<string, unknown>): Record<string, unknown> {
  const note = `long strings and lists are shortened, to stay under ${mostCharacters} characters`;
  for (let most = 2000; most > 1; most = Math.floor(most / 2)) {
    const cut = { ...Object(shortened(answer, most)), cut: note };
    if (JSON.stringify(cut).length <= mostCharacters) return cut;
  }
  return { cluster: answer.cluster, via: answer.via, cut: 'the answer is too large to be shown' };
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

const withinLimit = (text: string) =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 20)}... (cut)`;
