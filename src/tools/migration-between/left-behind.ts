import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { poolNames } from '../../pve/pools.js';
import { toWord, toWords } from '../../pve/quoted.js';
import type { guestResources } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { type BackupJob, backupJobs } from '../backup/backup-job.js';
import { type Finding, those } from './finding.js';

export const leftBehindReads = { pools: poolNames, backupJobs };

interface SourceCalls {
  readonly resources: Call<typeof guestResources>;
  readonly backupJobs: Call<typeof backupJobs>;
}

/** What belongs to a guest and is kept beside it: it stays with its cluster. */
export async function leftBehind(
  source: SourceCalls,
  destination: { readonly pools: Call<typeof poolNames> },
  vmid: number,
): Promise<Finding[]> {
  const [listed, jobs, known] = await Promise.all([
    attempt(source.resources({}, { type: 'vm' })),
    attempt(source.backupJobs({})),
    attempt(destination.pools({})),
  ]);
  const pool = 'error' in listed ? undefined : listed.value.data.find((one) => one.vmid === vmid)?.pool;
  const there = 'error' in known ? undefined : known.value.data.map(({ poolid }) => poolid);
  const taking = 'error' in jobs ? [] : jobs.value.data.filter((job) => takes(job, vmid, pool)).map(({ id }) => id);
  return those(
    'error' in listed && unread('whether it is in a pool', failureInWords(listed.error)),
    pool !== undefined && {
      code: 'pool',
      message: `it is in pool '${toWord(pool)}', which does not go along`,
      fix: poolAdvice(pool, there),
    },
    'error' in jobs && unread('which backup jobs take it', failureInWords(jobs.error)),
    taking.length > 0 && {
      code: 'backup_jobs',
      message: `backup jobs of the source take it: ${toWords(taking.sort())}; none goes along`,
      fix: 'See that a job of the target takes it (proxmox-list-backup-jobs), and that none here counts on it.',
    },
  );
}

const unread = (what: string, why: string): Finding => ({ code: 'unread', message: `${what} is not known: it ${why}` });

function poolAdvice(pool: string, there: readonly string[] | undefined): string {
  const add = 'put it in afterwards: proxmox-pool-add';
  if (there === undefined) return `Which pools the target has could not be read; ${add}.`;
  return there.includes(pool)
    ? `The target has a pool of that name: ${add}.`
    : `The token sees no such pool at the target: have one made (proxmox-create-pool), and ${add}.`;
}

function takes({ all, vmid: named, pool: ofPool, exclude }: BackupJob, vmid: number, pool: string | undefined) {
  const has = (list: string | undefined) => splitList(list).includes(String(vmid));
  return has(named) || (pool !== undefined && ofPool === pool) || (all === true && !has(exclude));
}
