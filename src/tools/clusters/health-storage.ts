import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import type { StorageResource, storageResources } from '../../pve/resources.js';
import { lackOf, notSeen } from './not-seen.js';

export const storagePart = z.object({
  over_percent: z.number(),
  full: z
    .array(
      z.object({
        storage: z.string(),
        /** Absent for a shared one. */
        node: z.string().optional(),
        used_percent: z.number(),
        bytes_used: z.number(),
        bytes_total: z.number(),
      }),
    )
    .optional(),
  ...notSeen,
});

const need = 'Datastore.Audit|Datastore.AllocateSpace on /storage';

/** The storages that are used to more than a share, the fullest first. */
export async function fullStorages(
  call: Call<typeof storageResources>,
  percent: number,
  granted: Permissions | undefined,
): Promise<z.input<typeof storagePart>> {
  const asked = await attempt(call({}, { type: 'storage' }));
  const over = { over_percent: percent };
  if ('error' in asked) return { ...over, not_seen: `the cluster ${failureInWords(asked.error)}` };
  const rows = asked.value.data;
  const lack = lackOf(granted, need);
  if (rows.length === 0 && lack !== undefined) return { ...over, not_seen: lack };
  const full = [...onceEach(rows).values()]
    .map(({ storage, node, shared, disk = 0, maxdisk = 0 }) => ({
      storage,
      node: shared ? undefined : node,
      used_percent: maxdisk > 0 ? Math.round((disk / maxdisk) * 1000) / 10 : 0,
      bytes_used: disk,
      bytes_total: maxdisk,
    }))
    .filter(({ used_percent }) => used_percent > percent)
    .sort((a, b) => b.used_percent - a.used_percent);
  return { ...over, full, seen_in_part: lack };
}

/** A shared storage has a row for each node, and those of nodes that are away have no numbers. */
const onceEach = (rows: readonly StorageResource[]) =>
  new Map(
    rows
      .toSorted((a, b) => (a.maxdisk ?? 0) - (b.maxdisk ?? 0))
      .map((row) => [row.shared ? row.storage : `${row.node}/${row.storage}`, row]),
  );
