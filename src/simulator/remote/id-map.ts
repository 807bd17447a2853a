import { splitList } from '../parameter-format.js';

/** `a:b,c:d,e`: where each id goes, and all those that are not named; `1` keeps them as they are. */
export interface IdMap {
  readonly entries: ReadonlyMap<string, string>;
  readonly others: string | undefined;
  readonly identity: boolean;
}

/** Throws a plain error with the server's words. */
export function parseIdMap(text: string): IdMap {
  const entries = new Map<string, string>();
  let others: string | undefined;
  let identity = false;
  for (const item of splitList(text)) {
    const [source = '', target] = item.split(':');
    if (item === '1') identity = true;
    else if (target !== undefined) {
      if (entries.has(source)) throw new Error(`duplicate mapping for source '${source}'`);
      entries.set(source, target);
    } else {
      if (others !== undefined) throw new Error('default target ID can only be provided once');
      others = source;
    }
  }
  if (identity && (others !== undefined || entries.size > 0)) {
    throw new Error('identity mapping cannot be combined with other mappings');
  }
  return { entries, others, identity };
}

export function mapped(map: IdMap, id: string): string {
  return map.entries.get(id) ?? map.others ?? id;
}
