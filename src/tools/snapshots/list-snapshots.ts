import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { defineList } from '../define.js';
import { cap } from '../guests/guest-facts.js';

const snapshots = endpoint(
  'GET /nodes/{node}/{type}/{vmid}/snapshot',
  z.array(
    z.object({
      name: text,
      description: text.optional(),
      snaptime: number.optional(),
      vmstate: flag.optional(),
      parent: text.optional(),
    }),
  ),
);

export default [
  defineList({
    name: 'proxmox-list-snapshots',
    title: 'List snapshots',
    description:
      'Snapshots of a VM or container, oldest first: when, parent, whether RAM was saved (vmstate). is_parent_of_current marks the one that the present state comes from.',
    effect: 'read',
    scope: 'guest',
    toolset: 'snapshots',
    input: {},
    output: z.object({
      name: z.string(),
      snaptime: z.string().optional(),
      parent: z.string().optional(),
      vmstate: z.boolean().optional(),
      is_parent_of_current: z.boolean().optional(),
      description: z.string().optional(),
    }),
    calls: { snapshots },
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
          description: cap(description.trim()) || undefined,
        })),
      };
    },
  }),
];
