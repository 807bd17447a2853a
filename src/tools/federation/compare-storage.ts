import { z } from 'zod';
import type { Bound } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { shownField } from '../../pve/secret-fields.js';
import { splitList } from '../../pve/storage.js';
import type { Fields } from './difference.js';
import type { Seen } from './seen.js';
import { settingTexts } from './setting-text.js';

/** A storage with all that is set. */
const definition = z.looseObject({ storage: z.string(), type: z.string(), content: z.string().optional() });
export type Definition = z.output<typeof definition>;

export const definitionReads = { definitions: endpoint('GET /storage', z.array(definition)) };

/**
 * A definition, to be compared. Nodes have other names on another cluster: what counts is whether there is a restriction.
 */
export function definitionFields(found: Definition): Fields {
  const { content, nodes } = found;
  const settings = settingTexts(found, ['storage', 'digest', 'content', 'nodes']);
  return {
    ...Object.fromEntries(Object.entries(settings).filter(([key, text]) => shownField(key, text) === text)),
    content: splitList(content),
    nodes: nodes === undefined ? 'all' : 'some',
  };
}

export async function seeStorage(call: Bound<typeof definitionReads>): Promise<Seen> {
  const { data } = await call.definitions({});
  return { items: new Map(data.map((one) => [one.storage, definitionFields(one)])), unread: [] };
}
