import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { settle } from '../../pve/settle.js';
import { isoTime } from '../../pve/time.js';
import type { backupJobs, uncoveredGuests } from '../backup/backup-job.js';
import { type NodeTask, type nodeTasks, stateOf } from '../tasks/task-rows.js';
import { lackOf, notSeen, unlistedNodes } from './not-seen.js';

const failure = z.object({ vmid: z.number(), at: z.string(), upid: z.string() });

export const backupsPart = z.object({
  in_no_job: z.object({
    count: z.number().optional(),
    guests: z.array(z.object({ vmid: z.number(), name: z.string().optional() })).optional(),
    /** The server takes them for cover: proxmox-list-unprotected-guests does not. */
    disabled_jobs: z.array(z.string()).optional(),
    ...notSeen,
  }),
  last_failed: z.object({
    guests: z.array(failure).optional(),
    /** Tasks of several guests, which name none of them. */
    of_several: z.number().optional(),
    /** What was looked at. */
    of: z.string(),
    ...notSeen,
  }),
});

const days = 7;
const mostTasks = 500;
const mostGuests = 10;

/** What the backups of a cluster are read with. */
export interface BackupCalls {
  readonly uncovered: Call<typeof uncoveredGuests>;
  readonly jobs: Call<typeof backupJobs>;
  readonly tasks: Call<typeof nodeTasks>;
}

/** Guests that no backup job takes, and those whose last backup failed, as far as the tasks tell. */
export async function missedBackups(
  call: BackupCalls,
  nodes: readonly string[] | undefined,
  now: number,
  granted: Permissions | undefined,
): Promise<z.input<typeof backupsPart>> {
  const [in_no_job, last_failed] = await Promise.all([
    uncoveredIn(call, granted),
    failedIn(call.tasks, nodes, now, granted),
  ]);
  return { in_no_job, last_failed };
}

async function uncoveredIn({ uncovered, jobs }: BackupCalls, granted: Permissions | undefined) {
  const lack = lackOf(granted, 'Sys.Audit on /');
  if (lack !== undefined) return { not_seen: lack };
  const [asked, known] = await Promise.all([attempt(uncovered({})), attempt(jobs({}))]);
  if ('error' in asked) return { not_seen: `the cluster ${failureInWords(asked.error)}` };
  const guests = asked.value.data.toSorted((a, b) => a.vmid - b.vmid).map(({ vmid, name }) => ({ vmid, name }));
  const blind = lackOf(granted, 'VM.Audit on /vms');
  if (guests.length === 0 && blind !== undefined) return { not_seen: blind };
  const disabled = 'error' in known ? [] : known.value.data.filter(({ enabled }) => enabled === false);
  return {
    count: guests.length,
    guests: guests.slice(0, mostGuests),
    disabled_jobs: disabled.length > 0 ? disabled.map(({ id }) => id).sort() : undefined,
    seen_in_part: blind,
  };
}

async function failedIn(
  tasks: Call<typeof nodeTasks>,
  nodes: readonly string[] | undefined,
  now: number,
  granted: Permissions | undefined,
) {
  const of = `the vzdump tasks of the last ${days} days`;
  if (nodes === undefined) return { of, not_seen: unlistedNodes };
  const since = Math.floor(now / 1000) - days * 86_400;
  const query = { source: 'archive', typefilter: 'vzdump', since, limit: mostTasks };
  const asked = await attempt(settle(nodes, (node) => tasks({ node }, query)));
  if ('error' in asked) return { of, not_seen: `the nodes: ${failureInWords(asked.error)}` };
  const { values, failed } = asked.value;
  const found = values.flatMap(({ value }) => value.data);
  const lack = lackOf(granted, 'Sys.Audit on /nodes');
  if (found.length === 0 && lack !== undefined) return { of, not_seen: lack };
  const cut = values.filter(({ value: { total = 0, data } }) => total > data.length).map(({ key }) => key);
  const part = [
    ...(lack === undefined ? [] : [`${lack}: only its own tasks are seen`]),
    ...failed.map(({ key, reason }) => `${key} ${reason}`),
    ...cut.map((node) => `of ${node} the newest ${mostTasks} tasks`),
  ];
  const isFailed = (task: NodeTask) => stateOf(task).state === 'failed' || stateOf(task).state === 'unknown';
  return {
    of,
    guests: [...newestByGuest(found)]
      .filter(([, task]) => isFailed(task))
      .map(([vmid, { upid, starttime }]) => ({ vmid, at: isoTime(starttime), upid }))
      .sort((a, b) => a.vmid - b.vmid),
    of_several: found.filter((task) => !task.id && isFailed(task)).length,
    seen_in_part: part.length > 0 ? part.join('; ') : undefined,
  };
}

/** A task of one guest has its VMID, one of several has none (pve-manager, VZDump.pm). */
function newestByGuest(tasks: readonly NodeTask[]): Map<number, NodeTask> {
  const ofOne = tasks.filter(({ id }) => id !== undefined && /^\d+$/.test(id));
  return new Map(ofOne.toSorted((a, b) => a.starttime - b.starttime).map((task) => [Number(task.id), task]));
}
