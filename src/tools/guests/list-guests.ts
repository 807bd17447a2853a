import { z } from 'zod';
import { type GuestResource, guestResources } from '../../pve/resources.js';
import { defineList, type Page } from '../define.js';
import { filterGuests, guestFilters, guestRow, toGuestRow, typedGuestRow } from './guest-rows.js';

const listing = {
  effect: 'read',
  toolset: 'guests',
  calls: { guests: guestResources },
  privileges: ['VM.Audit on /vms'],
} as const;

const twins = {
  qemu: {
    name: 'proxmox-list-vms',
    title: 'List VMs',
    others: 'containers',
    theirs: 'proxmox-list-lxc',
    description:
      'VMs of a cluster, without containers (proxmox-list-lxc): status, node, tags, load. cpu is a share (0-1) of maxcpu; mem, maxdisk in bytes; uptime in s. template: true marks templates.',
  },
  lxc: {
    name: 'proxmox-list-lxc',
    title: 'List containers',
    others: 'VMs',
    theirs: 'proxmox-list-vms',
    description:
      'Containers of a cluster, without VMs (proxmox-list-vms): status, node, tags, load. cpu is a share (0-1) of maxcpu; mem, disk in bytes; uptime in s. template: true marks templates.',
  },
} as const;

const twin = (kind: keyof typeof twins) => {
  const { name, title, description, others, theirs } = twins[kind];
  return defineList({
    name,
    title,
    description,
    scope: 'cluster',
    input: guestFilters,
    output: guestRow,
    ...listing,
    run: async ({ call, input, page }) => {
      const { data } = await call.guests({}, { type: 'vm' });
      const fitting = filterGuests(data, input);
      const rows = fitting.filter(({ type }) => type === kind);
      const elsewhere = rows.length === 0 && fitting.length > 0;
      const notes = elsewhere
        ? [`None fits; ${others} that do: ${fitting.length}, see ${theirs}.`]
        : noneFits(data, rows);
      return { rows: cutTo(page, rows).map(toGuestRow), total: rows.length, notes };
    },
  });
};

export default [
  twin('qemu'),
  twin('lxc'),
  defineList({
    name: 'proxmox-list-all-vms-from-all-clusters',
    title: 'List guests of all clusters',
    description:
      'VMs and containers of every cluster with their type (qemu, lxc); rows as in proxmox-list-vms. An unreachable cluster costs one entry. To find one guest, use proxmox-find-guest.',
    scope: 'fleet',
    input: { type: z.enum(['vm', 'lxc']).optional().describe('Default: both'), ...guestFilters },
    output: typedGuestRow,
    ...listing,
    run: async ({ call, input: { type, ...filters }, page }) => {
      const { data } = await call.guests({}, { type: 'vm' });
      const kind = type === 'vm' ? 'qemu' : type;
      const rows = filterGuests(data, filters).filter((guest) => kind === undefined || guest.type === kind);
      return { rows: cutTo(page, rows).map(toGuestRow), total: rows.length, notes: noneFits(data, rows) };
    },
  }),
];

/** Only what is shown is made into rows: a cluster may have thousands of guests. */
const cutTo = ({ offset, limit }: Page, guests: readonly GuestResource[]) => guests.slice(offset, offset + limit);

const noneFits = (all: readonly GuestResource[], fitting: readonly GuestResource[]) =>
  fitting.length === 0 && all.length > 0 ? [`None of the ${all.length} guests seen fits.`] : [];
