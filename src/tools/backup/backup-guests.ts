import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { mostRate } from '../arguments/bandwidth.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
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
    .refine((rate) => Number.isInteger(rate) && rate > 0 && rate <= mostRate, 'a whole number up to a billion')
    .optional()
    .describe('KiB/s'),
};

const shared = {
  effect: 'write',
  destroysIf: ({ mode }: { readonly mode?: unknown }) => mode === 'stop' || mode === 'suspend',
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
    description: 'Back up a VM. Modes stop and suspend halt a running one.',
    scope: 'vm',
    input: { ...input, fleecing: storageId.optional().describe('Storage') },
    calls,
    run: (context) => backUp(context, context.input.fleecing),
  }),
  defineTool({
    ...shared,
    name: 'proxmox-backup-lxc',
    title: 'Back up container',
    description: 'Back up a container. Modes stop and suspend halt a running one.',
    scope: 'lxc',
    input,
    calls,
    run: (context) => backUp(context, undefined),
  }),
];

interface BackupContext {
  readonly target: GuestTarget;
  readonly input: z.output<z.ZodObject<typeof input>>;
  readonly call: { readonly [K in keyof typeof calls]: Call<(typeof calls)[K]> };
  readonly defaults: { readonly storage?: string };
  note(text: string): void;
}

async function backUp(context: BackupContext, fleecing: string | undefined) {
  const { target, input, call, defaults, note } = context;
  const { vmid, name, node } = target;
  if (input.mode === 'stop' || input.mode === 'suspend') await tellHalt(context, input.mode);
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

async function tellHalt({ target, call, note }: BackupContext, mode: 'stop' | 'suspend') {
  const { data } = await call.status(target);
  if (data.status === 'stopped') return;
  note(`The guest is ${data.status}: mode ${mode} will ${halts[target.type][mode]}.`);
}
