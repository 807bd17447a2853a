import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { number, text } from '../../pve/loose.js';
import { storageResources } from '../../pve/resources.js';
import { shownField } from '../../pve/secret-fields.js';
import { isoTime } from '../../pve/time.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { extractConfig, nodesWith, openArchive } from './archive.js';

const files = endpoint(
  'GET /nodes/{node}/storage/{storage}/file-restore/list',
  z.array(z.object({ text, type: z.string(), size: number.optional(), mtime: number.optional() })),
);

const mostFiles = 500;

export default [
  defineTool({
    name: 'proxmox-backup-contents',
    title: 'Backup contents',
    description: 'Guest configuration in a backup; with path files (Backup Server only).',
    effect: 'read',
    scope: 'volume',
    toolset: 'backup',
    input: {
      path: z
        .string()
        .refine((text) => text.startsWith('/') && text.length <= 4096, 'it begins with /')
        .optional()
        .describe('Folder; / first'),
    },
    output: z.object({
      volid: z.string(),
      node: z.string(),
      type: z.string(),
      name: z.string().optional(),
      config: z.record(z.string(), z.string()),
      files: z
        .array(
          z.object({
            name: z.string(),
            folder: z.boolean(),
            size: z.number().optional(),
            mtime: z.string().optional(),
          }),
        )
        .optional(),
      files_total: z.number().optional(),
    }),
    calls: { resources: storageResources, extract: extractConfig, files },
    privileges: ['Datastore.AllocateSpace|Datastore.Allocate on /storage', 'VM.Backup on /vms'],
    run: async ({ target, input, call }) => {
      const { storage, volid } = target;
      const { data: resources } = await call.resources({}, { type: 'storage' });
      const archive = await openArchive(call.extract, volid, nodesWith(resources, volid, target.node));
      const { node, type, name } = archive;
      const facts = { volid, node, type, name, config: shown(archive.config) };
      if (input.path === undefined) return facts;
      const plugin = resources.find((row) => row.storage === storage)?.plugintype;
      if (plugin !== undefined && plugin !== 'pbs')
        throw new Refused(
          `files can be listed on Proxmox Backup Server only; storage '${storage}' is of type ${plugin}`,
          "Leave 'path' out for the configuration, or restore the guest to look into it.",
        );
      const { data } = await call.files({ node, storage }, { volume: volid, filepath: encoded(input.path) });
      return { ...facts, files: data.slice(0, mostFiles).map(fileRow), files_total: data.length };
    },
  }),
];

// All but the root is given in base64 (pve-storage, API2/Storage/FileRestore.pm).
const encoded = (path: string) => (path === '/' ? path : Buffer.from(path).toString('base64'));

// `v` a virtual folder, `d` a folder; in a VM's backup the archives and partitions are virtual ones.
const fileRow = (entry: { text: string; type: string; size?: number | undefined; mtime?: number | undefined }) => ({
  name: entry.text,
  folder: entry.type === 'd' || entry.type === 'v',
  size: entry.size,
  mtime: entry.mtime === undefined ? undefined : isoTime(entry.mtime),
});

/** What a guest's owner kept secret stays so. */
const shown = (config: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    [...config].map(([key, value]) => [key, key === 'cipassword' ? '**********' : shownField(key, value)]),
  );
