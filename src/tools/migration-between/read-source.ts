import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { clusterStatus, type Permissions, permissions } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { disksOf, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { activeTasks, taskOfGuest } from '../../pve/guest-tasks.js';
import { text } from '../../pve/loose.js';
import { nodeVersion } from '../../pve/node-version.js';
import { pendingRows, waitingOf } from '../../pve/pending.js';
import { storageContent, storageDefinitions, type Volume } from '../../pve/storage.js';
import { replicationJobs, vmidOfJob } from '../ha/replication-jobs.js';
import type { GuestTarget } from '../scope.js';
import { guestSnapshots } from '../snapshots/snapshot-calls.js';
import type { ClusterFacts } from './cluster-stops.js';
import type { Finding } from './finding.js';
import type { GuestFacts } from './guest-stops.js';

const packages = endpoint(
  'GET /nodes/{node}/apt/versions',
  z.array(z.object({ Package: z.string(), OldVersion: text.optional() })),
);

export const sourceReads = {
  config: guestConfig,
  status: guestStatus,
  pending: pendingRows,
  snapshots: guestSnapshots,
  tasks: activeTasks,
  replication: replicationJobs,
  clusterStatus,
  version: nodeVersion,
  packages,
  storages: storageDefinitions,
  content: storageContent,
  permissions,
};
export type SourceCalls = { readonly [K in keyof typeof sourceReads]: Call<(typeof sourceReads)[K]> };

/** Everything about a guest and its cluster that decides whether it can leave. */
export interface SourceFacts {
  readonly guest: GuestFacts;
  readonly cluster: ClusterFacts;
  /** As far as they could be listed. */
  readonly listed: readonly Volume[];
  /** Type by name. */
  readonly storageTypes: ReadonlyMap<string, string>;
  readonly permissions: Permissions;
  /** What stays with its cluster. */
  readonly behind: readonly Finding[];
  /** What could not be read, and might hinder it. */
  readonly unread: readonly Finding[];
}

/** What a request gave, or `instead` with a word about it. */
export async function orElse<T>(
  pending: Promise<{ readonly data: T }>,
  instead: T,
  what: string,
  unread: Finding[],
): Promise<T> {
  const outcome = await attempt(pending);
  if (!('error' in outcome)) return outcome.value.data;
  unread.push({ code: 'unread', message: `${what} could not be read: it ${failureInWords(outcome.error)}` });
  return instead;
}

/** The version of the cluster and of the node that takes part, and what the cluster says of itself. */
export async function readCluster(
  call: Pick<SourceCalls, 'clusterStatus' | 'version' | 'packages'>,
  cluster: string,
  node: string,
): Promise<ClusterFacts> {
  const [status, { data: release }, installed] = await Promise.all([
    attempt(call.clusterStatus({})),
    call.version({ node }),
    attempt(call.packages({ node })),
  ]);
  const rows = 'error' in status ? undefined : status.value.data;
  const qemuServer =
    'error' in installed ? undefined : installed.value.data.find((one) => one.Package === 'qemu-server')?.OldVersion;
  return {
    cluster,
    version: release.version,
    ...(rows === undefined ? {} : { rows }),
    ...('error' in status ? { unread: `it ${failureInWords(status.error)}` } : {}),
    ...(qemuServer === undefined ? {} : { qemuServer }),
  };
}

export async function readSource(
  call: SourceCalls,
  target: GuestTarget,
  cluster: string,
): Promise<Omit<SourceFacts, 'behind'>> {
  const unread: Finding[] = [];
  const { node } = target;
  const [facts, { data: config }, { data: status }, { data: granted }] = await Promise.all([
    readCluster(call, cluster, node),
    call.config(target, { current: true }),
    call.status(target),
    call.permissions({}),
  ]);
  const [pending, snapshots, jobs, definitions, task] = await Promise.all([
    orElse(call.pending(target), [], 'what waits for a restart', unread),
    orElse(call.snapshots(target), [], 'the snapshots', unread),
    orElse(call.replication({}), [], 'the replication jobs', unread),
    orElse(call.storages({}), [], 'the types of the storages', unread),
    taskOfGuest(call.tasks, target),
  ]);
  const used = [...new Set(disksOf(config).flatMap(({ storage }) => storage ?? []))];
  // Without the list, sizes come from the configuration, which knows none of unused disks.
  const lists = await inTurns(used, (storage) => attempt(call.content({ node, storage }, { vmid: target.vmid })));
  return {
    guest: {
      type: target.type,
      vmid: target.vmid,
      node,
      task,
      config,
      running: status.status === 'running',
      lock: status.lock,
      managed: status.ha?.managed === true,
      snapshots: snapshots.map(({ name }) => name).filter((name) => name !== 'current'),
      replication: jobs.filter((job) => vmidOfJob(job) === target.vmid).map(({ id }) => id),
      pending: waitingOf(pending),
      template: target.template === true || status.template === true,
    },
    cluster: facts,
    listed: lists.flatMap((list) => ('error' in list ? [] : list.value.data)),
    storageTypes: new Map(definitions.map(({ storage, type }) => [storage, type])),
    permissions: granted,
    unread,
  };
}
