import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { startedUpid } from '../../pve/upid.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';
import { lockedByMove, lockReads } from './refuse-locked.js';

const output = z.object({
  vmid: z.number(),
  name: z.string().optional(),
  node: z.string(),
  upid: z.string().optional(),
  /** Why nothing was sent. */
  unchanged: z.string().optional(),
});

const shared = {
  toolset: 'guests',
  output,
  privileges: ['VM.PowerMgmt on /vms'],
} as const;

const about = ({ vmid, name, node }: GuestTarget) => ({ vmid, name, node });

async function unchanged(target: GuestTarget, call: Parameters<typeof lockedByMove>[0], note: (text: string) => void) {
  const moved = await lockedByMove(call, target);
  if (moved !== undefined) note(`${moved.message}. ${moved.todo}`);
  return { ...about(target), unchanged: 'it is stopped' };
}

function requireRunning({ vmid, status }: GuestTarget): void {
  if (status === 'stopped') throw new Refused(`guest ${vmid} is stopped`, 'Start it if that is meant.');
}

const start = endpoint('POST /nodes/{node}/{type}/{vmid}/status/start', startedUpid);
const stop = endpoint('POST /nodes/{node}/{type}/{vmid}/status/stop', startedUpid);
const shutdown = endpoint('POST /nodes/{node}/{type}/{vmid}/status/shutdown', startedUpid);
const reboot = endpoint('POST /nodes/{node}/{type}/{vmid}/status/reboot', startedUpid);
const reset = endpoint('POST /nodes/{node}/qemu/{vmid}/status/reset', startedUpid);
const suspend = endpoint('POST /nodes/{node}/qemu/{vmid}/status/suspend', startedUpid);
const resume = endpoint('POST /nodes/{node}/qemu/{vmid}/status/resume', startedUpid);

const grace = z.int().min(1).max(3600).optional();

const atOnce = <const K extends 'vm' | 'lxc'>(kind: K, label: string) =>
  [
    defineTool({
      ...shared,
      daily: true,
      name: `proxmox-start-${kind}`,
      title: `Start ${label}`,
      description: `Start a ${label}.`,
      effect: 'write',
      scope: kind,
      input: {},
      calls: { start, ...lockReads },
      run: async ({ target, call }) => {
        if (target.status === 'running') return { ...about(target), unchanged: 'it is running' };
        if (target.status === 'paused') throw new Refused(`guest ${target.vmid} is paused`, 'Use proxmox-resume-vm.');
        const moved = target.status === 'stopped' ? await lockedByMove(call, target) : undefined;
        if (moved !== undefined) throw new Refused(moved.message, moved.todo);
        return { ...about(target), upid: (await call.start(target)).data };
      },
    }),
    defineTool({
      ...shared,
      daily: true,
      name: `proxmox-stop-${kind}`,
      title: `Stop ${label}`,
      description: `Cut the power of a ${label} at once; unsaved data is lost.`,
      effect: 'destroy',
      scope: kind,
      input: { hard: z.boolean().optional().describe('Ends a shutdown') },
      calls: { stop, ...lockReads },
      run: async ({ target, input, call, note }) => {
        if (target.status === 'stopped') return unchanged(target, call, note);
        return {
          ...about(target),
          upid: (await call.stop(target, { 'overrule-shutdown': input.hard || undefined })).data,
        };
      },
    }),
  ] as const;

const gently = <const K extends 'vm' | 'lxc'>(kind: K, label: string) =>
  [
    defineTool({
      ...shared,
      daily: true,
      name: `proxmox-shutdown-${kind}`,
      title: `Shut down ${label}`,
      description: `Ask a ${label} to shut down; force cuts its power after the grace.`,
      effect: 'destroy',
      scope: kind,
      input: {
        force: z.boolean().optional().describe('After the grace'),
        grace: grace.describe('Seconds; default 60'),
      },
      calls: { shutdown, ...lockReads },
      run: async ({ target, input, call, note }) => {
        if (target.status === 'stopped') return unchanged(target, call, note);
        return {
          ...about(target),
          upid: (await call.shutdown(target, { forceStop: input.force, timeout: input.grace })).data,
        };
      },
    }),
    defineTool({
      ...shared,
      daily: true,
      name: `proxmox-reboot-${kind}`,
      title: `Reboot ${label}`,
      description: `Shut a ${label} down and start it; its task ends before the start.`,
      effect: 'destroy',
      scope: kind,
      input: { grace: grace.describe('Seconds; default 60') },
      calls: { reboot },
      run: async ({ target, input, call }) => {
        requireRunning(target);
        return { ...about(target), upid: (await call.reboot(target, { timeout: input.grace })).data };
      },
    }),
  ] as const;

export default [
  ...atOnce('vm', 'VM'),
  ...gently('vm', 'VM'),
  ...atOnce('lxc', 'container'),
  ...gently('lxc', 'container'),
  defineTool({
    ...shared,
    name: 'proxmox-reset-vm',
    title: 'Reset VM',
    description: 'Reset a running VM; unsaved data is lost.',
    effect: 'destroy',
    scope: 'vm',
    input: {},
    calls: { reset },
    run: async ({ target, call }) => {
      requireRunning(target);
      return { ...about(target), upid: (await call.reset(target)).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-suspend-vm',
    title: 'Suspend VM',
    description: 'Pause a running VM; todisk saves its memory and powers it off.',
    effect: 'destroy',
    scope: 'vm',
    input: { todisk: z.boolean().optional().describe('Save memory to disk') },
    calls: { suspend },
    run: async ({ target, input, call }) => {
      requireRunning(target);
      return { ...about(target), upid: (await call.suspend(target, { todisk: input.todisk })).data };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-resume-vm',
    title: 'Resume VM',
    description: 'Let a paused VM run again.',
    effect: 'write',
    scope: 'vm',
    input: {},
    calls: { resume },
    run: async ({ target, call }) => ({ ...about(target), upid: (await call.resume(target)).data }),
  }),
];
