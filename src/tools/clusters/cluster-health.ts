import { z } from 'zod';
import { nodeVersion } from '../../pve/node-version.js';
import { storageResources } from '../../pve/resources.js';
import { backupJobs, uncoveredGuests } from '../backup/backup-job.js';
import { type Context, defineTool } from '../define.js';
import type { CheckedCluster } from '../scope.js';
import { nodeTasks } from '../tasks/task-rows.js';
import { grantsOf, mixedVersions, problemsOf, sameCluster, stateOf, storageFull } from './cluster-state.js';
import { readPrivileges } from './cluster-totals.js';
import { backupsPart, missedBackups } from './health-backups.js';
import { badAddresses, connectionOf, connectionPart } from './health-connection.js';
import { fullStorages, storagePart } from './health-storage.js';
import { failedTasks, tasksPart } from './health-tasks.js';
import { versionsOf } from './health-versions.js';

const state = z.enum(['ok', 'warning', 'down']);

const input = {
  storage_percent: z.int().min(1).max(100).optional().describe('Full above; default 85'),
  privileges: z.boolean().optional().describe("Tell the token's"),
};

const calls = {
  resources: storageResources,
  tasks: nodeTasks,
  uncovered: uncoveredGuests,
  jobs: backupJobs,
  nodeVersion,
};

type Given = Context<'fleet', typeof input, typeof calls>;

export default [
  defineTool({
    name: 'proxmox-cluster-health',
    daily: true,
    title: 'Cluster health',
    description: 'Check clusters now: problems and what to do, addresses, quorum, storage, failed tasks, backups.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'clusters',
    input,
    output: z.object({
      state,
      problems: z.array(z.looseObject({ code: z.string(), message: z.string(), next: z.string() })),
      reachable: z.boolean(),
      token_accepted: z.boolean().optional(),
      latency: z.number().optional(),
      connection: connectionPart.optional(),
      version: z.string().optional(),
      /** By node, where they differ. */
      versions: z.record(z.string(), z.string()).optional(),
      cluster_name: z.string().optional(),
      same_cluster_as: z.array(z.string()).optional(),
      quorate: z.boolean().optional(),
      nodes: z.object({ total: z.number(), online: z.array(z.string()), offline: z.array(z.string()) }).optional(),
      storage: storagePart.optional(),
      failed_tasks: tasksPart.optional(),
      backups: backupsPart.optional(),
      privileges: z.record(z.string(), z.array(z.string())).optional(),
      more_paths: z.number().optional(),
      checked_at: z.string(),
      previous_check: z.object({ at: z.string(), state }).optional(),
    }),
    calls,
    privileges: readPrivileges,
    run: async (context) => {
      const { input: asked, target } = context;
      const { cluster } = target;
      const { lastCheck: before, info } = cluster;
      const check = await cluster.check();
      const { problems: found = [], ...parts } = check.tokenAccepted === true ? await partsOf(context, check) : {};
      const connection = cluster.connection();
      const same = await cluster.sameAs();
      const problems = [
        ...problemsOf(check, info.tokenId),
        ...(connection === undefined ? [] : badAddresses(connection)),
        ...(same.length > 0 ? [sameCluster(info.name, same)] : []),
        ...found,
      ];
      return {
        state: stateOf(check, problems),
        problems,
        ...factsOf(check),
        ...(asked.privileges ? privilegesOf(check) : {}),
        connection: connection && connectionOf(connection),
        same_cluster_as: same.length > 0 ? [...same] : undefined,
        ...parts,
        previous_check: before && {
          at: new Date(before.checkedAt).toISOString(),
          state: stateOf(before, problemsOf(before, info.tokenId)),
        },
      };
    },
  }),
];

function factsOf(check: CheckedCluster) {
  const { reachable, tokenAccepted, latency, version, clusterName, quorate, nodes, checkedAt } = check;
  const counted = nodes && { total: nodes.online.length + nodes.offline.length };
  return {
    reachable,
    token_accepted: tokenAccepted,
    latency,
    version,
    cluster_name: clusterName,
    quorate,
    nodes: counted && nodes && { ...counted, online: [...nodes.online], offline: [...nodes.offline] },
    checked_at: new Date(checkedAt).toISOString(),
  };
}

/** What is missing stands in the problems; the whole of it is the longest part of the answer. */
function privilegesOf({ privileges }: CheckedCluster) {
  const grants = privileges && grantsOf(privileges);
  return { privileges: grants?.shown, more_paths: grants?.left || undefined };
}

/** What the check itself does not ask. */
async function partsOf({ call, input: { storage_percent = 85 }, now }: Given, check: CheckedCluster) {
  const { nodes, privileges } = check;
  const [storage, failed_tasks, backups, versions] = await Promise.all([
    fullStorages(call.resources, storage_percent, privileges),
    failedTasks(call.tasks, nodes, now, privileges),
    missedBackups(call, nodes?.online, now, privileges),
    versionsOf(call.nodeVersion, nodes?.online ?? []),
  ]);
  const { full = [] } = storage;
  const problems = [
    ...(full.length > 0 ? [storageFull(full, storage_percent)] : []),
    ...(versions === undefined ? [] : [mixedVersions(versions)]),
  ];
  return { storage, failed_tasks, backups, versions, problems };
}
