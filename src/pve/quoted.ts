import { cleanText } from './clean-text.js';

// A sentence of ours is read as ours: what others wrote stands in it only within quotes that it cannot close.

const longestName = 64;
const longestWord = 128;
const longestWords = 200;

/** No more characters than these, half of none, and a mark where something was cut. */
export function capped(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** On one line. Of what is very long the rest is not even looked at. */
export const oneLine = (text: string, most: number): string =>
  capped(cleanText(text.slice(0, most * 8).replace(/\s+/g, ' ')).trim(), most);

/** A guest's name: `'web-1'`. Characters that no name on Proxmox VE can have are replaced. */
export const quotedName = (name: string): string =>
  `'${capped(name.slice(0, longestName * 8).replace(/[^A-Za-z0-9._-]+/g, '?'), longestName)}'`;

/** The same, of a guest that may have none. */
export const nameOrNone = (name: string | undefined): string =>
  name === undefined ? 'without a name' : quotedName(name);

/** Words of a cluster, a guest or a file: `"no space left on device"`. */
export const quoted = (text: string, most: number = longestWords): string => `"${withinQuotes(oneLine(text, most))}"`;

/** With nothing in it that could close quotes. */
export const withinQuotes = (text: string): string => text.replaceAll('"', "'").replace(/[`<>[\]{}\\|]/g, '?');

const oneWord = /^[A-Za-z0-9_.:/@!+=,;*%~#()-]{1,128}$/;

/** What should be one word, such as a volume's name: as it is if it is one, else quoted. */
export const toWord = (text: string): string => (oneWord.test(text) ? text : quoted(text, longestWord));

export const toWords = (texts: readonly string[]): string => texts.map(toWord).join(', ');

const mostLines = 60;
const longestLines = 3600;

/**
 * Several lines, such as a diff, one after the other within one pair of quotes, and none cut by itself: a private key is
 * known by its form only as a whole.
 */
export function quotedLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const shown = quoted(lines.slice(0, mostLines).join(', '), longestLines);
  return lines.length > mostLines ? `${shown} and ${lines.length - mostLines} more lines` : shown;
}

const settingTexts = (settings: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${String(value)}`]));

/** `type=in, action=DROP`, of what has a value; to be quoted. */
export const settingsInWords = (settings: Readonly<Record<string, unknown>>): string =>
  settingTexts(settings).join(', ');

/** The same with quotes around each that is no word. */
export const settingWords = (settings: Readonly<Record<string, unknown>>): string => toWords(settingTexts(settings));
