import { z } from 'zod';
import { version } from '../../pve/discovery.js';
import { type Answer, endpoint } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { afterwards, pendingRows, waitingAfter } from '../../pve/pending.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { endedWell } from './ended-well.js';
import { type AskedChange, type GuestChange, needsRelease, readChange } from './guest-change.js';
import { askedOf, inBackground, parametersOf, updateVm } from './sent-change.js';

const updateLxc = endpoint('PUT /nodes/{node}/lxc/{vmid}/config', z.null());

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  /** Left out where the change was not seen to end well. */
  set: z.array(z.string()).optional(),
  unset: z.array(z.string()).optional(),
  ...afterwards,
});

const input = {
  params: z.record(z.string(), z.unknown()).optional().describe('Key: value'),
  delete: z.array(z.string().min(1)).min(1).max(100).optional().describe('Keys to unset'),
};

const privileges = (parts: string) =>
  [
    'VM.Audit on /vms',
    `${parts
      .split(' ')
      .map((part) => `VM.Config.${part}`)
      .join('|')} on /vms` as const,
  ] as const;

const asked = (given: {
  params?: Record<string, unknown> | undefined;
  delete?: string[] | undefined;
}): AskedChange => ({
  prefix: 'params.',
  params: given.params ?? {},
  remove: given.delete ?? [],
});

const told = ({ set, remove }: GuestChange) => ({
  set: Object.keys(set),
  ...(remove.length > 0 ? { unset: [...remove] } : {}),
});

async function majorVersion(answer: Promise<Answer<{ readonly version: string }>>): Promise<number> {
  return Number.parseInt((await answer).data.version, 10);
}

/** Before anything is read: faults that need no guest to be seen. */
function refuseEmpty({ params, remove }: AskedChange): void {
  if (Object.keys(params).length + remove.length > 0) return;
  throw new InvalidInput({ argument: 'params', message: "nothing to change: give keys to set, or 'delete'" });
}

export default [
  defineTool({
    name: 'proxmox-configure-vm',
    title: 'Configure VM',
    description: 'Set configuration keys of a VM: cores, memory (MiB), onboot, ...',
    effect: 'write',
    scope: 'vm',
    toolset: 'config',
    daily: true,
    input,
    output: output.extend({ upid: z.string().optional() }),
    calls: { version, config: guestConfig, update: updateVm, pending: pendingRows },
    privileges: privileges('Options CPU Memory Disk CDROM Network HWType Cloudinit'),
    run: async (context) => {
      const { target, input, call, note } = context;
      const wanted = asked(input);
      refuseEmpty(wanted);
      const { data: config } = await call.config(target);
      const release = needsRelease('qemu', wanted) ? await majorVersion(call.version({})) : undefined;
      const change = readChange(target, wanted, config, release);
      for (const text of change.notes) note(text);
      const { data: upid } = await call.update(target, { ...parametersOf(change, config), ...inBackground });
      const { vmid, name, node } = target;
      const about = { vmid, name, node, ...(typeof upid === 'string' ? { upid } : {}) };
      if (typeof upid === 'string' && !(await endedWell(context, upid))) {
        note(`${askedOf(change)} What then waits for a restart is told by proxmox-pending-changes.`);
        return about;
      }
      return { ...about, ...told(change), ...(await waitingAfter(call.pending(target), note)) };
    },
  }),
  defineTool({
    name: 'proxmox-configure-lxc',
    title: 'Configure container',
    description: 'Set configuration keys of a container: cores, memory (MiB), ...',
    effect: 'write',
    scope: 'lxc',
    toolset: 'config',
    daily: true,
    input,
    output,
    calls: { version, config: guestConfig, update: updateLxc, pending: pendingRows },
    privileges: privileges('Options CPU Memory Disk Network'),
    run: async ({ target, input, call, note }) => {
      const wanted = asked(input);
      refuseEmpty(wanted);
      const { data: config } = await call.config(target);
      const release = needsRelease('lxc', wanted) ? await majorVersion(call.version({})) : undefined;
      const change = readChange(target, wanted, config, release);
      for (const text of change.notes) note(text);
      await call.update(target, parametersOf(change, config));
      const { vmid, name, node } = target;
      return { vmid, name, node, ...told(change), ...(await waitingAfter(call.pending(target), note)) };
    },
  }),
];
