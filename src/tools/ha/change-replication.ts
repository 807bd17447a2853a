import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { endpoint } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { storageDefinitions } from '../../pve/storage.js';
import { nodeName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { jobNumber, jobOf, replicationJobs, vmidOfJob } from './replication-jobs.js';
import { obstaclesOf } from './replication-storage.js';

const create = endpoint('POST /cluster/replication', z.null());
const update = endpoint('PUT /cluster/replication/{id}', z.null());
const remove = endpoint('DELETE /cluster/replication/{id}', z.null());
// It answers with nothing that is useful.
const runNow = endpoint('POST /nodes/{node}/replication/{id}/schedule_now', z.unknown());

const shared = {
  scope: 'guest',
  toolset: 'ha',
  // Before 9 Datastore.Allocate on /storage.
  privileges: ['VM.Replicate on /vms', 'VM.Audit on /vms'],
} as const;

const schedule = z
  .string()
  .min(1)
  .max(128)
  // Five fields of digits, stars, commas, slashes and dashes.
  .refine(
    (text) => /\S/.test(text) && !/^[\d*/,-]+(\s+[\d*/,-]+){4}$/.test(text),
    'a calendar event such as */15, 22:30 or mon..fri 8:00, not cron',
  )
  .optional()
  .describe('As */15 or mon..fri 22:30');
const comment = z.string().max(4096).optional().describe('Text');

const output = z.object({ id: z.string(), name: z.string().optional(), target_node: z.string().optional() });

export default [
  defineTool({
    ...shared,
    name: 'proxmox-setup-replication',
    title: 'Set up replication',
    description: 'Copy the ZFS disks of a guest to another node, by default every 15 min.',
    effect: 'write',
    input: {
      target_node: nodeName.describe('Where to'),
      schedule,
      rate: z.number().min(1).max(100_000).optional().describe('MB/s at most'),
      comment,
    },
    output,
    calls: { jobs: replicationJobs, nodes, config: guestConfig, storages: storageDefinitions, create },
    run: async ({ target, input, call }) => {
      const { target_node: to, rate } = input;
      if (to === target.node) throw new Refused(`Guest ${target.vmid} is on '${to}'`, 'Name another node.');
      const known = (await call.nodes({})).data.map(({ node }) => node).sort();
      if (!known.includes(to)) throw new Refused(`There is no node '${to}'`, `Name one of ${known.join(', ')}.`);
      const own = (await call.jobs({})).data.filter((job) => vmidOfJob(job) === target.vmid);
      const same = own.find((job) => job.target === to);
      if (same !== undefined)
        throw new Refused(`Job ${same.id} copies it to '${to}' already`, 'Change it with proxmox-update-replication.');
      const [obstacle] = obstaclesOf((await call.config(target)).data, (await call.storages({})).data, to);
      if (obstacle !== undefined)
        throw new Refused(
          obstacle,
          'Move that disk to ZFS storage that both nodes have, or keep it out (replicate=0).',
        );
      const taken = new Set(own.map(({ id }) => id));
      const free = Array.from({ length: own.length + 1 }, (_, n) => `${target.vmid}-${n}`).find((id) => !taken.has(id));
      const id = free ?? `${target.vmid}-${own.length}`;
      await call.create({}, { id, type: 'local', target: to, schedule: input.schedule, rate, comment: input.comment });
      return { id, name: target.name, target_node: to };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-replication',
    title: 'Update replication',
    description: 'Set when, how fast or whether a replication job runs.',
    effect: 'write',
    input: {
      job: jobNumber,
      schedule,
      rate: z
        .number()
        .max(100_000)
        .refine((rate) => rate === 0 || rate >= 1, '0 for no limit, or at least 1')
        .optional()
        .describe('MB/s at most; 0: no limit'),
      disable: z.boolean().optional().describe('Let it rest'),
      comment,
    },
    output,
    calls: { jobs: replicationJobs, update },
    run: async ({ target, input, call }) => {
      const { id, target: to, digest, rate: present } = await jobOf(target.vmid, input.job, call.jobs);
      const unlimited = input.rate === 0;
      const wanted = {
        schedule: input.schedule,
        rate: unlimited ? undefined : input.rate,
        disable: input.disable,
        comment: input.comment,
        delete: unlimited && present !== undefined ? 'rate' : undefined,
      };
      if (Object.values(wanted).every((value) => value === undefined))
        throw new Refused('There is nothing to change', 'Give what is to change.');
      await call.update({ id }, { ...wanted, digest });
      return { id, name: target.name, target_node: to };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-run-replication',
    title: 'Run replication',
    description: 'Run a replication job now; proxmox-list-replication has the outcome.',
    effect: 'write',
    input: { job: jobNumber },
    output,
    calls: { jobs: replicationJobs, runNow },
    run: async ({ target, input, call, note }) => {
      const { id, target: to, disable } = await jobOf(target.vmid, input.job, call.jobs);
      if (disable) throw new Refused(`Job ${id} is disabled`, 'Let it run with proxmox-update-replication first.');
      await call.runNow({ node: target.node, id });
      note('Its node begins within a minute.');
      return { id, name: target.name, target_node: to };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-replication',
    title: 'Delete replication',
    description: 'Delete a replication job and its copies on the target, at its next run.',
    effect: 'destroy',
    input: {
      job: jobNumber,
      keep: z.boolean().optional().describe('Leave the copies'),
      force: z.boolean().optional().describe('At once; copies stay'),
    },
    output,
    calls: { jobs: replicationJobs, remove },
    run: async ({ target, input, call, note }) => {
      const { id, target: to } = await jobOf(target.vmid, input.job, call.jobs);
      if (!input.force) note('It is marked, and goes within minutes, at its next run.');
      await call.remove({ id }, { keep: input.keep, force: input.force });
      return { id, name: target.name, target_node: to };
    },
  }),
];
