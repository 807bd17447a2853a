import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { defineTool } from '../define.js';

const subscription = z.object({
  status: z.string(),
  message: z.string().optional(),
  level: z.string().optional(),
  productname: z.string().optional(),
  regdate: z.string().optional(),
  nextduedate: z.string().optional(),
});

export default [
  defineTool({
    name: 'proxmox-node-subscription',
    title: 'Node subscription',
    description: 'Subscription of a node: status, level, due date; not its key.',
    effect: 'read',
    scope: 'node',
    toolset: 'nodes',
    input: {},
    output: subscription.extend({ node: z.string() }),
    calls: { subscription: endpoint('GET /nodes/{node}/subscription', subscription) },
    privileges: [],
    run: async ({ target, call }) => ({ node: target.node, ...(await call.subscription(target)).data }),
  }),
];
