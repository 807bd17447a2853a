import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { quotedLines } from '../../pve/quoted.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { networks } from './network-interface.js';

const shared = {
  effect: 'destroy',
  scope: 'node',
  toolset: 'network',
  input: {},
  privileges: ['Sys.Modify on /nodes'],
} as const;

const nothing = 'nothing is staged';

export default [
  defineTool({
    ...shared,
    name: 'proxmox-apply-network',
    title: 'Apply network changes',
    description: 'Put all staged network changes of a node in force; a wrong one cuts it off.',
    output: z.object({ node: z.string(), upid: z.string().optional(), unchanged: z.string().optional() }),
    calls: { networks, apply: endpoint('PUT /nodes/{node}/network', startedUpid) },
    run: async ({ target: { node }, call, note }) => {
      const { changes } = await call.networks({ node });
      if (changes === undefined) return { node, unchanged: nothing };
      note(`All that is staged on ${node}, by whomever: ${quotedLines(changes)}`);
      return { node, upid: (await call.apply({ node })).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-revert-network',
    title: 'Drop network changes',
    description: 'Drop all staged network changes of a node.',
    output: z.object({ node: z.string(), dropped: z.string().optional(), unchanged: z.string().optional() }),
    calls: { networks, revert: endpoint('DELETE /nodes/{node}/network', z.null()) },
    run: async ({ target: { node }, call, note }) => {
      const { changes } = await call.networks({ node });
      if (changes === undefined) return { node, unchanged: nothing };
      note(`All that is staged on ${node}, by whomever: ${quotedLines(changes)}`);
      await call.revert({ node });
      return { node, dropped: changes };
    },
  }),
];
