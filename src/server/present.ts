import type { Entry, Outcome } from '../client/outcome.js';
import { cleanText, isPlainJson } from '../pve/clean-text.js';
import { capped, oneLine } from '../pve/quoted.js';
import type { ErrorText } from '../tools/error-text.js';

// What a cluster or a guest wrote is shown without what a reader cannot see, and no longer than anybody reads.

/** Characters of a text: of a row of a list, elsewhere, of what names a thing, of a sentence of ours. */
const longest = { inRow: 200, inDetail: 2000, identity: 512, sentence: 4000, key: 128 } as const;
/** What is asked for by itself: output, files, logs, notes. The tool that gives it has its own bounds below this. */
const longestBody = 23_000;

const bodies: ReadonlySet<string> = new Set([
  'stdout',
  'stderr',
  'content',
  'log',
  'line',
  't',
  'notes',
  'previous',
  'hosts',
  'inventory',
  'table',
  'dropped',
  'user',
  'network',
  'meta',
]);

/** Half of one would name something else, or nothing. */
const identities: ReadonlySet<string> = new Set([
  'upid',
  'volid',
  'archive',
  'file',
  'filename',
  'path',
  'request',
  'url',
  'subject',
]);

/** Text that may have lines, in a row too. */
const lined: ReadonlySet<string> = new Set(['description', 'comment']);

/** Written by us, and longer than a fact where they list things. */
const sentences: ReadonlySet<string> = new Set([
  'message',
  'next',
  'fix',
  'todo',
  'undo',
  'left',
  'summary',
  'refused',
  'why',
  'reason',
  'unchanged',
]);

type Place = 'inRow' | 'inDetail';

function presentText(text: string, key: string, place: Place): string {
  if (sentences.has(key)) return oneLine(text, longest.sentence);
  // Within a row too: a row of a log is its line.
  if (bodies.has(key) && (place === 'inDetail' || key === 'line' || key === 't' || key === 'log'))
    return capped(cleanText(text), place === 'inRow' ? longest.inDetail : longestBody);
  if (identities.has(key)) return oneLine(text, longest.identity);
  if (place === 'inRow' && !lined.has(key) && !bodies.has(key)) return oneLine(text, longest.inRow);
  return capped(cleanText(text), longest[place]);
}

/** A copy in which each text is fit to be shown where it stands. */
function present<T>(value: T, key: string, place: Place): T;
function present(value: unknown, key: string, place: Place): unknown {
  if (typeof value === 'string') return presentText(value, key, place);
  if (Array.isArray(value)) return value.map((part) => present(part, key, place));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [oneLine(name, longest.key), present(part, name, place)]),
  );
}

const presentNotes = (notes: readonly string[]) => notes.map((note) => oneLine(note, longest.sentence));

function presentEntry(entry: Entry<ErrorText>): Entry<ErrorText> {
  if ('error' in entry) return { ...entry, error: present(entry.error, '', 'inDetail') };
  const { body } = entry;
  if (body.kind === 'plan') return { ...entry, body: { ...body, plan: presentPlan(body.plan) } };
  if (body.kind === 'list') {
    const rows = body.rows.map((row) => present(row, '', 'inRow'));
    return { ...entry, body: { ...body, rows, notes: presentNotes(body.notes) } };
  }
  const { result, notes, ...more } = body;
  const said = notes === undefined ? {} : { notes: presentNotes(notes) };
  return { ...entry, body: { ...more, ...said, result: present(result, '', 'inDetail') } };
}

/** Its notes are ours. */
function presentPlan({ notes, ...plan }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const shown = present(plan, '', 'inDetail');
  if (notes === undefined) return shown;
  const { next, ...before } = shown;
  return { ...before, notes: present(notes, 'message', 'inDetail'), ...(next === undefined ? {} : { next }) };
}

/** What each cluster gave, fit to be shown. */
export const presentOutcome = (outcome: Outcome<ErrorText>): Outcome<ErrorText> => ({
  ...outcome,
  entries: outcome.entries.map(presentEntry),
});

export const presentError = (error: ErrorText): ErrorText => present(error, '', 'inDetail');

/** Whether the JSON of an answer surely holds nothing that would be presented otherwise; it is so of most. */
export const isPresentable = (json: string): boolean => isPlainJson(json) && !hasLong(json, longest.inRow);

/** Whether two quotes are further apart: in plain JSON each is the beginning or the end of a text. */
function hasLong(json: string, most: number): boolean {
  for (let at = json.indexOf('"'); at >= 0; ) {
    const next = json.indexOf('"', at + 1);
    if (next - at > most) return true;
    at = next;
  }
  return false;
}
