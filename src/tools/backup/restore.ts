import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { clusterResources } from '../../pve/resources.js';
import { startedUpid } from '../../pve/upid.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { startNote } from '../guests/start-note.js';
import { scopeArguments, vmid } from '../scope.js';
import { extractConfig } from './archive.js';
import { nodeStorages } from './choose-storage.js';
import { containerStorage, diskStorages, planRestore, requireStorages } from './restore-plan.js';

const input = {
  ...scopeArguments.creation,
  archive: z
    .string()
    .refine(
      (text) => /^[A-Za-z][\w.-]*:[^\s,]{1,200}$/.test(text),
      "a volid reads 'storage:name', as proxmox-list-backups lists it",
    )
    .describe('Volid of backup'),
  vmid: vmid.optional().describe('Default: next free'),
  overwrite: z.boolean().optional().describe('Replace that VMID'),
  storage: storageId.optional().describe('Default: as saved'),
  unique: z.boolean().optional().describe('New MACs; default true unless overwriting'),
  start: z.boolean().optional().describe('Start it then'),
};

const shared = {
  effect: 'destroy',
  scope: 'creation',
  toolset: 'backup',
  daily: true,
  input,
  output: z.object({
    vmid: z.number(),
    name: z.string().optional(),
    node: z.string(),
    archive: z.string(),
    upid: z.string(),
  }),
  privileges: ['VM.Allocate|VM.Backup on /vms', 'VM.Backup on /vms', 'Datastore.AllocateSpace on /storage'],
} as const;

/** What the answer tells of a failure that came after the request. */
const remarks = (kind: 'vm' | 'lxc', start: boolean | undefined) => [
  `A restore that fails can leave the guest half restored, and locked: proxmox-delete-${kind} takes it away.`,
  ...(start ? [startNote(kind)] : []),
];

const reads = { resources: clusterResources, status: guestStatus, extract: extractConfig, nodeStorages };

export default [
  defineTool({
    ...shared,
    name: 'proxmox-restore-vm',
    title: 'Restore VM',
    description: 'Restore a VM as a new one; overwrite replaces a stopped one and its data.',
    calls: { ...reads, restore: endpoint('POST /nodes/{node}/qemu', startedUpid) },
    run: async ({ target, input, call, note, claimVmid }) => {
      const { node, archive, overwrites, lastLook } = await planRestore('qemu', { target, input, call, note });
      const { data: storages } = await call.nodeStorages({ node });
      requireStorages(storages, node, input.storage === undefined ? diskStorages(archive) : [input.storage]);
      for (const remark of remarks('vm', input.start)) note(remark);
      return claimVmid(input.vmid, async (vmid) => {
        await lastLook();
        const { data: upid } = await call.restore(
          { node },
          {
            vmid,
            archive: archive.volid,
            storage: input.storage,
            unique: (input.unique ?? !overwrites) || undefined,
            force: overwrites || undefined,
            start: input.start,
          },
        );
        return { vmid, name: archive.name, node, archive: archive.volid, upid };
      });
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-restore-lxc',
    title: 'Restore container',
    description: 'Restore a container as a new one; overwrite replaces a stopped one and its data.',
    calls: { ...reads, restore: endpoint('POST /nodes/{node}/lxc', startedUpid) },
    run: async ({ target, input, call, note, defaults, claimVmid }) => {
      const { node, archive, overwrites, lastLook } = await planRestore('lxc', { target, input, call, note });
      const { data: storages } = await call.nodeStorages({ node });
      const storage = containerStorage(storages, node, archive, { named: input.storage, fallback: defaults.storage });
      if (input.storage === undefined) note(`All its volumes go to storage ${storage}.`);
      for (const remark of remarks('lxc', input.start)) note(remark);
      return claimVmid(input.vmid, async (vmid) => {
        await lastLook();
        const { data: upid } = await call.restore(
          { node },
          {
            vmid,
            ostemplate: archive.volid,
            restore: true,
            storage,
            unique: (input.unique ?? !overwrites) || undefined,
            force: overwrites || undefined,
            start: input.start,
          },
        );
        return { vmid, name: archive.name, node, archive: archive.volid, upid };
      });
    },
  }),
];
