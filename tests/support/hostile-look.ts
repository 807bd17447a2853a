import type { ToolAnswer } from '../../src/server/answer.js';
import { marker } from './hostile-answers.js';

export type Seen = ToolAnswer;

export interface Fault {
  readonly what: string;
  readonly example: string;
}

/** Written down apart from the product's own list. */
const forbidden =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]|[\u{e0000}-\u{e0fff}]|\p{Cs}/u;

/** Here we speak. */
const ours = new Set([
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
  'not_seen',
  'cut',
  'progress',
  'next_cursor',
]);

/** Asked for by itself. */
const bodies = /^(?:stdout|stderr|content|log|notes|previous|hosts|inventory|dropped|user|network|meta|line|t)$/;
const longest = { row: 201, detail: 2001, identity: 513, sentence: 4001, body: 23_001, answer: 25_000, message: 200 };

const word = /^[A-Za-z0-9_.:/@!+=,;*%~#()?…-]{1,140}$/;

/** What is left of a sentence without what is properly quoted in it; names have their own quotes. */
function unquoted(sentence: string): string {
  return sentence.replace(/"[^"`<>[\]{}\\|]*"/g, '').replace(/'[A-Za-z0-9._?…-]{1,66}'/g, '');
}

export function faultsOfText(key: string, text: string): Fault[] {
  const faults: string[] = [];
  const hit = forbidden.exec(text);
  if (hit !== null) faults.push(`a forbidden character U+${hit[0].codePointAt(0)?.toString(16)} in '${key}'`);
  if (key === 'progress' && text.length > longest.message) faults.push('a message of progress is too long');
  if (!ours.has(key)) return faults.map((what) => ({ what, example: text.slice(0, 300) }));
  if (/[\n\r\t]/.test(text)) faults.push(`lines in '${key}'`);
  if (text.length > longest.sentence) faults.push(`'${key}' is too long`);
  const rest = unquoted(text);
  const strange = rest.split(/[\s'"]+/).find((part) => marker.test(part) && !word.test(part.replace(/[.,;:]$/, '')));
  if (strange !== undefined) faults.push(`planted text in '${key}' that is no word`);
  if (/ignore previous|evil\.example|<system>|delete VM 100|"confirm"/i.test(rest))
    faults.push(`planted text unquoted in '${key}'`);
  return faults.map((what) => ({ what, example: text.slice(0, 400) }));
}

/** A person's question has nothing of it but names, in which no blank is left, and single words. */
export function faultsOfQuestion(text: string): Fault[] {
  const named = text.replace(/'[A-Za-z0-9._?-]{1,67}'/g, '').replace(/`[A-Za-z0-9.?-]{1,64}`/g, '');
  const lines = named.split('\n').filter((line) => marker.test(line));
  return [
    ...(/[^\x20-\x7e\n]/.test(text) ? [{ what: 'a character that is not printable ASCII', example: text }] : []),
    ...(text.includes('://') ? [{ what: 'a link', example: text }] : []),
    ...lines.map((example) => ({ what: 'planted text', example })),
  ];
}

interface At {
  readonly key: string;
  readonly inRow: boolean;
  /** Of the answer itself, or of a plan. */
  readonly top: boolean;
}

function capOf({ key, inRow }: At): number {
  if (ours.has(key)) return longest.sentence;
  if (bodies.test(key) && (!inRow || key === 'line' || key === 't' || key === 'log')) return longest.body;
  if (/^(?:upid|volid|archive|file|filename|path|request|url|subject)$/.test(key)) return longest.identity;
  return inRow ? longest.row : longest.detail;
}

function faultsWithin(value: unknown, at: At): Fault[] {
  if (typeof value === 'string') {
    const faults = faultsOfText(at.key, value);
    if (value.length > capOf(at))
      faults.push({ what: `'${at.key}' is longer than it may be`, example: value.slice(0, 200) });
    return faults;
  }
  if (Array.isArray(value)) {
    // Our remarks; what a guest has is one text.
    const key = at.key === 'notes' && at.top ? 'message' : at.key;
    const inRow = at.inRow || at.key === 'items';
    return value.flatMap((part) => faultsWithin(part, { ...at, key, inRow }));
  }
  if (typeof value !== 'object' || value === null) return [];
  const isEntry = at.top && (at.key === '' || at.key === 'clusters');
  return Object.entries(value).flatMap(([key, part]) => [
    ...faultsOfText('key', key).filter(() => forbidden.test(key)),
    ...(key.length > 129 ? [{ what: 'a key that is too long', example: key.slice(0, 200) }] : []),
    ...faultsWithin(part, { key, inRow: at.inRow, top: isEntry }),
  ]);
}

/** All that is wrong with an answer to a call, whatever came of it. */
export function faultsOfAnswer({ structured, text, isError, untrusted }: ToolAnswer): Fault[] {
  const parsed: unknown = JSON.parse(text);
  const same = structured === undefined ? isError : JSON.stringify(structured) === text;
  return [
    ...(same ? [] : [{ what: 'the text is not what the structured content is', example: text.slice(0, 200) }]),
    ...(text.length > longest.answer ? [{ what: 'the answer is too long', example: text.slice(0, 200) }] : []),
    ...(untrusted === undefined ? [{ what: 'it is not marked as untrusted', example: text.slice(0, 200) }] : []),
    ...faultsWithin(parsed, { key: '', inRow: false, top: true }),
  ];
}
