import type { StorageResource } from '../../pve/resources.js';
import { type ContentType, splitList } from '../../pve/storage.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

/** A storage, and the node on which it is reached. */
export interface Place {
  readonly node: string;
  readonly storage: string;
}

interface Asked {
  readonly storage?: string | undefined;
  readonly node?: string | undefined;
}

/**
 * Where a file of that kind can be put: on the named storage, else the default one if it holds such files, else the
 * only one that does; on the named node, else the default one, else any for a shared storage.
 * @throws {InvalidInput} when what is named does not fit, or something has to be named
 */
export function placeFor(
  content: ContentType,
  resources: readonly StorageResource[],
  asked: Asked,
  defaults: Asked,
): Place {
  const storage = storageFor(content, resources, asked.storage, defaults.storage);
  const rows = resources.filter((row) => row.storage === storage).sort((a, b) => (a.node < b.node ? -1 : 1));
  const usable = rows.filter(({ status }) => status === 'available');
  if (asked.node !== undefined) {
    if (!rows.some(({ node }) => node === asked.node))
      throw new InvalidInput({
        argument: 'node',
        message: `'${storage}' is on ${listed(rows.map(({ node }) => node))}`,
      });
    if (!usable.some(({ node }) => node === asked.node)) throw unavailable(storage, asked.node);
    return { storage, node: asked.node };
  }
  const [first, second] = usable;
  if (first === undefined) throw unavailable(storage, undefined);
  const preferred = usable.find(({ node }) => node === defaults.node);
  if (preferred !== undefined) return { storage, node: preferred.node };
  if (second !== undefined && !first.shared)
    throw new InvalidInput({
      argument: 'node',
      message: `each node has its own '${storage}': name one of ${listed(usable.map(({ node }) => node))}`,
    });
  return { storage, node: first.node };
}

function storageFor(
  content: ContentType,
  resources: readonly StorageResource[],
  asked: string | undefined,
  preferred: string | undefined,
): string {
  const holding = [
    ...new Set(resources.filter((row) => splitList(row.content).includes(content)).map((row) => row.storage)),
  ].sort();
  if (asked !== undefined) {
    if (holding.includes(asked)) return asked;
    const there = resources.find((row) => row.storage === asked);
    const fault = there === undefined ? 'there is no such storage' : `it holds ${listed(splitList(there.content))}`;
    throw new InvalidInput({ argument: 'storage', message: `${fault}; '${content}' is held by ${listed(holding)}` });
  }
  if (preferred !== undefined && holding.includes(preferred)) return preferred;
  const [only, another] = holding;
  if (only === undefined)
    throw new Refused(
      `No storage that the token may see holds '${content}'`,
      `Allow it on one: proxmox-update-storage with content.`,
    );
  if (another !== undefined)
    throw new InvalidInput({ argument: 'storage', message: `'${content}' is held by ${listed(holding)}: name one` });
  return only;
}

const listed = (names: readonly string[]) => (names.length === 0 ? 'none' : names.join(', '));

const unavailable = (storage: string, node: string | undefined) =>
  new Refused(
    `Storage '${storage}' is not available just now${node === undefined ? '' : ` on ${node}`}`,
    'Look at it with proxmox-list-storage.',
  );
