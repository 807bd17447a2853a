/** A key that stands twice in one object; only the last of them counts. */
export interface RepeatedKey {
  readonly key: string;
  /** The keys of the objects around it, outermost first. */
  readonly within: readonly string[];
}

interface Level {
  readonly keys: Set<string> | undefined;
  last: string;
}

const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;

/** @param json that has been parsed without an error */
export function repeatedKeys(json: string): readonly RepeatedKey[] {
  const levels: Level[] = [];
  const repeated: RepeatedKey[] = [];
  for (const [text, colon] of json.matchAll(token)) {
    const level = levels.at(-1);
    if (text === '{') levels.push({ keys: new Set(), last: '' });
    else if (text === '[') levels.push({ keys: undefined, last: '' });
    else if (text === '}' || text === ']') levels.pop();
    else if (colon !== undefined && level !== undefined) {
      const key = String(JSON.parse(text.slice(0, -colon.length)));
      if (level.keys?.has(key))
        repeated.push({ key, within: levels.slice(0, -1).flatMap(({ keys, last }) => (keys ? [last] : [])) });
      level.keys?.add(key);
      level.last = key;
    }
  }
  return repeated;
}
