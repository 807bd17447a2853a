import { z } from 'zod';
import { type Context, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import type { ClusterView } from '../scope.js';
import { type Copied, type Copying, copyDefinition } from './copy.js';
import { backupJobCopy } from './copy-backup-job.js';
import { copyCalls } from './copy-calls.js';
import { groupCopy } from './copy-firewall-group.js';
import { poolCopy } from './copy-pool.js';
import { roleCopy } from './copy-role.js';
import { storageCopy } from './copy-storage.js';

const kinds = ['firewall-group', 'role', 'pool', 'backup-job', 'storage'] as const;
type Kind = (typeof kinds)[number];

const copiers: Readonly<Record<Kind, (copying: Copying) => Promise<Copied>>> = {
  'firewall-group': (copying) => copyDefinition(groupCopy, copying),
  role: (copying) => copyDefinition(roleCopy, copying),
  pool: (copying) => copyDefinition(poolCopy, copying),
  'backup-job': (copying) => copyDefinition(backupJobCopy, copying),
  storage: (copying) => copyDefinition(storageCopy, copying),
};

const word = z.string().min(1).max(256);

const input = {
  kind: z.enum(kinds).describe('What'),
  name: word.describe('Its name or ID'),
  overwrite: z.boolean().optional().describe('One that is there'),
  target_storage: word.optional().describe('Of a backup job'),
  nodes: word.optional().describe('Of a storage: a,b'),
  password: z.string().min(1).max(256).optional().describe('Of a storage'),
};

/** Which argument is for which kind alone. */
const onlyFor = { target_storage: 'backup-job', nodes: 'storage', password: 'storage' } as const;

const value = z.union([z.string(), z.array(z.string())]).optional();

const output = z.object({
  kind: z.string(),
  name: z.string(),
  target_cluster: z.string(),
  created: z.boolean(),
  unchanged: z.string().optional(),
  /** What was made beside it, as it refers to it. */
  also: z.array(z.string()).optional(),
  left_out: z.array(z.string()).optional(),
  /** Whether it could be read back. */
  checked: z.boolean(),
  /** In what it differs from the original now. */
  differs: z.array(z.object({ key: z.string().optional(), source: value, target: value })).optional(),
});

type CopyContext = Context<'between', typeof input, typeof copyCalls>;

export default [
  defineTool({
    name: 'proxmox-copy-definition',
    title: 'Copy definition',
    description: 'Copy a security group, role, pool, backup job or storage definition to another cluster.',
    effect: 'destroy',
    scope: 'between',
    toolset: 'federation',
    input,
    output,
    calls: copyCalls,
    privileges: [
      'Sys.Audit on /',
      'Sys.Modify on /',
      'Sys.Modify on /access',
      'Pool.Audit on /pool',
      'Pool.Allocate on /pool',
      'Datastore.Audit|Datastore.AllocateSpace on /storage',
      'Datastore.Allocate on /storage',
    ],
    run: async (context) => {
      const { kind, name } = context.input;
      requireArguments(context.input);
      const [leftOut, also]: [string[], string[]] = [[], []];
      const copied = await copiers[kind](copyingOf(context, leftOut, also));
      return {
        kind,
        name,
        target_cluster: context.target.destination.info.name,
        created: copied.created,
        unchanged: copied.unchanged,
        checked: copied.checked,
        also: also.length > 0 ? also : undefined,
        left_out: leftOut.length > 0 ? leftOut : undefined,
        differs: copied.differs.length > 0 ? copied.differs.map(shown) : undefined,
      };
    },
  }),
];

function requireArguments(asked: CopyContext['input']): void {
  const strange = Object.entries(onlyFor).filter(
    ([argument, kind]) =>
      kind !== asked.kind && Object.entries(asked).some(([key, given]) => key === argument && given !== undefined),
  );
  if (strange.length > 0)
    throw new InvalidInput(...strange.map(([argument, kind]) => ({ argument, message: `for kind ${kind} alone` })));
}

function copyingOf(context: CopyContext, leftOut: string[], also: string[]): Copying {
  const { input: asked, target, at, note, outline, offerUndo } = context;
  const side = (cluster: ClusterView) => ({ cluster: cluster.info.name, call: at(cluster).call });
  return {
    name: asked.name,
    overwrite: asked.overwrite ?? false,
    targetStorage: asked.target_storage,
    nodes: asked.nodes,
    password: asked.password,
    source: side(target.source),
    target: side(target.destination),
    note,
    outline,
    offerUndo,
    leaveOut: (what) => {
      leftOut.push(what);
      outline(`Left out: ${what}.`);
    },
    alsoMade: (what) => {
      also.push(what);
    },
  };
}

const shown = ({ key, source, target }: Copied['differs'][number]) => ({
  key,
  source: sideOf(source),
  target: sideOf(target),
});
const sideOf = (one: string | readonly string[] | undefined) => (typeof one === 'object' ? [...one] : one);
