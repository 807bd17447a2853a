import type { Permissions } from '../../pve/discovery.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import type { GuestResource, NodeResource, StorageResource } from '../../pve/resources.js';
import type { Privilege } from '../define.js';

/** Guests by status; `other` is paused, suspended, or unknown because the node is away: its last word may be old. */
export function countGuests(guests: readonly GuestResource[], offline: readonly string[]) {
  const templates = guests.filter(({ template }) => template).length;
  const known = guests.filter(({ template, node }) => !template && !offline.includes(node));
  const having = (wanted: string) => known.filter(({ status }) => status === wanted).length;
  const running = having('running');
  const stopped = having('stopped');
  return { running, stopped, other: guests.length - templates - running - stopped, templates };
}

/** Nodes by status, and what those have and use whose numbers are seen. */
export function sumNodes(nodes: readonly NodeResource[]) {
  const offline = nodes.filter(({ status }) => status !== 'online').map(({ node }) => node);
  const measured = nodes.filter(({ maxcpu, maxmem }) => maxcpu !== undefined && maxmem !== undefined);
  const counts = { nodes: { online: nodes.length - offline.length, total: nodes.length, offline: offline.sort() } };
  if (measured.length === 0) return counts;
  const cores = sum(measured.map(({ cpu = 0, maxcpu = 0 }) => cpu * maxcpu));
  return {
    ...counts,
    cpu: { used: Math.round(cores * 100) / 100, total: sum(measured.map(({ maxcpu = 0 }) => maxcpu)) },
    memory: { used: sum(measured.map(({ mem = 0 }) => mem)), total: sum(measured.map(({ maxmem = 0 }) => maxmem)) },
  };
}

/** What the available storages hold; a shared one has a row for each node and counts once. */
export function sumStorages(storages: readonly StorageResource[]) {
  const measured = storages.filter(({ maxdisk }) => maxdisk !== undefined);
  if (measured.length === 0) return undefined;
  const each = new Map(measured.map((one) => [one.shared ? one.storage : `${one.node}/${one.storage}`, one]));
  const once = [...each.values()];
  return { used: sum(once.map(({ disk = 0 }) => disk)), total: sum(once.map(({ maxdisk = 0 }) => maxdisk)) };
}

/** What the reads of this server need to see everything. */
export const readPrivileges: readonly Privilege[] = [
  'Sys.Audit on /',
  'VM.Audit on /vms',
  'Datastore.Audit|Datastore.AllocateSpace on /storage',
];

/** Those of the privileges that the token does not hold on the whole of their path. */
export const missingPrivileges = (granted: Permissions, privileges: readonly string[]) =>
  privileges.filter((written) => !holds(granted, parseNeed(written)));

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);
