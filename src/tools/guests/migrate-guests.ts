import { z } from 'zod';
import { nodes, version } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { disksOf, type GuestConfig, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import type { GuestTarget } from '../scope.js';
import {
  beforeMigration,
  managedNote,
  migrationInput,
  migrationOutput,
  nodeStops,
  type Preconditions,
  preconditions,
  refuseStops,
} from './migration.js';

const shared = {
  toolset: 'guests',
  output: migrationOutput,
  privileges: ['VM.Migrate on /vms'],
} as const;

const about = ({ vmid, name, node }: GuestTarget, target: string) => ({ vmid, name, node, target_node: target });
const isThere = 'it is on that node';

type LocalDisk = NonNullable<Preconditions['local_disks']>[number];

interface VmMove {
  readonly running: boolean;
  readonly live: boolean;
  readonly with_local_disks?: boolean | undefined;
  readonly target_storage?: string | undefined;
  readonly target_node: string;
}

/** Everything that hinders it, not only the first: each costs a round trip to learn. */
export function vmStops(found: Preconditions, move: VmMove): string[] {
  const { running, live, target_node: target } = move;
  // A cloud-init drive is a CD to Proxmox, and goes along as a disk does.
  const isImage = (disk: LocalDisk) => disk.cdrom === true && !disk.volid.includes('cloudinit');
  const disks = (found.local_disks ?? []).filter((disk) => !isImage(disk)).map(named);
  const drives = (found.local_disks ?? []).filter(isImage).map(named);
  const mapped = (found['mapped-resources'] ?? []).filter(
    (key) => found['mapped-resource-info']?.[key]?.['live-migration'] !== true,
  );
  const local = found.local_resources ?? [];
  return [
    ...(running && !live ? ['it is running: set live, or shut it down'] : []),
    ...nodeStops(found, target, move.target_storage === undefined),
    ...(drives.length > 0 ? [`local CD image: ${drives.join(', ')} (eject it)`] : []),
    ...(running && disks.length > 0 && !move.with_local_disks
      ? [`local disks: ${disks.join(', ')} (set with_local_disks)`]
      : []),
    ...(local.length > 0 ? [`local devices: ${local.join(', ')}`] : []),
    ...(running && mapped.length > 0
      ? [`mapped devices, which a running VM cannot take along: ${mapped.join(', ')}`]
      : []),
  ];
}

const named = ({ drivename, volid }: LocalDisk) => (drivename === undefined ? volid : `${drivename} (${volid})`);

/** Paths of the host that are mounted into a container. */
function bindMounts(config: GuestConfig): string[] {
  return disksOf(config)
    .filter(({ volid, options }) => volid.startsWith('/') && !/(^|,)shared=1/.test(options ?? ''))
    .map(({ disk, volid }) => `${disk} (${volid})`);
}

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
