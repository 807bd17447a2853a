import { createHash } from 'node:crypto';
import { textOf } from '../pve/guest-agent.js';
import type { Params } from '../pve/params.js';
import { isFreeText, plainText, quotedText } from './question-text.js';
import { isPlainWord } from './secret-arguments.js';
import { masked, type Write } from './write-gate.js';

/** A request that is to be asked about. */
export interface Asked {
  readonly write: Write;
  /** As it would be sent, with what a plan masks. */
  readonly params: Params;
  /** What the call itself was given: text of no guest. */
  readonly given: ReadonlySet<string>;
}

/** Of a value in full. */
const longestValue = 800;

const agentWrite = /^\/nodes\/[^/]+\/qemu\/\d+\/agent\/(exec|file-write)$/;

/** A request on one line; what a guest is given to run or to keep follows line by line. */
export function requestLines({ write, params, given }: Asked): string[] {
  const { cluster, method, path, file } = write;
  const telling = Object.entries(params).filter(
    ([name, value]) => value !== undefined && !/^(?:target-)?digest$/.test(name),
  );
  const texts = new Map(telling.flatMap(([name]) => textBeside(path, name, params)));
  const values = telling.map(([name, value]) => `${name}=${texts.get(name)?.size ?? shownValue(given, name, value)}`);
  const sent = file === undefined ? [] : [`file of ${file.size} bytes`];
  const request = quotedText([`${method} ${path}`, ...values, ...sent].join(' '), Number.MAX_SAFE_INTEGER);
  const beside = [...texts].flatMap(([name, { lines }]) => lines.map((line) => `   ${name} ${line}`));
  return [cluster === undefined ? request : `${cluster}: ${request}`, ...beside];
}

/** What has no word in it that a guest could have written. */
const isPlain = (text: string) => /^[\w.:,;=/@+%~!*-]*$/.test(text);
const isOneItem = (text: string) => /^[\w.:=/@+%~!*-]+$/.test(text);

/** Text that may be a guest's is told by its length alone; what has blanks in it stands in quotes, as one value. */
function shownValue(given: ReadonlySet<string>, name: string, value: unknown, isSimple = isPlain): string {
  if (Array.isArray(value)) return `[${value.map((one) => shownValue(given, name, one, isOneItem)).join(', ')}]`;
  const kept = masked(name, value);
  if (kept === '[not shown]') return kept;
  const text = typeof kept === 'string' ? kept : JSON.stringify(kept);
  const isKnown = isPlain(text) || (typeof value === 'string' && given.has(value));
  if (isFreeText(name) || !isKnown) return `(${text.length} characters)`;
  return plainText(isSimple(text) ? text : JSON.stringify(text), longestValue);
}

interface Beside {
  readonly size: string;
  readonly lines: readonly string[];
}

/** What a program in a guest reads, and what is written to a file there. */
function textBeside(path: string, name: string, params: Params): [string, Beside][] {
  const way = agentWrite.exec(path)?.[1];
  const value = params[name];
  if (typeof value !== 'string') return [];
  if (way === 'exec' && name === 'input-data') return [[name, besides(textOf(value))]];
  if (way !== 'file-write' || name !== 'content') return [];
  return [[name, besides(params.encode === false ? Buffer.from(value, 'base64').toString('utf8') : value)]];
}

const shortWord = 256;
const mostLines = 24;
const firstLines = 20;
const lastLines = 3;

function besides(text: string): Beside {
  const isWord = text.trim() !== '' && !/\s/.test(text.trim());
  // The hash of a short secret tells it to whoever tries.
  if (isWord && text.length <= shortWord)
    return { size: `(a word of ${text.length} characters, not shown)`, lines: [] };
  const hash = createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 12);
  const size = `(${text.length} characters, SHA-256 ${hash}...)`;
  return { size, lines: isWord ? [] : linesOf(text) };
}

function linesOf(text: string): string[] {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const said = lines.map((line, index) => `line ${index + 1}: ${shownLine(line)}`);
  if (said.length <= mostLines) return said;
  const left = `lines ${firstLines + 1} to ${lines.length - lastLines} are not shown`;
  return [...said.slice(0, firstLines), left, ...said.slice(-lastLines)];
}

/** A line that is one word may be a password, unless it is a plain one. */
const shownLine = (line: string) => {
  const word = line.trim();
  const isSecret = word !== '' && !/\s/.test(word) && !isPlainWord(word);
  return isSecret ? `(a word of ${word.length} characters, not shown)` : quotedText(line, longestValue);
};
