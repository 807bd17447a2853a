import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { permissions } from '../../pve/discovery.js';
import type { Bound } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { guestConfig } from '../../pve/guest-config.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import { clusterResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { lackOf } from '../clusters/not-seen.js';
import { defineList } from '../define.js';
import { replicationJobs } from '../ha/replication-jobs.js';
import { tokenCalls } from '../migration-between/move-token.js';
import { networks } from '../network/network-interface.js';
import { sdnReads } from '../network/sdn-objects.js';
import { guestSnapshots } from '../snapshots/snapshot-calls.js';
import { nodeTasks } from '../tasks/task-rows.js';
import { networkLeft, replicationLeft, sdnLeft, tokensLeft } from './cluster-leftovers.js';
import { haMoves, insideGuests, lockedGuests } from './guest-leftovers.js';
import { inOrder, leftover } from './leftover.js';
import { runningTasks } from './task-leftovers.js';
import { volumesLeft } from './volume-leftovers.js';

const calls = {
  resources: clusterResources,
  tasks: nodeTasks,
  config: guestConfig,
  snapshots: guestSnapshots,
  content: storageContent,
  networks,
  tokens: tokenCalls.tokens,
  jobs: replicationJobs,
  permissions,
  ...sdnReads,
};

const privileges = [
  'VM.Audit on /vms',
  'Sys.Audit on /nodes',
  'Datastore.Audit|Datastore.AllocateSpace on /storage',
  'SDN.Audit|SDN.Allocate on /sdn',
] as const;

export default [
  defineList({
    name: 'proxmox-list-leftovers',
    title: 'List leftovers',
    description:
      'What stopped calls may have left: tasks, locks, half snapshots, stray disks, tokens, staged changes; each with how to take it back.',
    effect: 'read',
    scope: 'fleet',
    toolset: 'clusters',
    input: { quick: z.boolean().optional().describe('Look into no guest or storage') },
    output: leftover,
    calls,
    privileges,
    run: async ({ call, input, target, clusterTime }) => {
      const { info } = target.cluster;
      const { guests, nodes, storages } = (await call.resources({})).data;
      const online = nodes.filter(({ status }) => status === 'online').map(({ node }) => node);
      const away = new Set(nodes.map(({ node }) => node).filter((node) => !online.includes(node)));
      const near = guests.filter(({ node }) => !away.has(node));
      const running = await runningTasks(call.tasks, online, info.tokenId);
      const [locked, tokens, staged, sdn, jobs, granted] = await Promise.all([
        lockedGuests(call.tasks, near, running),
        tokensLeft(call.tokens, info.tokenId, running, clusterTime()),
        networkLeft(call.networks, online),
        sdnLeft(call),
        attempt(call.jobs({})),
        attempt(call.permissions({})),
      ]);
      const known = 'error' in jobs ? [] : jobs.value.data;
      const may = 'error' in granted ? undefined : granted.value.data;
      const seesAll = may !== undefined && holds(may, parseNeed('VM.Audit on /vms'));
      const disks =
        input.quick === true
          ? []
          : await disksLeft(call, { guests: near, storages, running, jobs: known, seesAll, all: guests });
      const found = [running, tokens, staged, sdn, ...disks];
      return {
        rows: inOrder([...haMoves(near), ...locked, ...replicationLeft(known), ...found.flatMap(({ rows }) => rows)]),
        notes: [
          ...found.flatMap(({ notes }) => notes),
          ...[...away].map((node) => `Node ${node} is not online: what is on it was not looked at.`),
          ...('error' in jobs ? [`Replication could not be read (${failureInWords(jobs.error)}).`] : []),
          ...privileges.flatMap((need) => lackOf(may, need) ?? []).map((lack) => `There may be more: ${lack}.`),
          ...(input.quick === true ? ['Guests and storages were not looked into.'] : []),
        ],
      };
    },
  }),
];

type Disks = Omit<Parameters<typeof volumesLeft>[2], 'read' | 'guests'> & {
  readonly guests: Parameters<typeof insideGuests>[1];
  readonly all: Parameters<typeof insideGuests>[1];
  readonly storages: Parameters<typeof volumesLeft>[1];
};

/** The looks that take a request for each guest and storage. */
async function disksLeft(call: Bound<typeof calls>, { guests, all, storages, ...known }: Disks) {
  const inside = await insideGuests(call, guests, known.running);
  const volumes = await volumesLeft(call.content, storages, { ...known, guests: all, read: inside.read });
  return [inside, volumes];
}
