import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { toWord } from '../../pve/quoted.js';
import { storageDefinitions } from '../../pve/storage.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type BackupJob, backupJobs, guestsOf, jobNamed, jobRow, rowOf, scheduleOf } from './backup-job.js';
import { chooseStorage } from './choose-storage.js';
import { isVmidList, keep, notes, notesTemplate, pruneRule, word } from './job-terms.js';

const id = z
  .string()
  .refine((text) => /^[A-Za-z][\w-]{1,49}$/.test(text), 'a letter, then letters, digits, _ and -; 2 to 50 in all')
  .describe('Job');

const terms = {
  storage: storageId.optional().describe('Default: configured or only one'),
  exclude: z
    .string()
    .refine((text) => text === '' || isVmidList(text), "VMIDs, as in '100,101'")
    .optional()
    .describe('Of all or pool'),
  keep: keep.optional().describe("last=3,daily=7; default: storage's"),
  mode: z.enum(['snapshot', 'suspend', 'stop']).optional().describe('New: snapshot'),
  notes: notes.optional().describe('Of each backup'),
  comment: z
    .string()
    .refine((text) => text.length <= 512, '512 characters at most')
    .optional()
    .describe('Of the job'),
  enabled: z.boolean().optional().describe('Whether it runs'),
};
type Terms = z.output<z.ZodObject<typeof terms>>;

const guests = z
  .string()
  .refine(
    (text) => /^(all|pool:[\w.-]+(\/[\w.-]+){0,2})$/.test(text) || isVmidList(text),
    "'all', 'pool:NAME', or VMIDs as in '100,101'",
  )
  .describe('all, pool:NAME, 100,101');

const schedule = word
  .refine((text) => /\S/.test(text) && text.length <= 128, 'a calendar event of up to 128 characters')
  .describe('02:00, sun 03:00');

const words: ReadonlySet<string> = new Set(['comment', 'notes']);
/** What of a job decides which backups there are, and which guests are halted for them. */
const effective = new Set(Object.keys({ schedule, guests, ...terms }).filter((key) => !words.has(key)));

const shared = { scope: 'cluster', toolset: 'backup', privileges: ['Sys.Modify on /', 'Sys.Audit on /'] } as const;

const writeJob = z.null();

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-backup-job',
    title: 'Create backup job',
    description: 'Schedule backups of guests; keep prunes older ones after each run.',
    effect: 'write',
    destroysIf: prunesOrHalts,
    input: { id: id.optional().describe('Default: made up'), schedule, guests, ...terms },
    output: z.object({ job: jobRow.partial().required({ id: true }) }),
    calls: {
      storages: storageDefinitions,
      jobs: backupJobs,
      create: endpoint('POST /cluster/backup', writeJob),
    },
    run: async ({ input, call, note, defaults, now }) => {
      requireFitting(input.guests, input.exclude);
      const { data: storages } = await call.storages({});
      const wish = { content: 'backup', where: 'in this cluster', named: input.storage } as const;
      const usable = storages.filter(({ disable }) => !disable);
      const storage = chooseStorage(usable, { ...wish, preferred: [defaults.storage] });
      if (input.storage === undefined) note(`It writes to storage ${storage}.`);
      // Proxmox makes one up too, and does not tell it.
      const made = input.id ?? `backup-${Math.floor(now / 1000).toString(36)}`;
      await call.create(
        {},
        {
          id: made,
          schedule: input.schedule,
          ...selection(input.guests),
          ...parameters({
            ...input,
            storage,
            mode: input.mode ?? 'snapshot',
            notes: input.notes ?? '{{guestname}}',
          }),
          compress: 'zstd',
          enabled: input.enabled ?? true,
        },
      );
      const job = (await call.jobs({})).data.find((one) => one.id === made);
      return { job: job === undefined ? { id: made } : rowOf(job) };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-backup-job',
    title: 'Change backup job',
    description: 'Change a backup job; an empty exclude or comment removes it.',
    effect: 'write',
    // What it prunes, halts or no longer backs up depends on the rest of the job, too, which the arguments do not tell.
    destroysIf: (input) => Object.entries(input).some(([key, value]) => value !== undefined && effective.has(key)),
    input: { id, schedule: schedule.optional(), guests: guests.optional(), ...terms },
    output: z.object({ job: jobRow }),
    calls: {
      storages: storageDefinitions,
      jobs: backupJobs,
      update: endpoint('PUT /cluster/backup/{id}', writeJob),
    },
    run: async ({ input, call, outline }) => {
      const { id: _, ...changes } = input;
      if (Object.values(changes).every((value) => value === undefined))
        throw new InvalidInput({ argument: 'id', message: 'give what is to be changed, too' });
      const before = await jobNamed(call.jobs, input.id);
      outline(`Until now: ${inWords(before)}`);
      requireFitting(input.guests ?? guestsOf(before), input.exclude);
      if (input.storage !== undefined) {
        const { data: storages } = await call.storages({});
        chooseStorage(storages, { content: 'backup', where: 'in this cluster', named: input.storage, preferred: [] });
      }
      const cleared = (['exclude', 'comment'] as const).filter((key) => input[key] === '');
      // The schema wants the storage beside the notes.
      const storage = input.storage ?? (input.notes === undefined ? undefined : before.storage);
      await call.update(
        { id: input.id },
        {
          schedule: input.schedule,
          ...(input.guests === undefined ? {} : selection(input.guests)),
          ...parameters({ ...input, storage }),
          enabled: input.enabled,
          delete: cleared.length > 0 ? cleared.join(',') : undefined,
        },
      );
      return { job: rowOf(await jobNamed(call.jobs, input.id)) };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-backup-job',
    title: 'Delete backup job',
    description: 'Delete a backup job. The backups it made stay.',
    effect: 'destroy',
    input: { id },
    output: z.object({ id: z.string(), schedule: z.string().optional(), guests: z.string() }),
    calls: { jobs: backupJobs, remove: endpoint('DELETE /cluster/backup/{id}', writeJob) },
    run: async ({ input, call, note }) => {
      const job = await jobNamed(call.jobs, input.id);
      const said = { id: job.id, schedule: scheduleOf(job), guests: guestsOf(job) };
      note(inWords(job));
      await call.remove({ id: input.id });
      return said;
    },
  }),
];

const inWords = (job: BackupJob) =>
  `Job ${toWord(job.id)} backs up ${toWord(guestsOf(job))} at ${toWord(scheduleOf(job) ?? 'no time')} to ${job.storage ?? 'local'}.`;

/** What each run of it will then do to backups and guests. */
function prunesOrHalts({ keep: rule, mode }: Pick<Terms, 'keep' | 'mode'>): boolean {
  return (rule !== undefined && rule !== 'all') || mode === 'stop' || mode === 'suspend';
}

function requireFitting(chosen: string, exclude: string | undefined): void {
  if (!exclude || chosen === 'all' || chosen.startsWith('pool:')) return;
  throw new Refused(
    'a job of named VMIDs leaves none of them out',
    "Leave 'exclude' out, and out of 'guests' what is not to be backed up.",
  );
}

function selection(chosen: string) {
  if (chosen === 'all') return { all: true };
  return chosen.startsWith('pool:') ? { pool: chosen.slice('pool:'.length) } : { vmid: chosen };
}

const parameters = ({ storage, exclude, keep: rule, mode, notes: template, comment }: Terms) => ({
  storage,
  exclude: exclude || undefined,
  'prune-backups': rule === undefined ? undefined : pruneRule(rule),
  mode,
  'notes-template': template === undefined ? undefined : notesTemplate(template),
  comment: comment || undefined,
});
