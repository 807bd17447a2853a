import { z } from 'zod';
import { nodes, version } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import type { GuestTarget } from '../scope.js';
import {
  beforeMigration,
  bindMounts,
  managedNote,
  migrationInput,
  migrationOutput,
  nodeStops,
  preconditions,
  refuseStops,
  vmStops,
} from './migration.js';

const shared = {
  toolset: 'guests',
  output: migrationOutput,
  privileges: ['VM.Migrate on /vms'],
} as const;

const about = ({ vmid, name, node }: GuestTarget, target: string) => ({ vmid, name, node, target_node: target });
const isThere = 'it is on that node';

export default [
  defineTool({
    ...shared,
    name: 'proxmox-migrate-vm',
    title: 'Migrate VM',
    description: 'Move a VM to another node of its cluster, running or stopped.',
    effect: 'write',
    scope: 'vm',
    input: {
      ...migrationInput,
      live: z.boolean().optional().describe('Default true'),
      with_local_disks: z.boolean().optional().describe('Copy them live'),
    },
    calls: {
      nodes,
      status: guestStatus,
      preconditions,
      migrate: endpoint('POST /nodes/{node}/qemu/{vmid}/migrate', startedUpid),
    },
    run: async ({ target, input, call, note }) => {
      const { target_node: to, live = true, with_local_disks, target_storage } = input;
      if (to === target.node) return { ...about(target, to), unchanged: isThere };
      const { running, managed, stops } = await beforeMigration(call, target, to);
      // Asked of a node that is not there it fails.
      const found = stops.length > 0 ? {} : (await call.preconditions(target, { target: to })).data;
      refuseStops(target, [...stops, ...vmStops(found, { ...input, running, live })]);
      if (managed) note(managedNote);
      const { data: upid } = await call.migrate(target, {
        target: to,
        online: running || undefined,
        'with-local-disks': with_local_disks,
        targetstorage: target_storage,
        bwlimit: input.bwlimit_kib,
      });
      return { ...about(target, to), upid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-migrate-lxc',
    title: 'Migrate container',
    description: 'Move a container to another node; a running one only by restart: true.',
    effect: 'destroy',
    scope: 'lxc',
    input: {
      ...migrationInput,
      restart: z.boolean().optional().describe('Stop, move and start it'),
      grace: z.int().min(1).max(3600).optional().describe('Seconds; default 180'),
    },
    calls: {
      version,
      nodes,
      status: guestStatus,
      config: guestConfig,
      preconditions,
      migrate: endpoint('POST /nodes/{node}/lxc/{vmid}/migrate', startedUpid),
    },
    run: async ({ target, input, call, note }) => {
      const { target_node: to, restart, target_storage } = input;
      if (to === target.node) return { ...about(target, to), unchanged: isThere };
      const { running, managed, stops } = await beforeMigration(call, target, to);
      const { data: release } = await call.version({});
      const asked = Number.parseInt(release.version, 10) >= 9 && stops.length === 0;
      const found = asked ? (await call.preconditions(target, { target: to })).data : {};
      const binds = bindMounts((await call.config(target)).data);
      refuseStops(target, [
        ...stops,
        ...(running && !restart ? ['it is running: set restart, or shut it down'] : []),
        ...nodeStops(found, to, target_storage === undefined),
        ...(binds.length > 0 ? [`paths of the host: ${binds.join(', ')}`] : []),
      ]);
      if (managed) note(managedNote);
      const { data: upid } = await call.migrate(target, {
        target: to,
        restart: running ? restart : undefined,
        timeout: running ? input.grace : undefined,
        'target-storage': target_storage,
        bwlimit: input.bwlimit_kib,
      });
      return { ...about(target, to), upid };
    },
  }),
];
