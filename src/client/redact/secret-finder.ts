import { spellingsOf } from './secret-spellings.js';

/** Shorter ones would be cut out of words, and of the protocol itself. */
export const shortestSecret = 8;

/** Characters that are looked at together; what is found by them is held against the whole. */
const blockLength = 3;
const longestStep = shortestSecret - blockLength + 1;

/**
 * A name or a word, as texts of every kind hold them: to cut it out of them would say more than it hides. There is but
 * one way to read each text by it: with two for a part, a long one would take years.
 */
export const word = /^(?:[A-Z]?[a-z]+(?:[A-Z][a-z]{2,}|[_-](?:[A-Z][a-z]?(?![a-z])|[a-z]*))*|[A-Z_-]*)$/;
const begins = /^-----BEGIN/;

interface Piece {
  readonly from: number;
  readonly to: number;
  readonly isWhole?: boolean;
}

interface Ends {
  /** Spellings that begin so, the longest first. */
  readonly heads: string[];
  /** Spellings that end so. */
  readonly tails: string[];
}

/**
 * Finds secrets in a text, however they are spelled, and what is left of one that was cut off: more than eight characters
 * of its beginning or end, backslashes not counted: they may be anybody's escapes. It steps over the text by several characters at a time (Wu and Manber, 1994), so that its time
 * hardly depends on how many secrets there are.
 */
export class SecretFinder {
  readonly #ends = new Map<string, Ends>();
  /** Spellings in which a word is none any more. */
  readonly #codes = new Set<string>();
  #blocks = 0;
  #steps = new Uint8Array(1024).fill(longestStep);

  constructor(secrets: Iterable<string>) {
    for (const secret of secrets) this.add(secret);
  }

  add(secret: string): void {
    if (lengthOf(secret) < shortestSecret) return;
    const { texts, codes } = spellingsOf(secret);
    for (const spelling of codes) this.#codes.add(spelling);
    for (const spelling of [...texts, ...codes]) {
      if (spelling.length < shortestSecret) continue;
      this.#take(spelling.slice(0, shortestSecret), ({ heads }) => heads, spelling);
      this.#take(spelling.slice(-shortestSecret), ({ tails }) => tails, spelling);
    }
    if (this.#blocks * 8 > this.#steps.length) this.#widen();
  }

  /** The text with each of them replaced. */
  cut(text: string, mask: string): string {
    if (this.#ends.size === 0) return text;
    let result = '';
    let done = 0;
    for (const { from, to } of this.#find(text)) {
      result += text.slice(done, from) + mask;
      done = to;
    }
    return done === 0 ? text : result + text.slice(done);
  }

  /** Where they are, in order; what overlaps is one. */
  #find(text: string): Piece[] {
    const found: Piece[] = [];
    let last = shortestSecret - 1;
    while (last < text.length) {
      const step = this.#steps[this.#slot(text, last)] ?? 0;
      let next = last + Math.max(1, step);
      if (step === 0)
        for (const piece of this.#at(text, last)) {
          join(found, piece);
          // What begins within a whole one and goes on behind it is found by its end.
          if (piece.isWhole) next = Math.max(next, piece.to);
        }
      last = next;
    }
    return found;
  }

  #take(end: string, side: (ends: Ends) => string[], spelling: string): void {
    const known = this.#ends.get(end);
    const ends = known ?? { heads: [], tails: [] };
    if (known === undefined) {
      this.#ends.set(end, ends);
      this.#mark(end);
    }
    const list = side(ends);
    if (list.includes(spelling)) return;
    const shorter = list.findIndex(({ length }) => length < spelling.length);
    list.splice(shorter < 0 ? list.length : shorter, 0, spelling);
  }

  #mark(end: string): void {
    for (let last = blockLength - 1; last < shortestSecret; last += 1) {
      const slot = this.#slot(end, last);
      this.#steps[slot] = Math.min(this.#steps[slot] ?? 0, shortestSecret - 1 - last);
      this.#blocks += 1;
    }
  }

  #widen(): void {
    this.#steps = new Uint8Array(this.#steps.length * 8).fill(longestStep);
    this.#blocks = 0;
    for (const end of this.#ends.keys()) this.#mark(end);
  }

  #slot(text: string, last: number): number {
    const mixed = (text.charCodeAt(last - 2) * 961 + text.charCodeAt(last - 1)) * 31 + text.charCodeAt(last);
    return (mixed ^ (mixed >>> 11)) & (this.#steps.length - 1);
  }

  /** What is found where eight characters end here that a spelling begins or ends with. */
  #at(text: string, last: number): Piece[] {
    const start = last - shortestSecret + 1;
    const ends = this.#ends.get(text.slice(start, last + 1));
    if (ends === undefined) return [];
    const whole = ends.heads.find((spelling) => text.startsWith(spelling, start));
    if (whole !== undefined) {
      const to = start + whole.length;
      return [{ from: withEscapes(text, start, to), to, isWhole: true }];
    }
    const parts = [
      ...ends.heads.map((spelling) => ({ spelling, from: start, to: start + sameFrom(text, start, spelling) })),
      ...ends.tails.map((spelling) => ({ spelling, from: last + 1 - sameBack(text, last, spelling), to: last + 1 })),
    ];
    return parts
      .filter(({ spelling, from, to }) => this.#isTelling(text.slice(from, to), spelling))
      .map(({ from, to }) => ({ from: withEscapes(text, from, to), to }));
  }

  #isTelling(part: string, spelling: string): boolean {
    return lengthOf(part) > shortestSecret && (this.#codes.has(spelling) || !(word.test(part) || begins.test(part)));
  }
}

/** Backslashes alone may be anybody's escapes. */
const lengthOf = (text: string) => text.replaceAll('\\', '').length;

/** Adds a piece; one that was found later may begin before those that were found. */
function join(found: Piece[], piece: Piece): void {
  let { from, to } = piece;
  for (let before = found.at(-1); before !== undefined && before.to >= from; before = found.at(-1)) {
    from = Math.min(from, before.from);
    to = Math.max(to, before.to);
    found.pop();
  }
  found.push({ from, to });
}

/**
 * Backslashes before a character may be escapes at some depth of JSON in JSON, and are cut with it or not at all: the
 * half of them would make it another JSON, or none.
 */
function withEscapes(text: string, start: number, end: number): number {
  let from = start;
  while (text[from - 1] === '\\') from -= 1;
  let first = start;
  while (text[first] === '\\') first += 1;
  if (first >= end) return from;
  // Behind escaped backslashes a quote ends the text.
  return text[first] === '"' && first > from && (first - from) % 2 === 0 ? first + 1 : from;
}

function sameFrom(text: string, start: number, spelling: string): number {
  let length = shortestSecret;
  while (length < spelling.length && text[start + length] === spelling[length]) length += 1;
  return withoutHalfEscape(spelling, length);
}

/** An escape is cut off with its backslash or not at all. */
function withoutHalfEscape(spelling: string, length: number): number {
  const code = /u[0-9a-f]{0,3}$/.exec(spelling.slice(Math.max(0, length - 4), length))?.[0].length ?? 0;
  let from = length - code;
  while (from > 0 && spelling[from - 1] === '\\') from -= 1;
  return from < length - code ? from : length;
}

function sameBack(text: string, last: number, spelling: string): number {
  let length = shortestSecret;
  while (length < spelling.length && last >= length && text[last - length] === spelling.at(-1 - length)) length += 1;
  return length;
}
