/** What a query or a form may carry; booleans are sent as 1 and 0, lists as repeated keys, `undefined` not at all. */
export type Params = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Form encoding: the only one that 7.4, 8.x and 9.x read alike. */
export function encodeParams(params: Params): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) pairs.append(name, wireValue(one));
  }
  return pairs.toString();
}

function wireValue(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}
