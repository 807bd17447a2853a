import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';
import { Refused } from '../refused.js';
import { shortRule } from './job-terms.js';

const rule = z.union([z.string(), z.record(z.string(), z.unknown())]);

/** A backup job as the cluster keeps it, with whatever else is set in it. */
const backupJob = z.looseObject({
  id: text,
  type: z.string().optional(),
  enabled: flag.optional(),
  schedule: text.optional(),
  // In jobs of before 7.1, in place of a schedule.
  starttime: text.optional(),
  dow: text.optional(),
  storage: text.optional(),
  node: text.optional(),
  mode: text.optional(),
  compress: text.optional(),
  all: flag.optional(),
  vmid: text.optional(),
  pool: text.optional(),
  exclude: text.optional(),
  comment: text.optional(),
  'notes-template': text.optional(),
  // A property string, or in lists an object of it.
  'prune-backups': rule.optional(),
  'repeat-missed': flag.optional(),
  'next-run': number.optional(),
});
export type BackupJob = z.output<typeof backupJob>;

export const backupJobs = endpoint('GET /cluster/backup', z.array(backupJob));

/** The guests that no job takes; a job that is disabled counts like any other (pve-manager, BackupInfo.pm). */
export const uncoveredGuests = endpoint(
  'GET /cluster/backup-info/not-backed-up',
  z.array(z.object({ vmid: number, name: text.optional(), type: z.string() })),
);

/** The guests that a job takes, with their volumes. */
export const includedGuests = endpoint(
  'GET /cluster/backup/{id}/included_volumes',
  z.object({
    children: z.array(z.object({ id: number, name: text.optional(), type: z.string().optional() })).default([]),
  }),
);

/** The job of this id, or a refusal that names those there are. */
export async function jobNamed(call: Call<typeof backupJobs>, id: string): Promise<BackupJob> {
  const { data } = await call({});
  const job = data.find((one) => one.id === id);
  if (job !== undefined) return job;
  const known = data.map((one) => one.id).sort();
  throw new Refused(
    `there is no backup job '${id}'`,
    known.length > 0 ? `There are ${known.join(', ')}.` : 'There is none.',
  );
}

/** The guests of a job, as the tools take them: `all`, `pool:web` or `100,101`. */
export function guestsOf({ all, pool, vmid }: BackupJob): string {
  if (pool !== undefined) return `pool:${pool}`;
  if (all) return 'all';
  return splitList(vmid).join(',');
}

/** When it runs, as a calendar event. */
export const scheduleOf = ({ schedule, dow, starttime }: BackupJob): string | undefined =>
  schedule ?? (starttime === undefined ? undefined : [dow, starttime].filter(Boolean).join(' '));

/** A row of a list. */
export const jobRow = z.object({
  id: z.string(),
  enabled: z.boolean(),
  schedule: z.string().optional(),
  next_run: z.string().optional(),
  guests: z.string(),
  exclude: z.string().optional(),
  storage: z.string().optional(),
  node: z.string().optional(),
  mode: z.string().optional(),
  compress: z.string().optional(),
  keep: z.string().optional(),
  notes: z.string().optional(),
  comment: z.string().optional(),
});

export function rowOf(job: BackupJob): z.input<typeof jobRow> {
  const { id, storage, node, mode, compress, comment } = job;
  const next = job['next-run'];
  return {
    id,
    enabled: job.enabled ?? true,
    schedule: scheduleOf(job),
    next_run: next === undefined ? undefined : isoTime(next),
    guests: guestsOf(job),
    exclude: job.exclude === undefined ? undefined : splitList(job.exclude).join(',') || undefined,
    storage,
    node,
    mode,
    compress,
    keep: shortRule(job['prune-backups']),
    notes: job['notes-template'],
    comment,
  };
}
