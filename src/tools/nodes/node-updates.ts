import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { startedUpid } from '../../pve/upid.js';
import { defineList, defineTool } from '../define.js';

const update = z.object({
  Package: z.string(),
  Version: z.string().optional(),
  OldVersion: z.string().optional(),
  Origin: z.string().optional(),
  Section: z.string().optional(),
  Title: z.string().optional(),
});

export default [
  defineList({
    name: 'proxmox-list-updates',
    title: 'List updates',
    description: 'Packages to update on a node, as of its last proxmox-refresh-updates.',
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({
      package: z.string(),
      version: z.string().optional(),
      installed: z.string().optional(),
      origin: z.string().optional(),
      section: z.string().optional(),
      title: z.string().optional(),
    }),
    calls: { updates: endpoint('GET /nodes/{node}/apt/update', z.array(update)) },
    privileges: ['Sys.Modify on /nodes'],
    run: async ({ target, call }) => {
      const { data } = await call.updates(target);
      const rows = data.map((row) => ({
        package: row.Package,
        version: row.Version,
        installed: row.OldVersion,
        origin: row.Origin,
        section: row.Section,
        title: row.Title,
      }));
      return { rows: rows.sort((a, b) => a.package.localeCompare(b.package)) };
    },
  }),
  defineTool({
    name: 'proxmox-refresh-updates',
    title: 'Refresh updates',
    description: 'Read the package lists of a node anew; installs nothing.',
    effect: 'write',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: z.object({ node: z.string(), upid: z.string() }),
    calls: { refresh: endpoint('POST /nodes/{node}/apt/update', startedUpid) },
    privileges: ['Sys.Modify on /nodes'],
    run: async ({ target, call }) => ({ node: target.node, upid: (await call.refresh(target)).data }),
  }),
];
