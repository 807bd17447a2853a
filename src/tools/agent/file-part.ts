import { cleanText } from '../../pve/clean-text.js';
import { utf8Of } from '../../pve/guest-agent.js';

/** A part of a file as an answer can hold it: as text, or as base64 where it is none. */
export interface Shown {
  readonly encoding: 'utf8' | 'base64';
  readonly content: string;
  /** Bytes of the part that are shown. */
  readonly bytes: number;
}

/** What an answer has room for, as JSON. */
const mostCharacters = 22_000;

/** An answer would be stripped of a part of it, because that steers a terminal or hides from a reader. */
function isStripped(content: string): boolean {
  const text = content.replaceAll('\r\n', '\n');
  return cleanText(text) !== text;
}

/** The start of a part that fits into an answer; text is never cut within a character. */
export function showPart(part: Uint8Array, isEnd: boolean): Shown {
  for (let length = part.length; ; length = Math.floor(length * 0.8)) {
    const shown = shownAs(part.subarray(0, length), isEnd && length === part.length);
    if (JSON.stringify(shown.content).length <= mostCharacters) return shown;
  }
}

function shownAs(part: Uint8Array, isEnd: boolean): Shown {
  // A character of UTF-8 has up to four bytes: what of the last one is missing comes with the next part.
  for (let left = 0; left <= (isEnd ? 0 : Math.min(3, part.length - 1)); left += 1) {
    const bytes = part.length - left;
    const content = utf8Of(part.subarray(0, bytes));
    if (content === undefined) continue;
    if (isStripped(content)) break;
    return { encoding: 'utf8', content, bytes };
  }
  return { encoding: 'base64', content: Buffer.from(part).toString('base64'), bytes: part.length };
}
