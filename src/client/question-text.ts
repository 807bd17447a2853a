// What stands in a person's question and was not written by us: between backticks, which it cannot hold itself, so that
// it is shown as it is, ends where it ends, and is no link.

const longestName = 64;
const longestValue = 160;

const capped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most - 3)}...` : text);

/** A name that a guest bears: the characters that Proxmox takes for one, and a `?` for each other. */
export function quotedName(name: string): string {
  return `\`${capped(name.replace(/[^A-Za-z0-9.-]/gu, '?'), longestName)}\``;
}

/** The name of a node, a storage or a volume, a path, a value: printable ASCII. */
export function plainText(text: string, most: number = longestValue): string {
  const visible = text
    .replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('`', "'")
    // Some clients make a link of it wherever it stands.
    .replaceAll('://', ': //');
  return capped(visible, most);
}

export const quotedText = (text: string, most?: number): string => `\`${plainText(text, most)}\``;
