import { z } from 'zod';
import { attempt, inTurns } from '../../pve/attempt.js';
import { endpoint } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { number, text } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { defineList } from '../define.js';
import { vmid } from '../scope.js';
import { type ReplicationJob, replicationJobs, vmidOfJob } from './replication-jobs.js';

const run = z.object({
  id: z.string(),
  last_sync: number.optional(),
  next_sync: number.optional(),
  duration: number.optional(),
  fail_count: number.optional(),
  error: text.optional(),
});
type Run = z.output<typeof run>;

export default [
  defineList({
    name: 'proxmox-list-replication',
    title: 'List replication',
    description: 'Replication jobs and how their last run went; rate in MB/s.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'ha',
    input: { vmid: vmid.optional().describe('Only of this guest') },
    output: z.object({
      id: z.string(),
      vmid: z.number(),
      source: z.string().optional(),
      target: z.string().optional(),
      schedule: z.string(),
      rate: z.number().optional(),
      disabled: z.boolean(),
      removing: z.boolean().optional(),
      comment: z.string().optional(),
      last_sync: z.string().nullable().optional(),
      next_sync: z.string().nullable().optional(),
      duration: z.number().optional(),
      fail_count: z.number().optional(),
      error: z.string().optional(),
    }),
    calls: {
      jobs: replicationJobs,
      runs: endpoint('GET /nodes/{node}/replication', z.array(run)),
    },
    privileges: ['VM.Audit on /vms'],
    run: async ({ input, call }) => {
      const jobs = (await call.jobs({})).data.filter(
        (job) => input.vmid === undefined || vmidOfJob(job) === input.vmid,
      );
      // Each node knows the runs of its own guests; one that is off hides no job.
      const nodes = [...new Set(jobs.flatMap(({ source }) => source ?? []))].sort();
      const asked = await inTurns(nodes, (node) => attempt(call.runs({ node }, { guest: input.vmid })));
      const found = asked.flatMap((outcome) => ('value' in outcome ? outcome.value.data : []));
      const runs = new Map(found.map((one) => [one.id, one]));
      const silent = asked.flatMap((outcome, index) =>
        'error' in outcome ? [`${nodes[index]}: ${failureInWords(outcome.error)}`] : [],
      );
      return {
        rows: jobs.map((job) => row(job, runs.get(job.id))).sort((a, b) => a.vmid - b.vmid || (a.id < b.id ? -1 : 1)),
        notes: silent.map((reason) => `How its jobs went could not be asked of node ${reason}`),
      };
    },
  }),
];

function row(job: ReplicationJob, last: Run | undefined) {
  const time = (seconds: number | undefined) => (seconds ? isoTime(seconds) : null);
  return {
    id: job.id,
    vmid: vmidOfJob(job),
    source: job.source,
    target: job.target,
    // What Proxmox takes where none is set (pve-guest-common, ReplicationConfig.pm).
    schedule: job.schedule ?? '*/15',
    rate: job.rate,
    disabled: job.disable ?? false,
    removing: job.remove_job === undefined ? undefined : true,
    comment: job.comment,
    ...(last === undefined
      ? {}
      : {
          last_sync: time(last.last_sync),
          next_sync: time(last.next_sync),
          duration: last.duration,
          fail_count: last.fail_count,
          error: last.error,
        }),
  };
}
