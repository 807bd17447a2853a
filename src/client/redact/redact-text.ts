/** Levels of JSON in JSON, and of what it holds. */
const deepest = 64;

/**
 * What `cut` leaves of a text. Where it is JSON, and would be none any more or of another shape, as where a secret is
 * a number or a quote of it met one of the JSON, each of its values is cut by itself.
 */
export function redactText(text: string, cut: (plain: string) => string, mask: string): string {
  const left = cut(text);
  if (left === text) return text;
  const before = jsonIn(text);
  if (before === undefined) return left;
  const after = jsonIn(left);
  if (after !== undefined && isAlike(before.data, after.data, 0)) return left;
  return JSON.stringify(eachCut(before.data, (one) => redactText(one, cut, mask), mask, 0));
}

function jsonIn(text: string): { readonly data: unknown } | undefined {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    return { data: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

const isObject = (data: unknown): data is object => typeof data === 'object' && data !== null;

/** Whether the one is the other, but for what its texts say. */
function isAlike(before: unknown, after: unknown, depth: number): boolean {
  if (depth > deepest) return false;
  if (typeof before === 'string' && typeof after === 'string') {
    const within = before === after ? undefined : jsonIn(before);
    const left = jsonIn(after);
    return within === undefined || (left !== undefined && isAlike(within.data, left.data, depth + 1));
  }
  if (!isObject(before) || !isObject(after)) return before === after;
  if (Array.isArray(before) !== Array.isArray(after)) return false;
  const [ours, theirs] = [Object.values(before), Object.values(after)];
  return ours.length === theirs.length && ours.every((one, at) => isAlike(one, theirs[at], depth + 1));
}

function eachCut(data: unknown, cut: (text: string) => string, mask: string, depth: number): unknown {
  if (typeof data === 'string') return cut(data);
  if (typeof data === 'number') return cut(String(data)) === String(data) ? data : mask;
  if (!isObject(data)) return data;
  if (depth > deepest) return mask;
  const inner = (one: unknown) => eachCut(one, cut, mask, depth + 1);
  if (Array.isArray(data)) return data.map(inner);
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [cut(key), inner(value)]));
}
