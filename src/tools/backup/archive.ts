import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { ServerError } from '../../pve/errors.js';
import { quoted } from '../../pve/quoted.js';
import type { StorageResource } from '../../pve/resources.js';
import { Refused } from '../refused.js';
import { guestTypeOf } from '../storage/volume-row.js';

/** The configuration that was saved with a backup, as text. */
export const extractConfig = endpoint('GET /nodes/{node}/vzdump/extractconfig', z.string());

/** A backup, and the guest that it holds. */
export interface Archive {
  readonly volid: string;
  /** One that can read it. */
  readonly node: string;
  readonly type: 'qemu' | 'lxc';
  readonly name: string | undefined;
  readonly config: ReadonlyMap<string, string>;
}

/** The lines of a configuration up to its first snapshot. */
export function parseConfig(text: string): Map<string, string> {
  const own = text.split(/^\[.*\]\s*$/m, 1)[0] ?? '';
  return new Map(
    own.split('\n').flatMap((line): [string, string][] => {
      const hit = /^([a-z][\w-]*): ?(.*)$/i.exec(line);
      return hit?.[1] === undefined ? [] : [[hit[1], (hit[2] ?? '').trimEnd()]];
    }),
  );
}

const storageOf = (volid: string) => volid.slice(0, Math.max(0, volid.indexOf(':')));

/** The nodes that may have a backup, the preferred one first; of a shared storage one is enough. */
export function nodesWith(resources: readonly StorageResource[], volid: string, preferred: string): string[] {
  const rows = resources.filter(({ storage }) => storage === storageOf(volid));
  if (rows.length === 0)
    throw new Refused(`there is no storage '${storageOf(volid)}'`, 'See proxmox-list-backups for what there is.');
  const nodes = rows
    .filter(({ status }) => status === 'available')
    .map(({ node }) => node)
    .sort((a, b) => Number(b === preferred) - Number(a === preferred) || (a < b ? -1 : 1));
  if (nodes.length === 0)
    throw new Refused(`storage '${storageOf(volid)}' is not available on any node just now`, 'Try again later.');
  return rows.some(({ shared }) => shared) ? nodes.slice(0, 1) : nodes;
}

/** Reads what a backup holds, on the first of these nodes that has it. */
export async function openArchive(
  extract: Call<typeof extractConfig>,
  volid: string,
  [node = '', ...others]: readonly string[],
): Promise<Archive> {
  const read = await attempt(extract({ node }, { volume: volid }));
  if ('error' in read) {
    if (others.length > 0) return openArchive(extract, volid, others);
    if (!(read.error instanceof ServerError)) throw read.error;
    throw new Refused(
      `'${volid}' cannot be read on node '${node}': ${quoted(read.error.reason)}`,
      'See proxmox-list-backups for what there is, and where.',
    );
  }
  const config = parseConfig(read.value.data);
  const type = guestTypeOf({ volid }) ?? (config.has('rootfs') ? 'lxc' : 'qemu');
  return {
    volid,
    node,
    type: type === 'lxc' ? 'lxc' : 'qemu',
    name: config.get('name') ?? config.get('hostname'),
    config,
  };
}
