import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { guestStatus } from '../../pve/guest-status.js';
import { activeTasks, lockAdvice, taskOfGuest } from '../../pve/guest-tasks.js';
import { Refused } from '../refused.js';
import type { GuestTarget } from '../scope.js';

export const lockReads = { current: guestStatus, active: activeTasks };

interface LockReads {
  readonly current: Call<typeof guestStatus>;
  readonly active: Call<typeof activeTasks>;
}

/** With these a guest may be deleted (qemu-server, destroy_vm; pve-container, destroy_vm). */
const harmless: ReadonlySet<string> = new Set(['suspended', 'destroyed']);

/**
 * A guest that is locked is not deleted: better told before than after a yes.
 * @throws {Refused} with what holds the lock, or who can take it off
 */
export async function refuseLocked(call: LockReads, target: GuestTarget): Promise<void> {
  const current = await attempt(call.current(target));
  const lock = 'error' in current ? undefined : current.value.data.lock;
  if (lock === undefined || harmless.has(lock)) return;
  const { vmid, node, type } = target;
  throw new Refused(
    `guest ${vmid} is locked (${lock})`,
    lockAdvice({ vmid, node, type, lock }, await taskOfGuest(call.active, target)),
  );
}

interface Moved {
  readonly message: string;
  readonly todo: string;
}

/** That what is locked by a move is one of two, of which the other is likely to be the real one. */
export async function lockedByMove(call: LockReads, target: GuestTarget): Promise<Moved | undefined> {
  const current = await attempt(call.current(target));
  if ('error' in current || current.value.data.lock !== 'migrate') return undefined;
  const task = await taskOfGuest(call.active, target);
  const why =
    task === undefined
      ? 'a move has left it so, and the guest itself may run on another cluster: see proxmox-find-guest'
      : `${task.type} moves it just now`;
  const { vmid, node, type } = target;
  return {
    message: `guest ${vmid} is locked (migrate): ${why}`,
    todo: lockAdvice({ vmid, node, type, lock: 'migrate' }, task),
  };
}
