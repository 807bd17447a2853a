import { z } from 'zod';
import type { StorageResource } from '../../pve/resources.js';
import { share } from '../../pve/share.js';
import { type StorageDefinition, splitList } from '../../pve/storage.js';

/** A storage as it is listed: one row for a shared one, one a node for a local one. */
export const storageRow = z.object({
  storage: z.string(),
  node: z.string().optional(),
  nodes: z.array(z.string()).optional(),
  type: z.string().optional(),
  content: z.array(z.string()),
  shared: z.boolean(),
  enabled: z.boolean(),
  status: z.enum(['available', 'unknown']),
  unavailable_on: z.array(z.string()).optional(),
  used: z.number().optional(),
  total: z.number().optional(),
  avail: z.number().optional(),
  used_share: z.number().optional(),
});

export type StorageRow = z.input<typeof storageRow>;

/** Joins what is configured with what the nodes report; either side may lack a storage that the other has. */
export function storageRows(
  definitions: readonly StorageDefinition[],
  resources: readonly StorageResource[],
): StorageRow[] {
  const names = new Set([...definitions, ...resources].map(({ storage }) => storage));
  return [...names].sort().flatMap((name) =>
    rowsOf(
      name,
      definitions.find(({ storage }) => storage === name),
      resources.filter(({ storage }) => storage === name).sort((a, b) => (a.node < b.node ? -1 : 1)),
    ),
  );
}

function rowsOf(
  storage: string,
  definition: StorageDefinition | undefined,
  reported: readonly StorageResource[],
): StorageRow[] {
  const [first] = reported;
  const facts = {
    storage,
    type: definition?.type ?? first?.plugintype,
    content: splitList(definition?.content ?? first?.content).sort(),
    shared: definition?.shared === true || first?.shared === true,
    enabled: definition?.disable !== true,
  };
  if (facts.shared) return [{ ...facts, ...sharedFacts(definition, reported) }];
  if (first === undefined) return [{ ...facts, ...configuredNodes(definition), status: 'unknown' }];
  return reported.map((one) => ({ ...facts, node: one.node, status: statusOf(one), ...usage(one) }));
}

function sharedFacts(
  definition: StorageDefinition | undefined,
  reported: readonly StorageResource[],
): Omit<StorageRow, 'storage' | 'content' | 'shared' | 'enabled'> {
  const usable = reported.filter((one) => statusOf(one) === 'available');
  const unusable = reported.filter((one) => statusOf(one) !== 'available').map(({ node }) => node);
  const nodes = reported.length > 0 ? { nodes: reported.map(({ node }) => node) } : configuredNodes(definition);
  const measured = usable.find(({ maxdisk }) => maxdisk !== undefined);
  return {
    ...nodes,
    status: usable.length > 0 ? 'available' : 'unknown',
    ...(usable.length > 0 && unusable.length > 0 ? { unavailable_on: unusable } : {}),
    ...(measured === undefined ? {} : usage(measured)),
  };
}

function configuredNodes(definition: StorageDefinition | undefined): { nodes?: string[] } {
  const nodes = splitList(definition?.nodes).sort();
  return nodes.length > 0 ? { nodes } : {};
}

const statusOf = ({ status }: StorageResource): StorageRow['status'] =>
  status === 'available' ? 'available' : 'unknown';

/** A node that does not reach a storage may report zeros for it, which are no measurement. */
function usage({ status, disk, maxdisk }: StorageResource) {
  if (status !== 'available' || disk === undefined || maxdisk === undefined) return {};
  const sizes = { used: disk, total: maxdisk, avail: Math.max(0, maxdisk - disk) };
  return maxdisk > 0 ? { ...sizes, used_share: share(disk / maxdisk) } : sizes;
}
