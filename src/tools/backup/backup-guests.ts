import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { chooseStorage, nodeStorages } from './choose-storage.js';
import { notes, notesTemplate } from './job-terms.js';
import { backupParams, vzdump } from './vzdump.js';

const input = {
  storage: storageId.optional().describe('Default: configured'),
  mode: z.enum(['snapshot', 'suspend', 'stop']).optional().describe('Default snapshot'),
  notes: notes.optional().describe('Default {{guestname}}'),
  protected: z.boolean().optional().describe('Keep from pruning'),
  compress: z
    .string()
    .refine((text) => ['zstd', 'gzip', 'lzo', '0'].includes(text), 'zstd, gzip, lzo, or 0 for none')
    .optional()
    .describe('zstd (default), gzip, lzo, 0'),
  bwlimit: z
    .number()
    .refine((rate) => Number.isInteger(rate) && rate > 0, 'a whole number')
    .optional()
    .describe('KiB/s'),
};

const allowStop = { allow_stop: z.boolean().optional().describe('Of a running one') };

const shared = {
  effect: 'write',
  toolset: 'backup',
  daily: true,
  output: z.object({
    vmid: z.number(),
    name: z.string().optional(),
    node: z.string(),
    storage: z.string(),
    upid: z.string().optional(),
    /** Why nothing was backed up. */
    unchanged: z.string().optional(),
    failed: z.number().optional(),
  }),
  privileges: ['VM.Backup on /vms', 'VM.Audit on /vms', 'Datastore.AllocateSpace on /storage'],
} as const;

const calls = { nodeStorages, status: guestStatus, vzdump };

export default [
  defineTool({
    ...shared,
    name: 'proxmox-backup-vm',
    title: 'Back up VM',
    description: 'Back up a VM. Modes stop and suspend halt a running one: with allow_stop only.',
    scope: 'vm',
    input: { ...input, ...allowStop, fleecing: storageId.optional().describe('Storage') },
    calls,
    run: (context) => backUp(context, context.input.fleecing),
  }),
  defineTool({
    ...shared,
    name: 'proxmox-backup-lxc',
    title: 'Back up container',
    description: 'Back up a container. Modes stop and suspend halt a running one: with allow_stop only.',
    scope: 'lxc',
    input: { ...input, ...allowStop },
    calls,
    run: (context) => backUp(context, undefined),
  }),
];

interface BackupContext {
  readonly target: GuestTarget;
  readonly input: z.output<z.ZodObject<typeof input & typeof allowStop>>;
  readonly call: { readonly [K in keyof typeof calls]: Call<(typeof calls)[K]> };
  readonly defaults: { readonly storage?: string };
  note(text: string): void;
}

async function backUp(context: BackupContext, fleecing: string | undefined) {
  const { target, input, call, defaults, note } = context;
  const { vmid, name, node } = target;
  if (input.mode === 'stop' || input.mode === 'suspend') await requireStoppable(context, input.mode);
  const { data: storages } = await call.nodeStorages({ node }, { content: 'backup', enabled: true });
  const where = `on node '${node}'`;
  const wish = { content: 'backup', where, named: input.storage, preferred: [defaults.storage] } as const;
  const storage = chooseStorage(storages, wish);
  if (input.storage === undefined) note(`It goes to storage ${storage}.`);
  const { data } = await call.vzdump(
    { node },
    {
      ...backupParams({
        vmid,
        storage,
        mode: input.mode,
        compress: input.compress,
        notes: notesTemplate(input.notes ?? '{{guestname}}'),
      }),
      protected: input.protected,
      bwlimit: input.bwlimit,
      fleecing: fleecing === undefined ? undefined : `enabled=1,storage=${fleecing}`,
    },
  );
  const result = { vmid, name, node, storage };
  return data.startsWith('UPID:')
    ? { ...result, upid: data }
    : { ...result, unchanged: `it is no longer on node ${node}, so nothing was backed up`, failed: 1 };
}

const halts = {
  qemu: {
    stop: 'shut it down and start it again for the backup to begin',
    suspend: 'suspend it until the backup has begun',
  },
  lxc: { stop: 'keep it down until the backup is done', suspend: 'suspend it while its files are copied again' },
} as const;

/** A backup is no call that asks for confirmation: what interrupts a service takes a word of its own. */
async function requireStoppable({ target, input, call, note }: BackupContext, mode: 'stop' | 'suspend') {
  const { data } = await call.status(target);
  if (data.status === 'stopped') return;
  const what = `mode ${mode} would ${halts[target.type][mode]}`;
  if (!input.allow_stop)
    throw new Refused(
      `guest ${target.vmid} is ${data.status}, and ${what}`,
      "Leave 'mode' out for a snapshot, or ask the user and set 'allow_stop'.",
    );
  note(`The guest is ${data.status}: ${what.replace('would ', 'will ')}.`);
}
