import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { changeConfig } from '../../pve/change-config.js';
import { pendingRows, waitingOf } from '../../pve/pending.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { type Sized, sizeUp, sizingCalls } from './sized-guest.js';

const optional = z.number().optional();

const advice = z.object({
  action: z.string(),
  current: z.number(),
  recommended: z.number(),
  reason: z.string(),
  samples: z.number(),
  p50: optional,
  p95: optional,
  max: optional,
});

const sizes = z.object({ cores: optional, memory: optional });

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  time_range: z.string(),
  /** In cores; of a VM in those of one socket. Its figures are of all. */
  cpu: advice,
  /** In MiB. */
  memory: advice,
});

const range = z.enum(['24h', '7d', '30d']).optional().describe('Measured; default 7d');

const told = (target: GuestTarget, time: string, { cpu, memory }: Sized) => {
  const { vmid, name, node } = target;
  return { vmid, name, node, time_range: time, cpu: { ...cpu }, memory: { ...memory } };
};

/** No ready-made call: a tool does not know its cluster, and the VMID alone may be another guest on another one. */
const configuring = ({ type }: GuestTarget, params: z.output<typeof sizes>) => ({
  tool: type === 'qemu' ? 'proxmox-configure-vm' : 'proxmox-configure-lxc',
  params,
});

const call = z.object({ tool: z.string(), params: sizes });

const howToCall = (key: 'change' | 'undo') =>
  `'${key}' names no guest: call its tool with its params, and with the vmid and the cluster of this answer.`;

const isEmpty = (change: object) => Object.keys(change).length === 0;

export default [
  defineTool({
    name: 'proxmox-right-sizing',
    title: 'Right size',
    description: 'CPU and memory that a guest should have by what it used, with reasons.',
    effect: 'read',
    scope: 'guest',
    toolset: 'metrics',
    input: { time_range: range },
    /** What would make the change, if there is one. */
    output: output.extend({ change: call.optional() }),
    calls: sizingCalls,
    privileges: ['VM.Audit on /vms'],
    run: async ({ target, input, call: reads, note }) => {
      const { time_range: time = '7d' } = input;
      const sized = await sizeUp(target, time, reads);
      note('Proxmox counts a part of the page cache as used memory.');
      const change = isEmpty(sized.change) ? undefined : configuring(target, sized.change);
      if (change !== undefined) note(howToCall('change'));
      return { ...told(target, time, sized), change };
    },
  }),
  defineTool({
    name: 'proxmox-apply-right-sizing',
    title: 'Apply right size',
    description: 'Set the CPU and memory that proxmox-right-sizing advises.',
    effect: 'destroy',
    scope: 'guest',
    toolset: 'metrics',
    input: { time_range: range, only: z.enum(['cpu', 'memory']).optional().describe('Default both') },
    output: output.extend({
      set: sizes.optional(),
      /** Keys that wait for a restart. */
      pending: z.array(z.string()).optional(),
      /** What sets it back. */
      undo: call.optional(),
      /** Why nothing was sent. */
      unchanged: z.string().optional(),
    }),
    calls: { ...sizingCalls, update: changeConfig, pending: pendingRows },
    privileges: ['VM.Audit on /vms', 'VM.Config.CPU on /vms', 'VM.Config.Memory on /vms'],
    run: async ({ target, input, call: calls, note }) => {
      const { time_range: time = '7d', only } = input;
      const sized = await sizeUp(target, time, calls);
      const { cpu, memory, digest } = sized;
      const asked = [...(only === 'memory' ? [] : [cpu]), ...(only === 'cpu' ? [] : [memory])];
      if (asked.every(({ action }) => action === 'unknown'))
        throw new Refused(asked.map(({ reason }) => reason).join('; '), 'Let it run, or set its sizes by hand.');
      const { cores, memory: size } = sized.change;
      const set = {
        ...(only === 'memory' || cores === undefined ? {} : { cores }),
        ...(only === 'cpu' || size === undefined ? {} : { memory: size }),
      };
      const about = told(target, time, sized);
      if (isEmpty(set)) return { ...about, unchanged: 'its sizes fit' };
      await calls.update(target, { ...set, digest });
      // The change is made, whether or not this can be read.
      const after = await attempt(calls.pending(target));
      if ('error' in after) note('What waits for a restart could not be read.');
      const open = 'error' in after ? undefined : waitingOf(after.value.data).map(({ key }) => key);
      const waits = open?.filter((key) => key in set);
      const old = {
        ...('cores' in set ? { cores: cpu.current } : {}),
        ...('memory' in set ? { memory: memory.current } : {}),
      };
      note(howToCall('undo'));
      return { ...about, set, pending: waits, undo: configuring(target, old) };
    },
  }),
];
