import { z } from 'zod';
import { permissions } from '../../pve/discovery.js';
import { contentTypes, storageContent } from '../../pve/storage.js';
import { defineList } from '../define.js';
import { vmid } from '../scope.js';
import { hiddenVolumeNotes } from './hidden-volumes.js';
import { volumeFacts } from './volume-row.js';

export default [
  defineList({
    name: 'proxmox-storage-content',
    title: 'Storage content',
    description: 'Volumes on a storage: disks, ISO images, templates, backups, snippets.',
    effect: 'read',
    scope: 'storage',
    toolset: 'storage',
    daily: true,
    input: {
      content: z.enum(contentTypes).optional().describe('Only these'),
      vmid: vmid.optional().describe('Only its own'),
    },
    output: z.object({
      volid: z.string(),
      content: z.string().optional(),
      format: z.string().optional(),
      size: z.number().optional(),
      'approximate-size': z.number().optional(),
      used: z.number().optional(),
      vmid: z.number().optional(),
      ctime: z.string().optional(),
      notes: z.string().optional(),
      protected: z.boolean().optional(),
      verification: z.string().optional(),
    }),
    calls: { content: storageContent, permissions },
    privileges: ['Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: async ({ target, input, call }) => {
      const { content, vmid: guest } = input;
      const [volumes, granted] = await Promise.all([
        call.content(target, { content, vmid: guest }),
        call.permissions({}),
      ]);
      const rows = volumes.data.map((volume) => ({
        ...volumeFacts(volume),
        content: volume.content,
        format: volume.format,
        used: volume.used,
      }));
      return {
        rows: rows.sort((a, b) => (a.volid < b.volid ? -1 : 1)),
        notes: hiddenVolumeNotes(granted.data, { storages: [target.storage], content, vmid: guest }),
      };
    },
  }),
];
