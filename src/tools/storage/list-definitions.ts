import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { configText } from '../../pve/guest-config.js';
import { flag } from '../../pve/loose.js';
import { shownField } from '../../pve/secret-fields.js';
import { splitList } from '../../pve/storage.js';
import { defineList } from '../define.js';

const definition = z.looseObject({
  storage: z.string(),
  type: z.string(),
  content: z.string().optional(),
  nodes: z.string().optional(),
  shared: flag.optional(),
  disable: flag.optional(),
});

const options = z.record(z.string(), z.string());

export default [
  defineList({
    name: 'proxmox-list-storage-definitions',
    title: 'Storage definitions',
    description: 'Storages as configured, disabled ones too: type, content, nodes, options.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'storage',
    input: { type: z.string().optional().describe('dir, nfs, pbs, ...') },
    output: z.object({
      storage: z.string(),
      type: z.string(),
      content: z.array(z.string()),
      nodes: z.array(z.string()).optional(),
      shared: z.boolean().optional(),
      enabled: z.boolean(),
      options,
    }),
    calls: { definitions: endpoint('GET /storage', z.array(definition)) },
    privileges: ['Datastore.Audit on /storage'],
    run: async ({ input, call }) => {
      const { data } = await call.definitions({});
      const rows = data.filter(({ type }) => input.type === undefined || type === input.type).map(row);
      return { rows: rows.sort((a, b) => (a.storage < b.storage ? -1 : 1)) };
    },
  }),
];

function row({ storage, type, content, nodes, shared, disable, digest: _, ...rest }: z.output<typeof definition>) {
  // Secrets are kept in files that the API does not read out; left out all the same, should one do so.
  const shown = Object.entries(rest).flatMap(([key, value]) => {
    const text = typeof value === 'boolean' ? String(value) : configText(value);
    return text === undefined || shownField(key, text) !== text ? [] : [[key, text] as const];
  });
  return {
    storage,
    type,
    content: splitList(content).sort(),
    nodes: nodes === undefined ? undefined : splitList(nodes).sort(),
    shared,
    enabled: disable !== true,
    options: Object.fromEntries(shown.sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
