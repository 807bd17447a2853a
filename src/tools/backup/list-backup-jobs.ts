import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { permissions } from '../../pve/discovery.js';
import { storageResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';
import { defineList } from '../define.js';
import { hiddenVolumeNotes } from '../storage/hidden-volumes.js';
import { type BackupJob, backupJobs, includedGuests, jobRow, rowOf, uncoveredGuests } from './backup-job.js';
import { backupPlaces } from './backup-places.js';

const shared = { effect: 'read', scope: 'cluster', toolset: 'backup', input: {} } as const;

interface Guest {
  readonly vmid: number;
  readonly name?: string | undefined;
  readonly type: string;
}

export default [
  defineList({
    ...shared,
    name: 'proxmox-list-backup-jobs',
    title: 'List backup jobs',
    description: 'Backup jobs: schedule, guests, storage, next run (UTC).',
    output: jobRow,
    calls: { jobs: backupJobs },
    privileges: ['Sys.Audit on /'],
    run: async ({ call }) => {
      const { data } = await call.jobs({});
      return { rows: data.map(rowOf).sort((a, b) => (a.id < b.id ? -1 : 1)) };
    },
  }),
  defineList({
    ...shared,
    name: 'proxmox-list-unprotected-guests',
    title: 'Unprotected guests',
    description: 'Guests in no enabled backup job, with hours since their newest backup.',
    output: z.object({
      vmid: z.number(),
      name: z.string().optional(),
      type: z.string(),
      /** The disabled jobs that would cover it. */
      disabled_jobs: z.array(z.string()).optional(),
      newest_backup: z.string().optional(),
      age_hours: z.number().optional(),
    }),
    calls: {
      jobs: backupJobs,
      included: includedGuests,
      uncovered: uncoveredGuests,
      resources: storageResources,
      content: storageContent,
      permissions,
    },
    privileges: ['Sys.Audit on /', 'VM.Audit on /vms'],
    run: async ({ call, now }) => {
      const [{ data: uncovered }, { data: jobs }] = await Promise.all([call.uncovered({}), call.jobs({})]);
      const idle = await idleCover(jobs, async (id) => (await call.included({ id })).data.children);
      const guests = [...uncovered, ...idle.filter(({ vmid }) => !uncovered.some((guest) => guest.vmid === vmid))];
      if (guests.length === 0) return { rows: [] };
      const [{ data: resources }, { data: granted }] = await Promise.all([
        call.resources({}, { type: 'storage' }),
        call.permissions({}),
      ]);
      const { ask, unavailable } = backupPlaces(resources, {});
      const lists = await inTurns(ask, (place) => attempt(call.content(place, { content: 'backup' })));
      const unread = unavailable.length + lists.filter((list) => 'error' in list).length;
      const newest = newestOf(lists.flatMap((list) => ('error' in list ? [] : list.value.data)));
      return {
        rows: guests
          .toSorted((a, b) => a.vmid - b.vmid)
          .map((guest) => ({ ...guest, ...ageOf(newest.get(guest.vmid), now) })),
        notes: [
          ...(unread === 0 ? [] : [`${unread} storages could not be read: a newer backup may be there.`]),
          ...hiddenVolumeNotes(granted, { storages: ask.map(({ storage }) => storage), content: 'backup' }),
        ],
      };
    },
  }),
];

interface Included {
  readonly id: number;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
}

/** The server takes a disabled job for cover like any other (pve-manager, BackupInfo.pm); these have no more than that. */
async function idleCover(jobs: readonly BackupJob[], included: (id: string) => Promise<readonly Included[]>) {
  const disabled = (job: BackupJob) => job.enabled === false;
  if (!jobs.some(disabled)) return [];
  const covers = await inTurns(jobs, async (job) => ({ job, guests: await included(job.id) }));
  const active = new Set(
    covers.filter(({ job }) => !disabled(job)).flatMap(({ guests }) => guests.map(({ id }) => id)),
  );
  const found = new Map<number, Guest & { readonly disabled_jobs: string[] }>();
  for (const { job, guests } of covers.filter((cover) => disabled(cover.job)))
    for (const { id, name, type = 'qemu' } of guests.filter((guest) => !active.has(guest.id)))
      found.set(id, { vmid: id, name, type, disabled_jobs: [...(found.get(id)?.disabled_jobs ?? []), job.id] });
  return [...found.values()];
}

function newestOf(backups: readonly { vmid?: number | undefined; ctime?: number | undefined }[]): Map<number, number> {
  const newest = new Map<number, number>();
  for (const { vmid, ctime } of backups)
    if (vmid !== undefined && ctime !== undefined) newest.set(vmid, Math.max(ctime, newest.get(vmid) ?? 0));
  return newest;
}

const ageOf = (ctime: number | undefined, now: number) =>
  ctime === undefined ? {} : { newest_backup: isoTime(ctime), age_hours: Math.round((now / 1000 - ctime) / 360) / 10 };
