/** A quantifier at the beginning of a text: the least and the most of it. */
function quantifierAt(text: string): { readonly length: number; readonly least: number; readonly most: number } {
  const [whole = '', sign, low, comma, high] = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(text) ?? [];
  const { length } = whole;
  if (sign !== undefined) return { length, least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity };
  if (low === undefined) return { length, least: 1, most: 1 };
  const least = Number(low);
  if (comma === undefined) return { length, least, most: least };
  return { length, least, most: high === undefined || high === '' ? Infinity : Number(high) };
}

/** Without escapes, classes and what marks a group: every character of them stands for itself. */
const bare = (source: string) =>
  source
    .replace(/\\(?:k<[^>]*>|[pP]\{[^}]*\}|.)/gs, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?(?:<?[=!]|<[^>]*>|[a-z-]*:)/g, '(');

const mostRepeats = 3;
const mostOptional = 8;
/** How often a group of alternatives may stand side by side. */
const mostAlternatives = 4;

/**
 * Why a regular expression may take very long on some text: an engine that steps back tries every way to share the text
 * out among what repeats. Inside something that repeats, the ways double with each character; side by side, each one that
 * repeats multiplies them by the length of the text.
 */
export function whySlow(source: string): string | undefined {
  const text = bare(source);
  // Of each open group in how many ways it may match: one, a few, or as many as there are characters.
  const open = [0];
  let repeats = 0;
  let optional = 0;
  for (let at = 0; at < text.length; ) {
    const sign = text.charAt(at);
    at += 1;
    const mark = (ways: number) => open.push(Math.max(open.pop() ?? 0, ways));
    if (sign === '(') open.push(0);
    else if (sign === '|') mark(1);
    else {
      const inner = sign === ')' && open.length > 1 ? (open.pop() ?? 0) : 0;
      const { length, least, most } = quantifierAt(text.slice(at));
      at += length;
      if (inner > 0 && most > (inner > 1 ? 1 : mostAlternatives))
        return 'repeats a group in which something repeats or has alternatives';
      if (most > 1 && most > least) repeats += 1;
      else if (most > least) optional += 1;
      mark(Math.max(inner, most === least ? 0 : most > 1 ? 2 : 1));
    }
  }
  const allowed = text.startsWith('^') && !text.includes('|') ? mostRepeats + 1 : mostRepeats;
  if (repeats > allowed) return `has ${repeats} parts that repeat: at most ${allowed}`;
  return optional > mostOptional ? `has ${optional} optional parts: at most ${mostOptional}` : undefined;
}
