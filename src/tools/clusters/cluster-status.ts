import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { clusterStatus, permissions, version } from '../../pve/discovery.js';
import { ForbiddenError } from '../../pve/errors.js';
import { clusterResources } from '../../pve/resources.js';
import { type Context, defineTool } from '../define.js';
import { countGuests, missingPrivileges, readPrivileges, sumNodes, sumStorages } from './cluster-totals.js';

const guestCounts = z.object({
  running: z.number(),
  stopped: z.number(),
  other: z.number(),
  templates: z.number(),
});
const amounts = z.object({ used: z.number(), total: z.number() });

const calls = { version, status: clusterStatus, resources: clusterResources, permissions };

const status = {
  effect: 'read',
  toolset: 'clusters',
  input: {},
  output: z.object({
    version: z.string(),
    cluster_name: z.string().optional(),
    quorate: z.boolean().optional(),
    nodes: z.object({ online: z.number(), total: z.number(), offline: z.array(z.string()) }),
    vms: guestCounts,
    containers: guestCounts,
    cpu: amounts.optional(),
    memory: amounts.optional(),
    storage: amounts.optional(),
    missing_privileges: z.array(z.string()).optional(),
  }),
  calls,
  privileges: readPrivileges,
} as const;

export default [
  defineTool({
    name: 'proxmox-cluster-status',
    title: 'Cluster status',
    description: 'Quorum, nodes, guests, totals (cpu in cores), without what missing_privileges hide.',
    scope: 'cluster',
    ...status,
    run: (context) => read(context),
  }),
  defineTool({
    name: 'proxmox-get-all-cluster-status',
    title: 'All clusters',
    description: 'proxmox-cluster-status of all clusters.',
    scope: 'fleet',
    ...status,
    run: (context) => read(context),
  }),
];

async function read({ call }: Pick<Context<'cluster', typeof status.input, typeof calls>, 'call'>) {
  const [{ data: release }, joined, { data: resources }, { data: granted }] = await Promise.all([
    call.version({}),
    attempt(call.status({})),
    call.resources({}),
    call.permissions({}),
  ]);
  if ('error' in joined && !(joined.error instanceof ForbiddenError)) throw joined.error;
  // A stand-alone host has no such row.
  const cluster = 'error' in joined ? undefined : joined.value.data.find(({ type }) => type === 'cluster');
  const { guests, nodes, storages } = resources;
  const missing = missingPrivileges(granted, readPrivileges);
  const counted = sumNodes(nodes);
  const { offline } = counted.nodes;
  return {
    version: release.version,
    cluster_name: cluster?.name,
    quorate: cluster?.quorate,
    ...counted,
    vms: countGuests(
      guests.filter(({ type }) => type === 'qemu'),
      offline,
    ),
    containers: countGuests(
      guests.filter(({ type }) => type === 'lxc'),
      offline,
    ),
    storage: sumStorages(storages),
    missing_privileges: missing.length > 0 ? missing : undefined,
  };
}
