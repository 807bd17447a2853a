/**
 * Whether a text fits a pattern in which `*` stands for any text, whole and without regard to case. What lies between two
 * stars is looked for from the left, once each: no pattern takes long, as a regular expression of many stars would.
 */
export function fitsGlob(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const looked = text.toLowerCase();
  const last = rest.pop();
  if (last === undefined) return looked === first;
  const end = looked.length - last.length;
  if (end < first.length || !looked.startsWith(first) || !looked.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = looked.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
