import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { lockReads, refuseLocked } from './refuse-locked.js';

const remove = endpoint('DELETE /nodes/{node}/{type}/{vmid}', startedUpid);

const output = z.object({ vmid: z.number(), name: z.string().optional(), node: z.string(), upid: z.string() });

const purge = z.boolean().optional().describe('Jobs, HA; default true');
const orphans = z.boolean().optional().describe('All of its VMID');

export default [
  defineTool({
    name: 'proxmox-delete-vm',
    daily: true,
    title: 'Delete VM',
    description: 'Delete a stopped VM and its disks for good; backups stay.',
    effect: 'destroy',
    scope: 'vm',
    toolset: 'guests',
    input: { purge, destroy_unreferenced_disks: orphans },
    output,
    calls: { remove, ...lockReads },
    privileges: ['VM.Allocate on /vms'],
    run: async ({ target, input, call }) => {
      // QEMU has no `force`: a running VM is refused with a 500 after the fact.
      if (target.status !== 'stopped')
        throw new Refused(
          `VM ${target.vmid} is ${target.status}`,
          'Stop it first: proxmox-shutdown-vm or proxmox-stop-vm.',
        );
      await refuseLocked(call, target);
      const { data } = await call.remove(target, {
        purge: input.purge ?? true,
        'destroy-unreferenced-disks': input.destroy_unreferenced_disks,
      });
      return { vmid: target.vmid, name: target.name, node: target.node, upid: data };
    },
  }),
  defineTool({
    name: 'proxmox-delete-lxc',
    daily: true,
    title: 'Delete container',
    description: 'Delete a container and its volumes for good; backups stay.',
    effect: 'destroy',
    scope: 'lxc',
    toolset: 'guests',
    input: {
      purge,
      destroy_unreferenced_disks: orphans,
      force: z.boolean().optional().describe('Stop it first'),
    },
    output,
    calls: { remove, ...lockReads },
    privileges: ['VM.Allocate on /vms'],
    run: async ({ target, input, call }) => {
      if (target.status === 'running' && !input.force)
        throw new Refused(
          `container ${target.vmid} is running`,
          "Stop it first with proxmox-shutdown-lxc, or set 'force'.",
        );
      await refuseLocked(call, target);
      const { data } = await call.remove(target, {
        purge: input.purge ?? true,
        'destroy-unreferenced-disks': input.destroy_unreferenced_disks,
        force: input.force,
      });
      return { vmid: target.vmid, name: target.name, node: target.node, upid: data };
    },
  }),
];
