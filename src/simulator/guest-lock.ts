import type { Cluster } from './cluster.js';
import { lockOf } from './guest.js';
import { died, parameterError } from './pve-error.js';
import type { Call } from './route.js';
import type { GuestState, TaskState } from './state.js';

export function kindOf(guest: Pick<GuestState, 'type'>): 'VM' | 'CT' {
  return guest.type === 'qemu' ? 'VM' : 'CT';
}

/** The lock in a guest's configuration, as the text that it refuses with. */
export function lockFault(guest: GuestState): string | undefined {
  const lock = lockOf(guest);
  return lock === undefined ? undefined : `${kindOf(guest)} is locked (${lock})`;
}

export function refuseLocked(call: Call, guest: GuestState): void {
  const fault = call.params.flag('skiplock') ? undefined : lockFault(guest);
  if (fault !== undefined) throw died(fault);
}

export function refuseSkiplock(call: Call): void {
  if (call.params.flag('skiplock') && call.caller.authid !== 'root@pam') {
    throw parameterError({ skiplock: 'Only root may use this option.' });
  }
}

export function requireRunning(guest: GuestState): void {
  if (guest.status !== 'running') throw died(`${kindOf(guest)} ${guest.vmid} not running`);
}

/** A clone of a running guest and a move of its disk keep the file lock until they end. */
function holdsFileLock(task: TaskState, guest: GuestState): boolean {
  if (task.endtime !== undefined || task.id !== String(guest.vmid)) return false;
  if (task.type === 'qmmove' || task.type === 'move_volume') return true;
  return task.type === 'qmclone' && guest.status === 'running';
}

export function isFileLocked(cluster: Cluster, guest: GuestState): boolean {
  return cluster.state.tasks.some((task) => holdsFileLock(task, guest));
}

export function fileLockFault(guest: GuestState): string {
  const path =
    guest.type === 'qemu'
      ? `/var/lock/qemu-server/lock-${guest.vmid}.conf`
      : `/run/lock/lxc/pve-config-${guest.vmid}.lock`;
  return `can't lock file '${path}' - got timeout`;
}

export function refuseFileLocked(cluster: Cluster, guest: GuestState): void {
  if (isFileLocked(cluster, guest)) throw died(fileLockFault(guest));
}

export function lock(guest: GuestState, reason: string): void {
  guest.config.lock = reason;
}

export function unlock(guest: GuestState): void {
  delete guest.config.lock;
}
