import { z } from 'zod';
import { nameOrNone } from '../../pve/quoted.js';
import type { GuestResource } from '../../pve/resources.js';
import type { Passage } from './settle-plan.js';

/** A move as a row of an answer. */
export const moveRow = {
  vmid: z.number(),
  name: z.string().optional(),
  type: z.enum(['vm', 'lxc']),
  from: z.string(),
  to: z.string(),
  how: z.enum(['live', 'restart', 'offline']),
  /** Bytes that are copied: of memory that it uses, and of disks that only its node sees. */
  memory_bytes: z.number(),
  disk_bytes: z.number(),
};

/** Guests that stay where they are. */
export const staying = z.array(z.object({ vmid: z.number(), name: z.string().optional(), why: z.string() }));

/** Why a guest is left, for a plan. */
export const stays = ({ vmid, name, why }: z.output<typeof staying>[number]) =>
  `${vmid} ${nameOrNone(name)} stays (${why})`;

export interface PlannedMove extends Passage {
  readonly guest: GuestResource;
  readonly to: string;
}

export const rowOf = ({ guest, to, how, disk_bytes }: PlannedMove) => ({
  vmid: guest.vmid,
  name: guest.name,
  type: guest.type === 'qemu' ? ('vm' as const) : ('lxc' as const),
  from: guest.node,
  to,
  how,
  memory_bytes: how === 'live' ? (guest.mem ?? 0) : 0,
  disk_bytes,
});

/** `101 web-1 pve1 -> pve2 (live)`, for a plan. */
export const inWords = ({ guest: { vmid, name = '?', node }, to, how }: PlannedMove) =>
  `${vmid} ${nameOrNone(name)} ${node} -> ${to} (${how})`;
