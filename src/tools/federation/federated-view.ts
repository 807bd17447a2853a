import { z } from 'zod';
import { holds, parseNeed } from '../../pve/privileges.js';
import { settle } from '../../pve/settle.js';
import { defineList } from '../define.js';
import type { Fields } from './difference.js';
import { kinds, namedReads, neededFor, readNamed } from './pools-tags-users.js';
import { type FederatedRow, mergeClusters } from './seen-in-clusters.js';

const fact = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

export default [
  defineList({
    name: 'proxmox-federated-view',
    title: 'Pools, tags, users of all',
    description: 'Pools, tags or users of all clusters by name: who has it, who lacks it, what differs.',
    effect: 'read',
    scope: 'across',
    toolset: 'federation',
    input: {
      kind: z.enum(kinds).describe('Which'),
      differing: z.boolean().optional().describe('Only what is not the same everywhere'),
    },
    output: z.object({
      name: z.string(),
      /** Those that have it, in the order of the configuration. */
      clusters: z.array(z.string()),
      missing: z.array(z.string()).optional(),
      differs: z.array(z.string()).optional(),
      by_cluster: z.record(z.string(), z.record(z.string(), fact)),
    }),
    calls: namedReads,
    privileges: ['Pool.Audit on /pool', 'VM.Audit on /vms', 'User.Modify|Sys.Audit on /access/groups'],
    run: async ({ target, input, at }) => {
      const { kind, differing } = input;
      const need = parseNeed(neededFor[kind]);
      const { values, failed } = await settle(target.clusters, async (cluster) => {
        const { call } = at(cluster);
        const [items, granted] = await Promise.all([readNamed[kind](call), call.permissions({})]);
        return { cluster: cluster.info.name, items, whole: holds(granted.data, need) };
      });
      const rows = mergeClusters(values.map(({ value }) => value));
      const chosen = differing ? rows.filter(({ missing, differs }) => missing.length + differs.length > 0) : rows;
      return {
        rows: chosen.map(shown),
        notes: [
          ...failed.map(({ key, reason }) => `${key.info.name} ${reason}: what it has is not in here.`),
          ...values
            .filter(({ value }) => !value.whole)
            .map(({ value }) => `${value.cluster} may have more: its token lacks ${neededFor[kind]}.`),
        ],
      };
    },
  }),
];

const counts = new Set(['guests', 'running']);

function factOf(key: string, value: Fields[string]): z.input<typeof fact> | undefined {
  if (typeof value !== 'string')
    return value === undefined || 'inOrder' in value ? undefined : [...new Set(value)].sort();
  if (counts.has(key)) return Number(value);
  return key === 'enabled' ? value === 'true' : value;
}

function shown({ missing, differs, by_cluster, ...row }: FederatedRow) {
  const facts = ([cluster, fields]: [string, Fields]) => {
    const known = Object.entries(fields).flatMap(([key, value]) => {
      const one = factOf(key, value);
      return one === undefined ? [] : [[key, one] as const];
    });
    return [cluster, Object.fromEntries(known)] as const;
  };
  return {
    ...row,
    missing: missing.length > 0 ? missing : undefined,
    differs: differs.length > 0 ? differs : undefined,
    by_cluster: Object.fromEntries(Object.entries(by_cluster).map(facts)),
  };
}
