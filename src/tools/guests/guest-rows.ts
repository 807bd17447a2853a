import { z } from 'zod';
import type { GuestResource } from '../../pve/resources.js';
import { share } from '../../pve/share.js';

const word = z.string().min(1).max(256).optional();

/** What narrows a list of guests. */
export const guestFilters = {
  search: word.describe('Name, VMID or tag'),
  status: z.string().min(1).max(32).optional().describe('Such as running'),
  node: word.describe('Node'),
  tag: word.describe('Tag'),
  pool: word.describe('Pool'),
};

export type GuestFilters = z.output<z.ZodObject<typeof guestFilters>>;

/** One guest, where all are of one type. */
export const guestRow = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  status: z.string().optional(),
  template: z.boolean().optional(),
  tags: z.array(z.string()).optional(),
  pool: z.string().optional(),
  lock: z.string().optional(),
  hastate: z.string().optional(),
  cpu: z.number().optional(),
  maxcpu: z.number().optional(),
  mem: z.number().optional(),
  maxmem: z.number().optional(),
  disk: z.number().optional(),
  maxdisk: z.number().optional(),
  uptime: z.number().optional(),
});

const { vmid, ...others } = guestRow.shape;

export const typedGuestRow = z.object({ vmid, type: z.string(), ...others });

/** Proxmox separates tags by `;`, and takes `,` and spaces as well. */
export const tagList = (tags: string | undefined) =>
  tags === undefined ? [] : tags.split(/[;, ]/).filter((tag) => tag !== '');

export const hasTag = (guest: GuestResource, tag: string) =>
  guest.tags !== undefined && tagList(guest.tags.toLowerCase()).includes(tag);

/** The guests that every filter lets through, by VMID. */
export function filterGuests(guests: readonly GuestResource[], filters: GuestFilters): GuestResource[] {
  const { node, pool } = filters;
  const status = filters.status?.toLowerCase();
  const search = filters.search?.toLowerCase();
  const tag = filters.tag?.toLowerCase();
  return guests
    .filter(
      (guest) =>
        (node === undefined || guest.node === node) &&
        (status === undefined || guest.status === status) &&
        (pool === undefined || guest.pool === pool) &&
        (tag === undefined || hasTag(guest, tag)) &&
        (search === undefined || isFound(guest, search)),
    )
    .sort((a, b) => a.vmid - b.vmid);
}

const isFound = (guest: GuestResource, search: string) =>
  guest.name?.toLowerCase().includes(search) || String(guest.vmid) === search || hasTag(guest, search);

export function toGuestRow(guest: GuestResource): z.input<typeof typedGuestRow> {
  return {
    vmid: guest.vmid,
    type: guest.type,
    name: guest.name,
    node: guest.node,
    status: guest.status,
    template: guest.template || undefined,
    tags: guest.tags ? tagList(guest.tags) : undefined,
    pool: guest.pool,
    lock: guest.lock,
    hastate: guest.hastate,
    cpu: share(guest.cpu),
    maxcpu: guest.maxcpu,
    mem: guest.mem,
    maxmem: guest.maxmem,
    // Always 0 for a VM: Proxmox does not see into its file systems.
    disk: guest.type === 'lxc' ? guest.disk : undefined,
    maxdisk: guest.maxdisk,
    uptime: guest.uptime,
  };
}
