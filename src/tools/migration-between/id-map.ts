import { InvalidInput } from '../invalid-input.js';

/** Where each of something goes: those that are named, and all others. */
export interface IdMap {
  readonly named: ReadonlyMap<string, string>;
  readonly others?: string;
}

const form = /^[A-Za-z][\w.-]*$/;

/**
 * `a:b,c:d` or one name for all, as Proxmox takes it: a colon, never `=`.
 * @throws {InvalidInput}
 */
export function parseIdMap(argument: string, written: string | undefined): IdMap {
  const named = new Map<string, string>();
  let others: string | undefined;
  const fault = (message: string) =>
    new InvalidInput({ argument, message: `${message}; write old:new,... or one name` });
  for (const item of (written ?? '').split(',').map((part) => part.trim())) {
    if (item === '') continue;
    const [from = '', to, ...rest] = item.split(':');
    const names = to === undefined ? [from] : [from, to];
    if (rest.length > 0 || names.some((name) => !form.test(name))) throw fault(`'${item}' cannot be read`);
    if (to === undefined) {
      if (others !== undefined) throw fault('two names stand for all others');
      others = from;
    } else {
      if (named.has(from)) throw fault(`'${from}' stands there twice`);
      named.set(from, to);
    }
  }
  return { named, ...(others === undefined ? {} : { others }) };
}

export const mapped = ({ named, others }: IdMap, id: string): string | undefined => named.get(id) ?? others;

/** As `target-storage` and `target-bridge` take it. */
export const writeIdMap = (pairs: readonly { readonly source: string; readonly target: string }[]): string =>
  pairs.map(({ source, target }) => `${source}:${target}`).join(',');
