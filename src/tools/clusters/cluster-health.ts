import { z } from 'zod';
import { defineTool } from '../define.js';
import { grantsOf, problemsOf, stateOf } from './cluster-state.js';
import { readPrivileges } from './cluster-totals.js';

const state = z.enum(['ok', 'warning', 'down']);

export default [
  defineTool({
    name: 'proxmox-cluster-health',
    daily: true,
    title: 'Cluster health',
    description: 'Check clusters now: problems and what to do, nodes, quorum, latency (ms), token rights.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'clusters',
    input: {},
    output: z.object({
      state,
      problems: z.array(z.looseObject({ code: z.string(), message: z.string(), next: z.string() })),
      reachable: z.boolean(),
      token_accepted: z.boolean().optional(),
      latency: z.number().optional(),
      version: z.string().optional(),
      cluster_name: z.string().optional(),
      quorate: z.boolean().optional(),
      nodes: z.object({ online: z.array(z.string()), offline: z.array(z.string()) }).optional(),
      privileges: z.record(z.string(), z.array(z.string())).optional(),
      more_paths: z.number().optional(),
      checked_at: z.string(),
      previous_check: z.object({ at: z.string(), state }).optional(),
    }),
    // The check itself asks; a tool has no hand in it.
    calls: {},
    privileges: readPrivileges,
    run: async ({ target: { cluster } }) => {
      const { lastCheck: before, info } = cluster;
      const check = await cluster.check();
      const problems = problemsOf(check, info.tokenId);
      const { reachable, tokenAccepted, latency, version, clusterName, quorate, nodes, privileges, checkedAt } = check;
      const grants = privileges && grantsOf(privileges);
      return {
        state: stateOf(check, problems),
        problems,
        reachable,
        token_accepted: tokenAccepted,
        latency,
        version,
        cluster_name: clusterName,
        quorate,
        nodes: nodes && { online: [...nodes.online], offline: [...nodes.offline] },
        privileges: grants?.shown,
        more_paths: grants?.left || undefined,
        checked_at: new Date(checkedAt).toISOString(),
        previous_check: before && {
          at: new Date(before.checkedAt).toISOString(),
          state: stateOf(before, problemsOf(before, info.tokenId)),
        },
      };
    },
  }),
];
