import { NotConfirmedError } from './not-confirmed.js';

// What stands in a person's question and was not written by us: between backticks, which it cannot hold itself, so that
// it is shown as it is, ends where it ends, and is no link.

const longestName = 64;
const longestValue = 160;
const longestQuestion = 16_000;

/** Its head and its tail, and how long it is: what is left out in the middle is seen to be left out. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const mark = `...(${text.length} characters)...`;
  const tail = Math.floor((most - mark.length) / 3);
  return `${text.slice(0, most - mark.length - tail)}${mark}${text.slice(-tail)}`;
}

/** A name that a guest bears: the characters that Proxmox takes for one, and a `?` for each other. */
export function nameInQuestion(name: string): string {
  const visible = name.replace(/[^A-Za-z0-9.-]/gu, '?');
  return `\`${visible.length > longestName ? `${visible.slice(0, longestName - 3)}...` : visible}\``;
}

/** What a guest may have written in a setting of this name is told by its length alone. */
export const isFreeText = (name: string): boolean =>
  /comment|description|note|tags|subject|message|label|mailto|info$/i.test(name);

/** The name of a node, a storage or a volume, a path, a value: printable ASCII. */
export function plainText(text: string, most: number = longestValue): string {
  const visible = text
    .replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('`', "'")
    // Some clients make a link of it wherever it stands.
    .replaceAll('://', ': //');
  return shortened(visible, most);
}

export const quotedText = (text: string, most?: number): string => `\`${plainText(text, most)}\``;

/**
 * The lines as one text, of which nothing is cut.
 * @param about what it would have been about, where it is too long
 * @throws {NotConfirmedError}
 */
export function wholeQuestion(lines: readonly string[], about?: readonly string[]): string {
  const text = lines.join('\n');
  if (text.length > longestQuestion) throw new NotConfirmedError('too much', about);
  return text;
}
