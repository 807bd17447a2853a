import { z } from 'zod';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';

const names = z.array(z.string());

export default [
  defineTool({
    name: 'proxmox-reload-configuration',
    title: 'Reload configuration',
    description: "Read this server's settings file again; running calls end as they began.",
    effect: 'read',
    changesServer: true,
    scope: 'configuration',
    toolset: 'clusters',
    input: {},
    output: z.object({
      /** Absent where the real environment alone is read. */
      file: z.string().optional(),
      default_cluster: z.string(),
      /** Where it is another than before. */
      default_changed: z.string().optional(),
      clusters: names,
      added: names,
      removed: names,
      /** Variables by name; their values are shown nowhere. */
      changed: z.array(z.object({ cluster: z.string(), variables: names })),
      /** Variables that are of no cluster. */
      changed_for_all: names,
      tools_changed: z.boolean(),
      warnings: names.optional(),
    }),
    calls: {},
    privileges: [],
    run: async () => {
      throw new Refused(
        'only a server that is running has a configuration to read again',
        'Start this program anew: it reads its configuration then.',
      );
    },
  }),
];
