/** Variables that are set, by name; values are trimmed. */
export type Environment = ReadonlyMap<string, string>;

/** What a client's bundle passes on when the person left an option empty. */
const unfilledOption = /^\$\{[^}]*\}$/;

/** The value without surrounding space, or `undefined` when it is empty or a literal `${...}`. */
export function settledValue(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const trimmed = value.trim();
  return trimmed === '' || unfilledOption.test(trimmed) ? undefined : trimmed;
}

/** The own properties of `env` that hold a value. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const set = new Map<string, string>();
  for (const [name, value] of Object.entries(env)) {
    const settled = settledValue(value);
    if (settled !== undefined) set.set(name, settled);
  }
  return set;
}

/** Every text in the environment that no message may show: token secrets, keys, and a secret pasted behind a token ID. */
export function secretsIn(environment: Environment): string[] {
  const secrets: string[] = [];
  for (const [name, value] of environment) {
    if (!/^PROX/i.test(name)) continue;
    if (/SECRET(?:_KEY)?$/i.test(name)) secrets.push(value);
    if (/(?:TOKEN_ID|SECRET)$/i.test(name)) secrets.push(...value.split('=').slice(1));
  }
  return secrets;
}
