import { z } from 'zod';
import { clusterResources, type GuestResource } from '../../pve/resources.js';
import { defineList, type Page } from '../define.js';
import { filterGuests, type GuestFilters, guestFilters, guestRow, toGuestRow, typedGuestRow } from './guest-rows.js';
import { awayNotes, type SeenGuests, seenGuests } from './seen-guests.js';

const listing = {
  effect: 'read',
  toolset: 'guests',
  calls: { resources: clusterResources },
  privileges: ['VM.Audit on /vms'],
} as const;

const twins = {
  qemu: {
    name: 'proxmox-list-vms',
    title: 'List VMs',
    others: 'containers',
    theirs: 'proxmox-list-lxc',
    description: 'VMs of a cluster, templates too, no containers: status, node, tags, load.',
  },
  lxc: {
    name: 'proxmox-list-lxc',
    title: 'List containers',
    others: 'VMs',
    theirs: 'proxmox-list-vms',
    description: 'Containers of a cluster, templates too, no VMs: status, node, tags, load.',
  },
} as const;

const twin = (kind: keyof typeof twins) => {
  const { name, title, description, others, theirs } = twins[kind];
  return defineList({
    name,
    daily: true,
    title,
    description,
    scope: 'cluster',
    input: guestFilters,
    output: guestRow,
    ...listing,
    run: async ({ call, input, page }) => {
      const seen = await seenGuests(call.resources);
      const fitting = filterGuests(seen.guests, input);
      const rows = fitting.filter(({ type }) => type === kind);
      const elsewhere = rows.length === 0 && fitting.length > 0;
      const notes = elsewhere
        ? [`None fits; ${others} that do: ${fitting.length}, see ${theirs}.`]
        : noneFits(seen, rows, input);
      return {
        rows: cutTo(page, rows).map(toGuestRow),
        total: rows.length,
        notes: [...notes, ...awayNotes(only(seen, kind), input)],
      };
    },
  });
};

export default [
  twin('qemu'),
  twin('lxc'),
  defineList({
    name: 'proxmox-list-all-vms-from-all-clusters',
    title: 'Guests of all clusters',
    description: 'VMs and containers of every cluster. To find one: proxmox-find-guest.',
    scope: 'fleet',
    input: { type: z.enum(['vm', 'lxc']).optional().describe('Default: both'), ...guestFilters },
    output: typedGuestRow,
    ...listing,
    run: async ({ call, input: { type, ...filters }, page }) => {
      const seen = await seenGuests(call.resources);
      const ofKind = type === undefined ? seen : only(seen, type === 'vm' ? 'qemu' : type);
      const rows = filterGuests(ofKind.guests, filters);
      return {
        rows: cutTo(page, rows).map(toGuestRow),
        total: rows.length,
        notes: [...noneFits(seen, rows, filters), ...awayNotes(ofKind, filters)],
      };
    },
  }),
];

/** Only what is shown is made into rows: a cluster may have thousands of guests. */
const cutTo = ({ offset, limit }: Page, guests: readonly GuestResource[]) => guests.slice(offset, offset + limit);

const only = (seen: SeenGuests, kind: GuestResource['type']): SeenGuests => ({
  ...seen,
  guests: seen.guests.filter(({ type }) => type === kind),
});

/** Where it is the node or the status that no guest has, it may be misspelt. */
function noneFits({ guests, nodes }: SeenGuests, fitting: readonly GuestResource[], { node, status }: GuestFilters) {
  if (fitting.length > 0 || guests.length === 0) return [];
  const fits = (filters: GuestFilters) => filterGuests(guests, filters).length > 0;
  const statuses = [...new Set(guests.flatMap((guest) => guest.status ?? []))].sort();
  return [
    `None of the ${guests.length} guests seen fits.`,
    ...(node === undefined || fits({ node }) ? [] : [`None is on that node; there are ${nodes.join(', ')}.`]),
    ...(status === undefined || fits({ status }) ? [] : [`None has that status; there are ${statuses.join(', ')}.`]),
  ];
}
