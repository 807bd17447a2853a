import { z } from 'zod';
import { isoTime } from '../../pve/time.js';
import { defineList } from '../define.js';
import { guestSnapshots } from './snapshot-calls.js';

export default [
  defineList({
    name: 'proxmox-list-snapshots',
    title: 'List snapshots',
    description: 'Snapshots of a VM or container, oldest first; vmstate: with its memory.',
    effect: 'read',
    scope: 'guest',
    toolset: 'snapshots',
    daily: true,
    input: {},
    output: z.object({
      name: z.string(),
      snaptime: z.string().optional(),
      parent: z.string().optional(),
      vmstate: z.boolean().optional(),
      is_parent_of_current: z.boolean().optional(),
      description: z.string().optional(),
    }),
    calls: { snapshots: guestSnapshots },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, call }) => {
      const { data } = await call.snapshots(target);
      // Beside the snapshots the list holds where the guest stands now.
      const current = data.find(({ name }) => name === 'current');
      const rows = data
        .filter((row) => row !== current)
        .sort((a, b) => (a.snaptime ?? 0) - (b.snaptime ?? 0) || a.name.localeCompare(b.name));
      return {
        rows: rows.map(({ name, snaptime, parent, vmstate, description = '' }) => ({
          name,
          snaptime: snaptime === undefined ? undefined : isoTime(snaptime),
          parent,
          vmstate,
          is_parent_of_current: name === current?.parent || undefined,
          description: description.trim() || undefined,
        })),
      };
    },
  }),
];
