import { z } from 'zod';
import { inTurns } from '../../pve/attempt.js';
import { nodes } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { configText, guestConfig } from '../../pve/guest-config.js';
import type { GuestResource } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { nodeName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { forEachGuest, guestReads, guestsInWords, guestsOf, guestsOutput, isUnderHa } from './guests-of-node.js';

const vmids = z.array(vmid).min(1).max(500).optional().describe('Only these');
const list = (given: readonly number[] | undefined) => given?.join(',');
const shared = { scope: 'node', toolset: 'nodes', output: guestsOutput } as const;

/** What start and stop consider: no templates, and of those under HA only what is named. */
const considered = (vmids: readonly number[] | undefined) => (guest: GuestResource) =>
  !guest.template && (vmids !== undefined || !isUnderHa(guest));

export default [
  defineTool({
    ...shared,
    name: 'proxmox-start-all-guests',
    title: 'Start all guests',
    description: 'Start the guests of a node that start at boot; with force all.',
    effect: 'write',
    input: { vmids, force: z.boolean().optional().describe('All others too') },
    calls: { ...guestReads, config: guestConfig, start: endpoint('POST /nodes/{node}/startall', startedUpid) },
    privileges: ['VM.PowerMgmt on /', 'VM.Audit on /vms'],
    run: async (context) => {
      const { target, call, note } = context;
      const { vmids, force } = context.input;
      const off = (await guestsOf(target.node, vmids, call)).filter(
        (guest) => considered(vmids)(guest) && (guest.status ?? 'stopped') === 'stopped',
      );
      // `vms` alone does not make those start that do not at boot (pve-manager, Nodes.pm, startall).
      const atBoot = await inTurns(
        off,
        async (guest) => force || configText((await call.config(guest)).data.onboot) === '1',
      );
      const left = off.filter((_, index) => !atBoot[index]);
      if (vmids !== undefined && left.length > 0)
        note(`Without force, as they do not start at boot, these stay off: ${guestsInWords(left)}.`);
      return forEachGuest(context, {
        verb: 'Starts',
        guests: off.filter((_, index) => atBoot[index]),
        start: async () => (await call.start(target, { vms: list(vmids), force })).data,
        asAsked: ({ status }) => status === 'running',
      });
    },
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
    calls: { ...guestReads, stop: endpoint('POST /nodes/{node}/stopall', startedUpid) },
    privileges: ['VM.PowerMgmt on /', 'VM.Audit on /vms'],
    run: async (context) => {
      const { target, call, input } = context;
      const on = (await guestsOf(target.node, input.vmids, call)).filter(
        (guest) => considered(input.vmids)(guest) && guest.status !== 'stopped',
      );
      const form = { vms: list(input.vmids), timeout: input.grace, 'force-stop': input.force_stop };
      return forEachGuest(context, {
        verb: 'Stops',
        guests: on,
        start: async () => (await call.stop(target, form)).data,
        asAsked: ({ status }) => status === 'stopped',
      });
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-migrate-all-guests',
    title: 'Migrate all guests',
    description: 'Move the guests of a node: running VMs live, containers by a restart.',
    effect: 'destroy',
    input: {
      target_node: nodeName.describe('Node'),
      vmids,
      at_once: z.int().min(1).max(20).optional().describe('Default 1'),
      with_local_disks: z.boolean().optional().describe('Copy local disks'),
    },
    calls: { ...guestReads, nodes, migrate: endpoint('POST /nodes/{node}/migrateall', startedUpid) },
    privileges: ['VM.Migrate on /', 'VM.Audit on /vms'],
    run: async (context) => {
      const { target, input, call } = context;
      const { data } = await call.nodes({});
      const online = data.filter(({ status }) => status === 'online').map(({ node }) => node);
      if (input.target_node === target.node || !online.includes(input.target_node))
        throw new Refused(
          `guests cannot be moved to '${input.target_node}'`,
          `Other nodes that are online: ${online.filter((node) => node !== target.node).join(', ') || 'none'}.`,
        );
      const form = {
        target: input.target_node,
        vms: list(input.vmids),
        // Required where datacenter.cfg sets no max_workers.
        maxworkers: input.at_once ?? 1,
        'with-local-disks': input.with_local_disks,
      };
      return forEachGuest(context, {
        verb: `Moves to ${input.target_node}`,
        guests: await guestsOf(target.node, input.vmids, call),
        start: async () => (await call.migrate(target, form)).data,
        asAsked: ({ node }) => node === input.target_node,
      });
    },
  }),
];
