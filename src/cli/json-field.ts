/** What stands at a path inside parsed JSON; `undefined` where there is nothing. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inside, key) => {
    if (typeof inside !== 'object' || inside === null) return undefined;
    return Object.getOwnPropertyDescriptor(inside, key)?.value;
  }, value);
}

/** The entries of a list inside parsed JSON; none where there is no list. */
export function items(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A string or a number as a cell of a table; a dash for anything else. */
export function cell(value: unknown, ...path: readonly (string | number)[]): string {
  const found = field(value, ...path);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : '-';
}
