import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, text } from '../../pve/loose.js';
import { type ContentType, splitList } from '../../pve/storage.js';

const word = text.optional();

const definition = z.object({
  storage: z.string(),
  type: z.string(),
  content: z.string().optional(),
  disable: flag.optional(),
  nodes: z.string().optional(),
  server: word,
  port: word,
  export: word,
  share: word,
  subdir: word,
  datastore: word,
  namespace: word,
  volume: word,
  monhost: word,
  'fs-name': word,
  /** The fingerprint of the key that a Backup Server's client encrypts with. */
  'encryption-key': word,
});
export type WholeDefinition = z.output<typeof definition>;

/** The definitions of a cluster's storages, with what they are mounted from. */
export const wholeDefinitions = endpoint('GET /storage', z.array(definition));

/** One place outside of both clusters that each has as a storage. */
export interface SharedStorage {
  /** As the source calls it. */
  readonly source: string;
  /** As the target calls it. */
  readonly target: string;
  readonly type: string;
  /** `10.0.0.9:/export/backup` */
  readonly where: string;
}

/** Where a storage is in the network; `undefined` for what only its own cluster has. */
export function placeOf(one: WholeDefinition): string | undefined {
  const host = one.server?.toLowerCase();
  const below = one.subdir === undefined ? '' : `/${one.subdir.replace(/^\/+|\/+$/g, '')}`;
  if (one.type === 'cephfs')
    return one.monhost === undefined
      ? undefined
      : `${splitList(one.monhost.toLowerCase()).sort().join(',')}/${one['fs-name'] ?? 'cephfs'}${below}`;
  if (host === undefined) return undefined;
  if (one.type === 'nfs' && one.export !== undefined) return `${host}:${one.export.replace(/(.)\/+$/, '$1')}${below}`;
  if (one.type === 'cifs' && one.share !== undefined) return `//${host}/${one.share.toLowerCase()}${below}`;
  if (one.type === 'glusterfs' && one.volume !== undefined) return `${host}:${one.volume}${below}`;
  if (one.type !== 'pbs' || one.datastore === undefined) return undefined;
  const port = one.port === undefined || one.port === '8007' ? '' : `:${one.port}`;
  return `${host}${port}:${one.datastore}${one.namespace ? `/${one.namespace}` : ''}`;
}

interface Wish {
  readonly content: ContentType;
  /** Where it must be reachable; all nodes where none is named. */
  readonly node?: string | undefined;
  readonly targetNode?: string | undefined;
}

/** The storages that two clusters both mount, in the order of the source's names. */
export function sharedStorages(
  source: readonly WholeDefinition[],
  target: readonly WholeDefinition[],
  { content, node, targetNode }: Wish,
): SharedStorage[] {
  const usable = (one: WholeDefinition, on: string | undefined) =>
    one.disable !== true &&
    splitList(one.content).includes(content) &&
    (on === undefined || one.nodes === undefined || splitList(one.nodes).includes(on));
  return source
    .filter((one) => usable(one, node))
    .flatMap((one) => {
      const where = placeOf(one);
      if (where === undefined) return [];
      const twins = target.filter(
        (other) => other.type === one.type && usable(other, targetNode) && placeOf(other) === where,
      );
      return twins.map((twin) => ({ source: one.storage, target: twin.storage, type: one.type, where }));
    })
    .sort((a, b) => a.source.localeCompare(b.source) || a.target.localeCompare(b.target));
}
