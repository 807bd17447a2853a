interface Rule {
  readonly source?: string | undefined;
  readonly dest?: string | undefined;
}

/** What rules call by name, in lower case: so pve-firewall knows IP sets, and compares aliases. */
export interface References {
  readonly sets: readonly string[];
  readonly aliases: readonly string[];
  /** IP sets that the software-defined network makes. */
  readonly generated: readonly string[];
}

const isAlias = (part: string) => /^(?:dc\/)?[A-Za-z][A-Za-z0-9_-]+$/.test(part);
const withoutScope = (name: string) => name.replace(/^dc\//, '').toLowerCase();
const unique = (names: readonly string[]) => [...new Set(names)].sort();

/** The alias that an address is, if it is one. */
export const aliasIn = (address: string): string | undefined => (isAlias(address) ? withoutScope(address) : undefined);

/** The IP sets and aliases that rules name. */
export function referencesOf(rules: readonly Rule[]): References {
  const parts = rules
    .flatMap(({ source, dest }) => [source, dest])
    .flatMap((address) => (address ?? '').split(','))
    .map((part) => part.trim());
  const sets = parts.filter((part) => part.startsWith('+')).map((part) => part.slice(1));
  return {
    sets: unique(sets.filter((name) => !name.startsWith('sdn/')).map(withoutScope)),
    aliases: unique(parts.flatMap((part) => aliasIn(part) ?? [])),
    generated: unique(sets.filter((name) => name.startsWith('sdn/'))),
  };
}
