/** `key=value,key=value`, where one key's name may be left out. */
export type Properties = Map<string, string>;

export function parseProperties(text: string, defaultKey: string): Properties {
  const properties: Properties = new Map();
  for (const part of text.split(',')) {
    if (part === '') continue;
    const cut = part.indexOf('=');
    if (cut < 0) properties.set(defaultKey, part);
    else properties.set(part.slice(0, cut), part.slice(cut + 1));
  }
  return properties;
}

/** The default key comes first and without its name, the others in the order of the alphabet. */
export function formatProperties(properties: Properties, defaultKey: string): string {
  const first = properties.get(defaultKey);
  const rest = [...properties]
    .filter(([key]) => key !== defaultKey)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return [...(first === undefined ? [] : [first]), ...rest].join(',');
}
