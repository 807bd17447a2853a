import { z } from 'zod';
import type { nodes } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { disksOf, type GuestConfig } from '../../pve/guest-config.js';
import type { guestStatus } from '../../pve/guest-status.js';
import { flag, text } from '../../pve/loose.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { nodeName } from '../arguments/names.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

/** Why a node is none: `unavailable_storages` (VMs), `unavailable-storages`, `unavailable-resources`, ... */
const causes = z.record(z.string(), z.unknown());
/** Perl gives an empty hash as an empty list at times. */
const byNode = z.preprocess((value) => (Array.isArray(value) ? {} : value), z.record(z.string(), causes)).optional();

/** What hinders a migration; of a running VM 8.4 tells nothing of nodes. A container has it since 9. */
export const preconditions = endpoint(
  'GET /nodes/{node}/{type}/{vmid}/migrate',
  z.object({
    not_allowed_nodes: byNode,
    'not-allowed-nodes': byNode,
    local_disks: z
      .array(z.object({ volid: z.string(), drivename: text.optional(), cdrom: flag.optional() }))
      .optional(),
    local_resources: z.array(z.string()).optional(),
    'mapped-resources': z.array(z.string()).optional(),
    'mapped-resource-info': z
      .preprocess(
        (value) => (Array.isArray(value) ? {} : value),
        z.record(z.string(), z.looseObject({ 'live-migration': flag.optional() })),
      )
      .optional(),
  }),
);
export type Preconditions = z.output<(typeof preconditions)['data']>;

export const migrationOutput = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  /** Where it was. */
  node: z.string(),
  target_node: z.string(),
  upid: z.string().optional(),
  /** Why nothing was sent. */
  unchanged: z.string().optional(),
});

export const migrationInput = {
  target_node: nodeName.describe('Where to'),
  target_storage: z.string().min(1).max(1024).optional().describe('One, or old:new,...'),
  bwlimit_kib: z.int().min(0).max(1_000_000_000).optional().describe('KiB/s at most'),
};

interface Watch {
  readonly status: Call<typeof guestStatus>;
  readonly nodes: Call<typeof nodes>;
}

/** How the guest is now, and what its lock and the target's state say against a migration. */
export async function beforeMigration(call: Watch, guest: Pick<GuestTarget, 'node' | 'type' | 'vmid'>, target: string) {
  const { data } = await call.nodes({});
  const { data: now } = await call.status(guest);
  const row = data.find(({ node }) => node === target);
  const names = data.filter(({ node, status }) => node !== guest.node && status === 'online').map(({ node }) => node);
  const stops = [
    ...(row === undefined ? [`there is no node '${target}' (online are ${names.sort().join(', ')})`] : []),
    ...(row !== undefined && row.status !== 'online' ? [`node '${target}' is ${row.status}`] : []),
    ...(now.lock === undefined ? [] : [`it is locked (${now.lock})`]),
  ];
  return { running: now.status === 'running', managed: now.ha?.managed === true, stops };
}

/** What the preconditions say against the target; storages that it lacks matter only where disks keep theirs. */
export function nodeStops(found: Preconditions, target: string, keepsStorages: boolean): string[] {
  const against = { ...found.not_allowed_nodes, ...found['not-allowed-nodes'] }[target] ?? {};
  return Object.entries(against)
    .filter(([cause]) => keepsStorages || !/storage/.test(cause))
    .map(([cause, what]) => `node '${target}': ${cause.replace(/[-_]/g, ' ')} ${words(what)}`);
}

type LocalDisk = NonNullable<Preconditions['local_disks']>[number];

export interface VmMove {
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
    ...(local.length > 0 ? [`local devices: ${toWords(local)}`] : []),
    ...(running && mapped.length > 0
      ? [`mapped devices, which a running VM cannot take along: ${toWords(mapped)}`]
      : []),
  ];
}

const named = ({ drivename, volid }: LocalDisk) =>
  drivename === undefined ? toWord(volid) : `${toWord(drivename)} (${toWord(volid)})`;

/** Paths of the host that are mounted into a container. */
export function bindMounts(config: GuestConfig): string[] {
  return disksOf(config)
    .filter(({ volid, options }) => volid.startsWith('/') && !/(^|,)shared=1/.test(options ?? ''))
    .map(({ disk, volid }) => `${disk} (${toWord(volid)})`);
}

function words(what: unknown): string {
  if (Array.isArray(what)) return what.map(words).join(', ');
  if (typeof what !== 'object' || what === null) return String(what);
  return Object.values(what).map(String).join(' ');
}

export function refuseStops(guest: GuestTarget, stops: readonly string[]): void {
  if (stops.length > 0)
    throw new Refused(
      `${guest.vmid} cannot be migrated: ${stops.join('; ')}`,
      'Remove what hinders it, then call again.',
    );
}

/** The manager's task ends when the request is queued. */
export const managedNote =
  'HA manages it: the task only asks the manager, and the move follows. It is done when its node has changed and no lock is left.';
