import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { storageDefinitions } from '../../pve/storage.js';
import { defineTool } from '../define.js';
import { backupJobs, jobRow, rowOf } from './backup-job.js';
import { chooseStorage } from './choose-storage.js';
import { keep, pruneRule, word } from './job-terms.js';

/** When a policy that keeps one of each of these runs; the finest decides. */
const schedules = [
  ['hourly', '*:00'],
  ['daily', '02:00'],
  ['last', '02:00'],
  ['weekly', 'sun 02:00'],
  ['monthly', '*-*-01 02:00'],
  ['yearly', '*-01-01 02:00'],
] as const;

const written = z.null();

export default [
  defineTool({
    name: 'proxmox-snapshot-policy',
    title: 'Backup policy',
    description: 'Schedule backups (not snapshots) of a guest, as job policy-VMID; prunes older ones.',
    effect: 'destroy',
    scope: 'guest',
    toolset: 'backup',
    input: {
      policy: keep.refine((rule) => rule !== 'all', 'say how many of each are kept').describe('hourly=24,daily=7'),
      storage: word.optional().describe('Default: configured or only one'),
    },
    output: z.object({ vmid: z.number(), name: z.string().optional(), job: jobRow.partial().required({ id: true }) }),
    calls: {
      storages: storageDefinitions,
      jobs: backupJobs,
      create: endpoint('POST /cluster/backup', written),
      update: endpoint('PUT /cluster/backup/{id}', written),
    },
    privileges: ['Sys.Modify on /', 'Sys.Audit on /'],
    run: async ({ target, input, call, note, defaults }) => {
      const { vmid, name } = target;
      const id = `policy-${vmid}`;
      const [{ data: storages }, { data: jobs }] = await Promise.all([call.storages({}), call.jobs({})]);
      const present = jobs.find((job) => job.id === id);
      const storage = chooseStorage(
        storages.filter(({ disable }) => !disable),
        {
          content: 'backup',
          where: 'in this cluster',
          named: input.storage,
          preferred: [present?.storage, defaults.storage],
        },
      );
      if (input.storage === undefined) note(`It writes to storage ${storage}.`);
      const [, schedule] = schedules.find(([period]) => input.policy.includes(`${period}=`)) ?? schedules[1];
      const terms = { schedule, vmid, storage, 'prune-backups': pruneRule(input.policy), enabled: true };
      if (present !== undefined) await call.update({ id }, terms);
      else
        await call.create({}, { id, ...terms, mode: 'snapshot', compress: 'zstd', 'notes-template': '{{guestname}}' });
      const job = (await call.jobs({})).data.find((one) => one.id === id);
      return { vmid, name, job: job === undefined ? { id } : rowOf(job) };
    },
  }),
];
