import { z } from 'zod';
import { storageResources } from '../../pve/resources.js';
import { contentTypes, storageDefinitions } from '../../pve/storage.js';
import { nodeName } from '../arguments/names.js';
import { defineList } from '../define.js';
import { storageRow, storageRows } from './storage-rows.js';

export default [
  defineList({
    name: 'proxmox-list-storage',
    title: 'List storages',
    description: 'Storages with usage: a row for a shared one, a row per node for a local one.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'storage',
    daily: true,
    input: {
      node: nodeName.optional().describe('Only on it'),
      content: z.enum(contentTypes).optional().describe('That hold it'),
    },
    output: storageRow,
    calls: { definitions: storageDefinitions, resources: storageResources },
    privileges: ['Datastore.Audit on /storage'],
    run: async ({ input, call }) => {
      const [definitions, resources] = await Promise.all([
        call.definitions({}),
        call.resources({}, { type: 'storage' }),
      ]);
      const rows = storageRows(definitions.data, resources.data).filter(
        (row) =>
          (input.content === undefined || row.content.includes(input.content)) &&
          (input.node === undefined ||
            (row.node === undefined ? isOn(row.nodes, input.node) : row.node === input.node)),
      );
      const reported = new Set(resources.data.map(({ storage }) => storage));
      const unreported = rows.filter(({ storage, enabled }) => enabled && !reported.has(storage));
      const strange = input.node !== undefined && !resources.data.some(({ node }) => node === input.node);
      const notes = [
        ...(strange ? ['No storage is reported on that node: proxmox-list-nodes gives the names of the nodes.'] : []),
        ...(unreported.length > 0 ? [unreportedNote(unreported.length)] : []),
      ];
      return { rows, notes };
    },
  }),
];

/** A storage that names no nodes is on all of them. */
const isOn = (nodes: readonly string[] | undefined, node: string) => nodes === undefined || nodes.includes(node);

const unreportedNote = (count: number) =>
  `No node reports on ${count} of these storages, so their state and usage are not known: none of their nodes may exist, or the token has no Datastore.Audit on them.`;
