import type { StorageResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';

/** A storage, and the node to ask for what is on it. */
export interface BackupPlace {
  readonly storage: string;
  readonly node: string;
}

export interface BackupPlaces {
  /** A shared storage once, a local one on each of its nodes. */
  readonly ask: readonly BackupPlace[];
  /** Not available just now: asking would wait for what does not answer. */
  readonly unavailable: readonly BackupPlace[];
}

/** Where backups can be. */
export function backupPlaces(
  resources: readonly StorageResource[],
  wanted: { readonly storage?: string | undefined; readonly node?: string | undefined },
): BackupPlaces {
  const rows = resources
    .filter(({ content }) => splitList(content).includes('backup'))
    .filter(({ storage }) => wanted.storage === undefined || storage === wanted.storage)
    .filter(({ node }) => wanted.node === undefined || node === wanted.node)
    .sort((a, b) => (`${a.storage} ${a.node}` < `${b.storage} ${b.node}` ? -1 : 1));
  const available = rows.filter(({ status }) => status === 'available');
  const ask = available.filter(
    (row) => !row.shared || available.find(({ storage }) => storage === row.storage) === row,
  );
  const unavailable = rows.filter(
    (row) =>
      row.status !== 'available' &&
      !(row.shared && ask.some(({ storage }) => storage === row.storage)) &&
      !(row.shared && rows.find(({ storage }) => storage === row.storage) !== row),
  );
  return { ask: ask.map(place), unavailable: unavailable.map(place) };
}

const place = ({ storage, node }: StorageResource): BackupPlace => ({ storage, node });
