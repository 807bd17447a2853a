import type { Call } from '../../pve/endpoint.js';
import type { NodeStorage, nodeStorages } from '../../pve/node-storage.js';
import { splitList } from '../../pve/storage.js';
import { Refused } from '../refused.js';

/** A storage for what is to be made. */
export interface StorageWish {
  readonly node: string;
  /** Another node that must have it too. */
  readonly target?: string | undefined;
  readonly content: 'images' | 'rootdir';
  /** What the call names. */
  readonly asked?: string | undefined;
  /** What the cluster is configured to take. */
  readonly preferred?: string | undefined;
}

/** The storage that is named, the configured one if it holds such volumes, or the one with the most free space. */
export async function chooseStorage(
  storages: Call<typeof nodeStorages>,
  wish: StorageWish,
  note: (text: string) => void,
): Promise<NodeStorage> {
  const { node, target, asked, preferred, content } = wish;
  const { data } = await storages({ node }, { enabled: true, target });
  const fitting = data
    .filter((row) => holds(row, content) && row.active !== false)
    .sort((a, b) => (b.avail ?? 0) - (a.avail ?? 0) || (a.storage < b.storage ? -1 : 1));
  if (asked !== undefined) return fitting.find(({ storage }) => storage === asked) ?? refuse(wish, data, fitting);
  const configured = fitting.find(({ storage }) => storage === preferred);
  const chosen = configured ?? fitting[0] ?? refuse(wish, data, fitting);
  const why = configured === undefined ? `holds ${content} and has the most free space` : 'is the configured default';
  const passed = configured === undefined && preferred !== undefined ? `; the default '${preferred}' does not fit` : '';
  note(`Storage '${chosen.storage}': it ${why}${passed}.`);
  return chosen;
}

const holds = ({ content }: NodeStorage, wanted: string) => splitList(content).includes(wanted);

function refuse(
  { node, target, asked, content }: StorageWish,
  all: readonly NodeStorage[],
  fit: readonly NodeStorage[],
): never {
  const names = fit.map(({ storage }) => storage).join(', ');
  const next = names === '' ? 'See proxmox-list-storage.' : `Name one of ${names}.`;
  const where = target === undefined ? `node '${node}'` : `nodes '${node}' and '${target}'`;
  if (asked === undefined)
    throw new Refused(`no active storage on ${where} that this token may use holds ${content}`, next);
  const row = all.find(({ storage }) => storage === asked);
  if (row === undefined) throw new Refused(`no storage '${asked}' on ${where} that this token may use`, next);
  const why = holds(row, content) ? 'is not active' : `holds ${row.content ?? 'nothing'} and no ${content}`;
  throw new Refused(`storage '${asked}' on ${where} ${why}`, next);
}
