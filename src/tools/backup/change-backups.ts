import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { toWord } from '../../pve/quoted.js';
import { storageResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { backupInWords, findBackup } from './find-backup.js';

const shared = {
  scope: 'volume',
  toolset: 'backup',
  privileges: ['Datastore.AllocateSpace|Datastore.Allocate on /storage', 'VM.Backup on /vms'],
} as const;

const reads = { resources: storageResources, content: storageContent };
const remove = endpoint('DELETE /nodes/{node}/storage/{storage}/content/{volume}', startedUpid);
const update = endpoint('PUT /nodes/{node}/storage/{storage}/content/{volume}', z.null());

export default [
  defineTool({
    ...shared,
    name: 'proxmox-delete-backup',
    title: 'Delete backup',
    description: 'Delete a backup for good; a protected one is refused.',
    effect: 'destroy',
    input: {},
    output: z.object({ volid: z.string(), vmid: z.number().optional(), node: z.string(), upid: z.string() }),
    calls: { ...reads, remove },
    run: async ({ target, call, note }) => {
      const { volid, storage } = target;
      const { node, backup } = await findBackup(call, target);
      if (backup.protected)
        throw new Refused(
          `${toWord(volid)} is protected`,
          'Lift that with proxmox-protect-backup if it shall really go.',
        );
      note(backupInWords(backup));
      const { data } = await call.remove({ node, storage, volume: volid });
      return { volid, vmid: backup.vmid, node, upid: data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-protect-backup',
    title: 'Protect backup',
    description: 'Protect a backup from deletion, or lift that; set its notes.',
    effect: 'write',
    destroysIf: (input) => input.protected === false,
    input: {
      protected: z.boolean().optional().describe('false: lift it'),
      notes: z
        .string()
        .refine((text) => text.length <= 8192, '8192 characters at most')
        .optional()
        .describe('New notes'),
    },
    output: z.object({
      volid: z.string(),
      vmid: z.number().optional(),
      node: z.string(),
      protected: z.boolean(),
      notes: z.string().optional(),
      unchanged: z.string().optional(),
    }),
    calls: { ...reads, update },
    run: async ({ target, input, call }) => {
      const { volid, storage } = target;
      if (input.protected === undefined && input.notes === undefined)
        throw new InvalidInput({ argument: 'protected', message: "give 'protected', 'notes' or both" });
      const { node, backup } = await findBackup(call, target);
      const before = { protected: backup.protected ?? false, notes: backup.notes?.trim() ?? '' };
      const after = { protected: input.protected ?? before.protected, notes: input.notes ?? before.notes };
      const result = { volid, vmid: backup.vmid, node, protected: after.protected, notes: after.notes || undefined };
      if (after.protected === before.protected && after.notes === before.notes)
        return { ...result, unchanged: 'it is so already' };
      await call.update({ node, storage, volume: volid }, { protected: input.protected, notes: input.notes });
      return result;
    },
  }),
];
