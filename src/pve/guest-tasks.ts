import { z } from 'zod';
import { attempt } from './attempt.js';
import { type Call, endpoint } from './endpoint.js';
import { number, text } from './loose.js';

/** The tasks of a node that run, about one guest. */
export const activeTasks = endpoint(
  'GET /nodes/{node}/tasks',
  z.array(z.object({ upid: z.string(), type: z.string(), id: text.optional(), endtime: number.optional() })),
);

/** A task that works on a guest just now. */
export interface GuestTask {
  readonly upid: string;
  readonly type: string;
}

/** Consoles: they run as long as somebody looks. */
const onlyLooks = /^(?:vnc|spice|term)/;

/** What works on a guest just now, as far as the token may see it; the list keeps what has just ended for a while. */
export async function taskOfGuest(
  call: Call<typeof activeTasks>,
  { node, vmid }: { readonly node: string; readonly vmid: number },
): Promise<GuestTask | undefined> {
  const listed = await attempt(call({ node }, { vmid, source: 'active' }));
  if ('error' in listed) return undefined;
  const running = listed.value.data.filter(
    ({ type, id, endtime }) => endtime === undefined && id === String(vmid) && !onlyLooks.test(type),
  );
  // What moves or copies it holds the lock; another may wait for that.
  const held = running.find(({ type }) => /migrate|dump|tunnel/.test(type)) ?? running[0];
  return held && { upid: held.upid, type: held.type };
}

const command = { qemu: 'qm', lxc: 'pct' } as const;

interface Locked {
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly node: string;
  readonly lock: string;
}

/** What can be done about a lock: to wait for the task that holds it, or where none does, to have it taken off. */
export function lockAdvice({ type, vmid, node, lock }: Locked, task: GuestTask | undefined): string {
  if (task !== undefined) return `${task.type} works on it just now: wait for ${task.upid} with proxmox-wait-task.`;
  const left = lock === 'migrate' ? 'it is what a move has left, be it the source that was kept or a failed copy' : '';
  return `No task of it is seen to run${left === '' ? '' : `: ${left}`}. Only root@pam can take the lock off, by '${command[type]} unlock ${vmid}' on node ${node}.`;
}
