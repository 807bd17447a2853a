import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { defineTool } from '../define.js';
import { history, historyInput, historyOutput, rrdQuery, rrdRows } from './history.js';

const common = { effect: 'read', toolset: 'metrics', input: historyInput } as const;

const guestOutput = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  ...historyOutput,
});

const guestHistory = endpoint('GET /nodes/{node}/{type}/{vmid}/rrddata', rrdRows);

const guestTool = <const N extends `proxmox-${string}`, S extends 'vm' | 'lxc'>(name: N, scope: S, kind: string) =>
  defineTool({
    ...common,
    name,
    scope,
    title: `${kind} metrics`,
    description: `History of a ${kind}: cpu (0-1), memory, network and disk rates (bytes/s).`,
    output: guestOutput,
    calls: { history: guestHistory },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, input, call }) => {
      const { node, vmid, type, name: guest } = target;
      const { data } = await call.history({ node, vmid, type }, rrdQuery(input));
      return { vmid, name: guest, node, ...history(data, input) };
    },
  });

export default [
  guestTool('proxmox-vm-metrics', 'vm', 'VM'),
  guestTool('proxmox-lxc-metrics', 'lxc', 'Container'),
  defineTool({
    ...common,
    name: 'proxmox-node-metrics',
    scope: 'node',
    title: 'Node metrics',
    description: 'History of a node: cpu and iowait (0-1), load, memory, root disk, network.',
    output: z.object({ node: z.string(), ...historyOutput }),
    calls: { history: endpoint('GET /nodes/{node}/rrddata', rrdRows) },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ target, input, call }) => {
      const { data } = await call.history(target, rrdQuery(input));
      return { node: target.node, ...history(data, input) };
    },
  }),
  defineTool({
    ...common,
    name: 'proxmox-storage-metrics',
    scope: 'storage',
    title: 'Storage metrics',
    description: 'History of a storage as one node sees it: total and used.',
    output: z.object({ storage: z.string(), node: z.string(), ...historyOutput }),
    calls: { history: endpoint('GET /nodes/{node}/storage/{storage}/rrddata', rrdRows) },
    privileges: ['Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: async ({ target, input, call }) => {
      const { data } = await call.history(target, rrdQuery(input));
      return { storage: target.storage, node: target.node, ...history(data, input) };
    },
  }),
];
