import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag } from '../../pve/loose.js';
import { type ContentType, splitList } from '../../pve/storage.js';
import { Refused } from '../refused.js';

/** The storages that a node may use, those left out that the token may not see. */
export const nodeStorages = endpoint(
  'GET /nodes/{node}/storage',
  z.array(z.object({ storage: z.string(), content: z.string().optional(), active: flag.optional() })),
);

/** A storage that may hold what is looked for. */
export interface StorageChoice {
  readonly storage: string;
  readonly content?: string | undefined;
  readonly active?: boolean | undefined;
}

interface Wish {
  readonly content: ContentType;
  /** In words: `on node 'pve1'`. */
  readonly where: string;
  readonly named?: string | undefined;
  /** Tried in this order where none is named. */
  readonly preferred: readonly (string | undefined)[];
}

/** The named storage, the first preferred one that holds such content, or the only one that does. */
export function chooseStorage(storages: readonly StorageChoice[], { content, where, named, preferred }: Wish): string {
  const holding = storages.filter((row) => splitList(row.content).includes(content));
  const names = holding.map(({ storage }) => storage).sort();
  const next = names.length > 0 ? `Name one of ${names.join(', ')}.` : 'See proxmox-list-storage.';
  if (named !== undefined && !names.includes(named))
    throw new Refused(`storage '${named}' holds no '${content}' ${where}`, next);
  const wished = [named, ...preferred].find((name) => name !== undefined && names.includes(name));
  const chosen = wished ?? (names.length === 1 ? names[0] : undefined);
  if (chosen === undefined)
    throw new Refused(
      `${names.length === 0 ? 'no storage' : 'more than one storage'} holds '${content}' ${where}`,
      next,
    );
  if (holding.find(({ storage }) => storage === chosen)?.active === false)
    throw new Refused(`storage '${chosen}' is not available ${where} just now`, next);
  return chosen;
}
