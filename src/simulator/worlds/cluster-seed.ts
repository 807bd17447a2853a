import { versions } from '../cluster.js';
import { freshConfiguration } from '../configuration-state.js';
import { guestsShare } from '../node-statistics.js';
import { SeededRandom } from '../random.js';
import type { BackupJobState, ClusterState, HaResourceState, PveVersion } from '../state.js';
import { accessOf, type MainToken } from './access-seed.js';
import { type GuestSeed, guestFromSeed } from './guest-seed.js';
import { type NodeSeed, nodeFromSeed } from './node-seed.js';
import { type MountSeed, mountFrom, storagesFor } from './storage-seed.js';
import { tasksFor } from './task-seed.js';

/** What has to be said of a cluster; all else follows. */
export interface ClusterSeed {
  readonly name: string;
  readonly version: PveVersion;
  readonly standalone?: boolean;
  readonly subnet: string;
  readonly nodes: readonly NodeSeed[];
  readonly guests: readonly GuestSeed[];
  readonly pools: Readonly<Record<string, string>>;
  readonly ha?: readonly HaResourceState[];
  readonly backupJobs?: readonly BackupJobState[];
  /** Storages that other clusters have mounted too. */
  readonly mounts?: readonly MountSeed[];
  readonly labels: ClusterLabels;
  readonly routing: ClusterRouting;
}

export interface ClusterLabels {
  readonly region: string;
  readonly tier: string;
  readonly group: string;
}

/** How a client would find this cluster by a guest's name or VMID. */
export interface ClusterRouting {
  readonly pattern: string;
  readonly vmids: string;
}

export interface SeededCluster {
  readonly state: ClusterState;
  readonly token: MainToken;
  readonly labels: ClusterLabels;
  readonly routing: ClusterRouting;
}

function poolsOf(seed: ClusterSeed): ClusterState['pools'] {
  return Object.entries(seed.pools).map(([poolid, comment]) => ({
    poolid,
    comment,
    vmids: seed.guests.filter((guest) => guest.pool === poolid).map((guest) => guest.vmid),
    storages: poolid === 'web' && seed.standalone !== true ? ['nfs-shared'] : [],
  }));
}

/** A group of 8.4 that a managed guest is in has to be there. */
function configurationOf(seed: ClusterSeed, nodes: readonly string[]): ClusterState['configuration'] {
  const configuration = freshConfiguration();
  const groups = new Set((seed.ha ?? []).flatMap(({ group }) => (group === undefined ? [] : [group])));
  if (seed.version === '8.4') {
    configuration.haGroups = [...groups].map((id) => ({ id, settings: { nodes: nodes.join(','), type: 'group' } }));
  }
  return configuration;
}

export function clusterFromSeed(seed: ClusterSeed, now: number): SeededCluster {
  const random = new SeededRandom(`cluster ${seed.name}`);
  const { token, ...access } = accessOf(seed.name, now);
  const around = { subnet: seed.subnet, storage: 'local-lvm', qemu: versions[seed.version].qemu, now, random };
  const nodes = seed.nodes.map((node, at) =>
    nodeFromSeed(node, `${seed.subnet}.${11 + at}`, `${seed.subnet}.1`, now, random),
  );
  const guests = seed.guests.map((guest) => guestFromSeed(guest, around));
  for (const node of nodes) node.guestsThen = guestsShare(guests, node.node);
  const names = nodes.map((node) => node.node);
  const standalone = seed.standalone === true;
  const state: ClusterState = {
    name: seed.name,
    version: seed.version,
    standalone,
    quorate: true,
    nodes,
    guests,
    storages: [
      ...storagesFor({ nodes: names, guests, subnet: seed.subnet, now, standalone }),
      ...(seed.mounts ?? []).map((mount) => mountFrom(mount, guests, now)),
    ],
    pools: poolsOf(seed),
    ...access,
    haResources: (seed.ha ?? []).map((resource) => ({ ...resource })),
    backupJobs: (seed.backupJobs ?? []).map((job) => ({ ...job })),
    configuration: configurationOf(seed, names),
    tasks: tasksFor(names, guests, standalone ? 'local' : 'pbs-backup', now, random),
  };
  return { state, token, labels: seed.labels, routing: seed.routing };
}
