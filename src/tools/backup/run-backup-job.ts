import { z } from 'zod';
import { attempt, attemptWait } from '../../pve/attempt.js';
import { ApiError, type RequestError } from '../../pve/errors.js';
import { failureInWords } from '../../pve/failure.js';
import { quoted, toWord, toWords } from '../../pve/quoted.js';
import { clusterResources } from '../../pve/resources.js';
import type { WaitOptions, WaitResult } from '../../pve/task-wait.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { type BackupJob, backupJobs, includedGuests, jobNamed } from './backup-job.js';
import { reasonOfEnd } from './end-reason.js';
import { shortRule, word } from './job-terms.js';
import { vzdump } from './vzdump.js';

/** What a job has of a backup, beside when and where it runs. */
const taken = [
  'storage',
  'mode',
  'compress',
  'all',
  'vmid',
  'pool',
  'exclude',
  'exclude-path',
  'bwlimit',
  'fleecing',
  'ionice',
  'lockwait',
  'mailnotification',
  'mailto',
  'notes-template',
  'notification-mode',
  'pbs-change-detection-mode',
  'performance',
  'pigz',
  'protected',
  'prune-backups',
  'remove',
  'stdexcludes',
  'stopwait',
  'zstd',
];

/** Taken from nobody but root (pve-manager, API2/VZDump.pm). */
const forRoot = ['script', 'tmpdir', 'dumpdir'];

const row = z.object({
  node: z.string(),
  guests: z.array(z.number()),
  upid: z.string().optional(),
  state: z.enum(['ok', 'warnings', 'failed', 'unknown', 'running']).optional(),
  reason: z.string().optional(),
});

type Started = z.input<typeof row>;

export default [
  defineTool({
    name: 'proxmox-run-backup-job',
    title: 'Run backup job',
    description: 'Run a backup job now, a task a node. It prunes by its rule.',
    effect: 'destroy',
    scope: 'cluster',
    toolset: 'backup',
    waits: true,
    input: { id: word.describe('Job') },
    output: z.object({ id: z.string(), nodes: z.array(row), failed: z.number() }),
    calls: {
      jobs: backupJobs,
      included: includedGuests,
      resources: clusterResources,
      vzdump,
    },
    privileges: ['Sys.Audit on /', 'VM.Backup on /vms', 'Datastore.AllocateSpace|Datastore.Allocate on /storage'],
    run: async ({ input, call, note, wait, secondsLeft }) => {
      const job = await jobNamed(call.jobs, input.id);
      const [{ data: included }, { data: resources }] = await Promise.all([
        call.included({ id: input.id }),
        call.resources({}),
      ]);
      const vmids = new Set(included.children.map(({ id }) => id));
      const there = resources.guests.filter(({ vmid }) => vmids.has(vmid)).sort((a, b) => a.vmid - b.vmid);
      const nodes = [...new Set(there.map(({ node }) => node))].filter((node) => (job.node ?? node) === node).sort();
      if (nodes.length === 0)
        throw new Refused(`job '${input.id}' covers no guest that could be backed up`, 'See proxmox-list-backup-jobs.');
      const left = forRoot.filter((key) => job[key] !== undefined);
      if (left.length > 0) note(`Left out, as Proxmox takes it from root only: ${toWords(left)}.`);
      const rows: Started[] = [];
      for (const remark of [pruningOf(job), ...haltingOf(job)]) note(remark);
      for (const node of nodes) {
        const guests = there.filter((guest) => guest.node === node).map(({ vmid }) => vmid);
        const online = resources.nodes.find((one) => one.node === node)?.status !== 'offline';
        if (!online) rows.push({ node, guests, reason: 'the node is offline' });
        else rows.push({ node, guests, ...outcomeOf(await attempt(call.vzdump({ node }, parametersOf(job)))) });
      }
      const ended = await Promise.all(rows.map((one) => withEnd(one, wait, secondsLeft)));
      if (ended.some(({ state }) => state === 'running'))
        note('What runs goes on: proxmox-wait-task with its upid and this cluster tells how it ends.');
      const failed = ended.filter(({ state }) => state === undefined || state === 'failed' || state === 'unknown');
      return { id: input.id, nodes: ended, failed: failed.length };
    },
  }),
];

/** A job prunes by its own rule or its storage's unless it says not to (pve-manager, VZDump.pm). */
function pruningOf(job: BackupJob): string {
  if (job.remove === false || job.remove === 0 || job.remove === '0') return 'The job prunes nothing.';
  const rule = shortRule(job['prune-backups']);
  if (rule === 'all') return 'The job keeps all backups.';
  const by =
    rule === undefined ? `the rule of storage ${job.storage ?? 'local'}, if it has one` : `its rule ${toWord(rule)}`;
  return `After each backup the job deletes older ones of the guest, by ${by}.`;
}

const haltingOf = ({ mode }: BackupJob) =>
  mode === 'stop' || mode === 'suspend' ? [`Its mode is ${mode}: a running guest is halted for its backup.`] : [];

function outcomeOf(attempted: Awaited<ReturnType<typeof attempt<{ readonly data: string }>>>) {
  if ('error' in attempted) return { reason: reasonOf(attempted.error) };
  const { data } = attempted.value;
  return data.startsWith('UPID:') ? { upid: data } : { reason: 'none of its guests is on this node any more' };
}

type Wait = (task: { readonly node: string; readonly upid: string }, options: WaitOptions) => Promise<WaitResult>;

async function withEnd(started: Started, wait: Wait, secondsLeft: () => number): Promise<Started> {
  const { node, upid } = started;
  if (upid === undefined) return started;
  const seen = await attemptWait(wait({ node, upid }, { timeout: Math.max(1, secondsLeft()) }));
  if ('error' in seen) return { ...started, state: 'unknown', reason: 'its task could not be watched' };
  const { state, exitstatus, log } = seen.value;
  if (state === 'ok' || state === 'running') return { ...started, state };
  return { ...started, state, reason: reasonOfEnd({ exitstatus, log }) };
}

const reasonOf = (error: RequestError) => (error instanceof ApiError ? quoted(error.reason) : failureInWords(error));

const parametersOf = (job: BackupJob) =>
  Object.fromEntries(taken.flatMap((key) => (job[key] === undefined ? [] : [[key, plain(job[key])]])));

/** Parts of a property come apart in lists of jobs; a call takes them as one text. */
function plain(value: unknown): string | number | boolean | readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, part]) => `${key}=${part}`)
      .join(',');
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
