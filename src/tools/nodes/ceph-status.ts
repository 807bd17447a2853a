import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { endpoint } from '../../pve/endpoint.js';
import { ServerError } from '../../pve/errors.js';
import { number } from '../../pve/loose.js';
import { quoted, toWord } from '../../pve/quoted.js';
import { defineTool } from '../define.js';

const ceph = z.looseObject({
  health: z.looseObject({
    status: z.string(),
    checks: z
      .record(z.string(), z.looseObject({ summary: z.looseObject({ message: z.string() }).optional() }))
      .optional(),
  }),
  osdmap: z
    .looseObject({ num_osds: number.optional(), num_up_osds: number.optional(), num_in_osds: number.optional() })
    .optional(),
  pgmap: z
    .looseObject({ bytes_total: number.optional(), bytes_used: number.optional(), bytes_avail: number.optional() })
    .optional(),
  quorum_names: z.array(z.string()).optional(),
});

/** What a node without Ceph says (pve-manager, Ceph/Tools.pm). */
const noCeph = /binary not installed|not (?:fully )?configured|ceph.*not initialized/i;

export default [
  defineTool({
    name: 'proxmox-ceph-status',
    title: 'Ceph status',
    description: 'Health, OSDs, monitors and space of Ceph, or that there is none.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'nodes',
    input: {},
    output: z.object({
      ceph: z.boolean(),
      reason: z.string().optional(),
      health: z.string().optional(),
      problems: z.array(z.string()).optional(),
      osds: z.object({ all: z.number().optional(), up: z.number().optional(), in: z.number().optional() }).optional(),
      monitors: z.array(z.string()).optional(),
      bytes_total: z.number().optional(),
      bytes_used: z.number().optional(),
    }),
    calls: { status: endpoint('GET /cluster/ceph/status', ceph) },
    privileges: ['Sys.Audit|Datastore.Audit on /'],
    run: async ({ call }) => {
      const asked = await attempt(call.status({}));
      if ('error' in asked) {
        if (asked.error instanceof ServerError && noCeph.test(asked.error.reason))
          return { ceph: false, reason: quoted(asked.error.reason) };
        throw asked.error;
      }
      const { health, osdmap, pgmap, quorum_names } = asked.value.data;
      return {
        ceph: true,
        health: health.status,
        problems: Object.entries(health.checks ?? {}).map(
          ([code, check]) => `${toWord(code)}: ${check.summary?.message ?? ''}`,
        ),
        osds: { all: osdmap?.num_osds, up: osdmap?.num_up_osds, in: osdmap?.num_in_osds },
        monitors: quorum_names,
        bytes_total: pgmap?.bytes_total,
        bytes_used: pgmap?.bytes_used,
      };
    },
  }),
];
