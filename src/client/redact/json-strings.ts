/** A piece of a text: from one character up to another. */
export interface Piece {
  readonly from: number;
  readonly to: number;
}

/**
 * Of pieces of JSON what stands within its strings: what was cut off just before a quote of its own ends at one of the
 * JSON, which is not part of it. Of any other text the pieces as they are.
 */
export function withinStrings(text: string, pieces: readonly Piece[]): readonly Piece[] {
  if (!/^[{[]/.test(text)) return pieces;
  return pieces.flatMap((piece) =>
    endOfString.test(text.slice(piece.from, piece.to)) ? partsIn(text, piece) : [piece],
  );
}

const endOfString = /(?<!\\)(?:\\\\)*"/;
const quoteOrEscape = /\\.|"/gs;

function partsIn(text: string, { from, to }: Piece): Piece[] {
  const parts: Piece[] = [];
  let start: number | undefined;
  for (const { 0: found, index } of text.matchAll(quoteOrEscape)) {
    if (index >= to) break;
    if (found !== '"') continue;
    if (start === undefined) start = index + 1;
    else {
      parts.push({ from: start, to: index });
      start = undefined;
    }
  }
  if (start !== undefined) parts.push({ from: start, to });
  return parts.map((part) => ({ from: Math.max(part.from, from), to: part.to })).filter((part) => part.from < part.to);
}
