import { isFreeText, quotedText } from './question-text.js';

/** What a plan says beside its requests, in sentences of ours. */
export interface Said {
  readonly notes: readonly string[];
  /** Under the name of each. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** One line each; what is long makes the question too long, and is never cut. */
export const saidLines = ({ notes, facts }: Said): string[] => [
  ...[...new Set(notes)].map((note) => `Note: ${inQuestion(note)}`),
  ...factLines(facts),
];

/** What makes two say the same. Figures among the facts are of the moment: free memory, the time when a token expires. */
export const samenessOf = ({ notes, facts }: Said): string =>
  JSON.stringify([notes, factLines(facts).map((line) => line.replace(/\d+/g, '0'))]);

const factLines = (facts: Said['facts']) =>
  Object.entries(facts).flatMap(([name, value]) =>
    [value].flat().flatMap((one) => (isTable(one) ? [] : [`${labelOf(name)}: ${inQuestion(inWords(one))}`])),
  );

const labelOf = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;

/**
 * Words of others stand in our sentences within double quotes, which they cannot close: they are told by their length, and
 * so is a setting that is free text.
 */
const inQuestion = (text: string) =>
  quotedText(
    text
      .replace(/"([^"]*)(?:"|$)/g, (_, words: string) => sizeOf(words))
      .replace(/([\w-]+)=(\S*[^\s,])/g, (all, name: string, value: string) =>
        isFreeText(name) ? `${name}=${sizeOf(value)}` : all,
      )
      .replaceAll('…', '...'),
    Number.MAX_SAFE_INTEGER,
  );

const sizeOf = (text: string) => `(${text.length} characters)`;

/** Its rows say of each guest what stands in the requests. */
const isTable = (value: unknown) => typeof value === 'string' && value.includes('\n');

function inWords(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const parts = Object.entries(value).filter(([, part]) => part !== undefined);
  const { message, fix } = Object.fromEntries(parts);
  if (typeof message === 'string') return typeof fix === 'string' ? `${message}. ${fix}` : message;
  return parts.map(([name, part]) => `${name} ${inWords(part)}`).join(', ');
}
