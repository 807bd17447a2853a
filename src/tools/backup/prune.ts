import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { endpoint } from '../../pve/endpoint.js';
import { number } from '../../pve/loose.js';
import { toWords } from '../../pve/quoted.js';
import { isoTime } from '../../pve/time.js';
import { startedUpid } from '../../pve/upid.js';
import { defineList, defineTool } from '../define.js';
import { vmid } from '../scope.js';
import { keep, pruneRule } from './job-terms.js';

const preview = endpoint(
  'GET /nodes/{node}/storage/{storage}/prunebackups',
  z.array(
    z.object({
      volid: z.string(),
      ctime: number.optional(),
      mark: z.string(),
      type: z.string().optional(),
      vmid: number.optional(),
    }),
  ),
);
const prune = endpoint('DELETE /nodes/{node}/storage/{storage}/prunebackups', startedUpid);

const input = {
  keep: keep.optional().describe("last=3,daily=7; default: storage's"),
  vmid: vmid.optional().describe('Guest'),
};

const shared = { scope: 'storage', toolset: 'backup', input } as const;

export default [
  defineList({
    ...shared,
    name: 'proxmox-prune-preview',
    title: 'Preview pruning',
    description: 'What pruning by a rule would do to each backup of a storage.',
    effect: 'read',
    output: z.object({
      volid: z.string(),
      vmid: z.number().optional(),
      type: z.string().optional(),
      ctime: z.string().optional(),
      mark: z.string(),
    }),
    calls: { preview },
    privileges: ['Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: async ({ target, input, call }) => {
      const marked = await marks(call.preview, target, input);
      const count = (mark: string) => marked.filter((row) => row.mark === mark).length;
      return {
        rows: marked.map(({ ctime, ...row }) => ({ ...row, ctime: ctime === undefined ? undefined : isoTime(ctime) })),
        notes: [
          `On ${target.storage} as node ${target.node} sees it: ${count('remove')} of ${marked.length} would go.`,
        ],
      };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-prune-backups',
    title: 'Prune backups',
    description: 'Delete for good the backups a rule does not keep; protected ones stay.',
    effect: 'destroy',
    output: z.object({
      storage: z.string(),
      node: z.string(),
      removed: z.array(z.string()).optional(),
      /** Should have gone and did not. */
      left: z.array(z.string()).optional(),
      upid: z.string().optional(),
      unchanged: z.string().optional(),
    }),
    calls: { preview, prune },
    privileges: ['Datastore.AllocateSpace|Datastore.Allocate on /storage', 'VM.Backup on /vms'],
    run: async ({ target, input, call, note, wait, secondsLeft }) => {
      const { node, storage } = target;
      const before = await marks(call.preview, target, input);
      const going = before.filter(({ mark }) => mark === 'remove').map(({ volid }) => volid);
      if (going.length === 0)
        return {
          storage,
          node,
          removed: [],
          unchanged: 'by this rule every backup is kept; see proxmox-prune-preview',
        };
      note(`${going.length} of ${before.length} go: ${inWords(going)}.`);
      const { data } = await call.prune(target, query(input));
      const timeout = secondsLeft();
      if (timeout === 0 || (await wait({ node, upid: data }, { timeout })).state === 'running') {
        note('What is gone is not read while the task runs: proxmox-list-backups shows it afterwards.');
        return { storage, node, upid: data };
      }
      const there = new Set((await marks(call.preview, target, input)).map(({ volid }) => volid));
      const left = going.filter((volid) => there.has(volid));
      const removed = going.filter((volid) => !there.has(volid));
      return { storage, node, removed, left: left.length > 0 ? left : undefined, upid: data };
    },
  }),
];

type Rule = z.output<z.ZodObject<typeof input>>;

const query = ({ keep, vmid }: Rule) => ({
  'prune-backups': keep === undefined ? undefined : pruneRule(keep),
  vmid,
});

async function marks(call: Call<typeof preview>, { node, storage }: { node: string; storage: string }, rule: Rule) {
  const { data } = await call({ node, storage }, query(rule));
  return data.toSorted(
    (a, b) => (a.vmid ?? 0) - (b.vmid ?? 0) || (b.ctime ?? 0) - (a.ctime ?? 0) || (a.volid < b.volid ? -1 : 1),
  );
}

const mostNamed = 30;

const inWords = (volids: readonly string[]) =>
  volids.length > mostNamed
    ? `${toWords(volids.slice(0, mostNamed))} and ${volids.length - mostNamed} more`
    : toWords(volids);
