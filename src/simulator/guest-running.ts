import type { Cluster } from './cluster.js';
import { haStateOf } from './guest.js';
import type { GuestState } from './state.js';

/** What waited for a restart. */
export function applyPending(guest: GuestState): void {
  for (const [key, value] of Object.entries(guest.pending)) {
    if (value === null) delete guest.config[key];
    else guest.config[key] = value;
  }
  guest.pending = {};
}

export function turnOn(guest: GuestState, at: number): void {
  applyPending(guest);
  guest.status = 'running';
  guest.qmpstatus = undefined;
  guest.startedAt = at;
}

export function turnOff(guest: GuestState): void {
  guest.status = 'stopped';
  guest.qmpstatus = undefined;
  guest.startedAt = undefined;
}

export function isManaged(cluster: Cluster, guest: GuestState): boolean {
  const state = haStateOf(cluster.state, guest);
  return state !== undefined && state !== 'ignored';
}
