import { z } from 'zod';
import { changeConfig } from '../../pve/change-config.js';
import { configText, guestConfig } from '../../pve/guest-config.js';
import { afterwards, pendingRows, type Waiting, waiting, waitingAfter, waitingOf } from '../../pve/pending.js';
import { toWords } from '../../pve/quoted.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import type { GuestTarget } from '../scope.js';

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  ...afterwards,
});

const about = ({ vmid, name, node }: GuestTarget) => ({ vmid, name, node });

/** The keys that are meant: those that are named, or all that wait. */
function chosen(found: readonly Waiting[], keys: readonly string[] | undefined): string[] {
  const known = found.map(({ key }) => key);
  const none = (keys ?? []).filter((key) => !known.includes(key));
  if (none.length > 0 && known.length > 0)
    throw new InvalidInput({
      argument: 'keys',
      message: `${none.join(', ')}: nothing waits there; what waits: ${toWords(known)}`,
    });
  return known.filter((key) => keys === undefined || keys.includes(key));
}

export default [
  defineTool({
    name: 'proxmox-pending-changes',
    title: 'Pending changes',
    description: 'Saved changes of a guest that wait for its stop and start.',
    effect: 'read',
    scope: 'guest',
    toolset: 'config',
    input: {},
    output,
    calls: { pending: pendingRows },
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, call }) => ({ ...about(target), pending: waitingOf((await call.pending(target)).data) }),
  }),
  defineTool({
    name: 'proxmox-revert-pending',
    title: 'Revert pending changes',
    description: 'Drop saved changes that wait for a stop and start: all, or keys.',
    effect: 'write',
    scope: 'guest',
    toolset: 'config',
    input: { keys: z.array(z.string().min(1)).min(1).max(100).optional().describe('Default: all') },
    output: output.extend({ reverted: z.array(waiting), unchanged: z.string().optional() }),
    calls: { config: guestConfig, pending: pendingRows, change: changeConfig },
    privileges: [
      'VM.Audit on /vms',
      'VM.Config.Options|VM.Config.CPU|VM.Config.Memory|VM.Config.Disk|VM.Config.Network on /vms',
    ],
    run: async ({ target, input, call, note }) => {
      const { data: config } = await call.config(target);
      const found = waitingOf((await call.pending(target)).data);
      const keys = chosen(found, input.keys);
      if (keys.length === 0) return { ...about(target), reverted: [], unchanged: 'nothing waits' };
      await call.change(target, { revert: keys.join(','), digest: configText(config.digest) });
      const reverted = found.filter(({ key }) => keys.includes(key));
      return { ...about(target), reverted, ...(await waitingAfter(call.pending(target), note)) };
    },
  }),
];
