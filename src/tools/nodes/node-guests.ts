import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';

const vmids = z.array(vmid).min(1).max(500).optional().describe('Only these');
const output = z.object({ node: z.string(), upid: z.string() });
const list = (given: readonly number[] | undefined) => given?.join(',');
const shared = { scope: 'node', toolset: 'nodes', output } as const;

export default [
  defineTool({
    ...shared,
    name: 'proxmox-start-all-guests',
    title: 'Start all guests',
    description: 'Start the guests of a node that start at boot; with force all.',
    effect: 'write',
    input: { vmids, force: z.boolean().optional().describe('All others too') },
    calls: { start: endpoint('POST /nodes/{node}/startall', startedUpid) },
    privileges: ['VM.PowerMgmt on /'],
    run: async ({ target, input, call }) => ({
      node: target.node,
      upid: (await call.start(target, { vms: list(input.vmids), force: input.force })).data,
    }),
  }),
  defineTool({
    ...shared,
    name: 'proxmox-stop-all-guests',
    title: 'Stop all guests',
    description: 'Shut down the guests of a node; those still up after the grace are cut off.',
    effect: 'destroy',
    input: {
      vmids,
      grace: z.int().min(0).max(7200).optional().describe('Seconds each; default 180'),
      force_stop: z.boolean().optional().describe('Default true'),
    },
    calls: { stop: endpoint('POST /nodes/{node}/stopall', startedUpid) },
    privileges: ['VM.PowerMgmt on /'],
    run: async ({ target, input, call }) => {
      const form = { vms: list(input.vmids), timeout: input.grace, 'force-stop': input.force_stop };
      return { node: target.node, upid: (await call.stop(target, form)).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-migrate-all-guests',
    title: 'Migrate all guests',
    description: 'Move the guests of a node: running VMs live, containers by a restart.',
    effect: 'destroy',
    input: {
      target_node: z.string().min(1).max(64).describe('Node'),
      vmids,
      at_once: z.int().min(1).max(20).optional().describe('Default 1'),
      with_local_disks: z.boolean().optional().describe('Copy local disks'),
    },
    calls: { nodes, migrate: endpoint('POST /nodes/{node}/migrateall', startedUpid) },
    privileges: ['VM.Migrate on /'],
    run: async ({ target, input, call }) => {
      const { data } = await call.nodes({});
      const online = data.filter(({ status }) => status === 'online').map(({ node }) => node);
      if (input.target_node === target.node || !online.includes(input.target_node))
        throw new Refused(
          `guests cannot be moved to '${input.target_node}'`,
          `Other nodes that are online: ${online.filter((node) => node !== target.node).join(', ') || 'none'}.`,
        );
      const { data: upid } = await call.migrate(target, {
        target: input.target_node,
        vms: list(input.vmids),
        // Required where datacenter.cfg sets no max_workers.
        maxworkers: input.at_once ?? 1,
        'with-local-disks': input.with_local_disks,
      });
      return { node: target.node, upid };
    },
  }),
];
