import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';
import { toWords } from '../../pve/quoted.js';
import { Refused } from '../refused.js';

export const replicationJob = z.object({
  id: z.string(),
  guest: number.optional(),
  target: z.string().optional(),
  source: z.string().optional(),
  schedule: z.string().optional(),
  rate: number.optional(),
  disable: flag.optional(),
  comment: text.optional(),
  /** Set on a job that is to go at its next run. */
  remove_job: z.string().optional(),
  digest: z.string().optional(),
});
export type ReplicationJob = z.output<typeof replicationJob>;

/** Those of guests that the token may see. */
export const replicationJobs = endpoint('GET /cluster/replication', z.array(replicationJob));

export const vmidOfJob = ({ id, guest }: ReplicationJob) => guest ?? Number(id.split('-')[0]);

/** The number behind the dash of a job's id. */
export const jobNumber = z.int().min(0).max(999_999_999).optional().describe('n of its id vmid-n');

/** The job of a guest that a call means. */
export async function jobOf(
  vmid: number,
  asked: number | undefined,
  jobs: Call<typeof replicationJobs>,
): Promise<ReplicationJob> {
  const own = (await jobs({})).data.filter((job) => vmidOfJob(job) === vmid);
  const meant = asked === undefined ? own : own.filter(({ id }) => id === `${vmid}-${asked}`);
  const [job, ...others] = meant;
  if (job !== undefined && others.length === 0) return job;
  const ids = own.map(({ id }) => id).sort();
  throw new Refused(
    ids.length === 0
      ? `Guest ${vmid} has no replication job, or the token may not see it`
      : `Guest ${vmid} has the replication jobs ${toWords(ids)}`,
    ids.length === 0 ? 'Make one with proxmox-setup-replication.' : "Call again with 'job' set to the number of one.",
  );
}
