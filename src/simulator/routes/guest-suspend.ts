import { lockOf } from '../guest.js';
import { lock, lockFault, refuseLocked, refuseSkiplock, requireRunning, unlock } from '../guest-lock.js';
import { requireOn } from '../guest-registry.js';
import { isManaged, turnOff, turnOn } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { flag, node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

function task(call: Call, guest: GuestState, verb: string, finish: (endtime: number) => void): string {
  return guestTask(call, {
    type: `${guest.type === 'qemu' ? 'qm' : 'vz'}${verb}`,
    vmid: guest.vmid,
    node: guest.node,
    duration: 1,
    finish: (endtime) => {
      const fault = lockFault(guest);
      if (fault !== undefined && !call.params.flag('skiplock')) return fault;
      finish(endtime);
      return undefined;
    },
  });
}

function reset(call: Call) {
  refuseSkiplock(call);
  const guest = guestOf(call, 'qemu');
  requireRunning(guest);
  // the guest begins anew, its process does not: what is pending stays pending
  return task(call, guest, 'reset', () => undefined);
}

function suspendToDisk(call: Call, guest: GuestState): string {
  requireOn(call, `/vms/${guest.vmid}`, 'VM.Config.Disk');
  if (isManaged(call.cluster, guest)) throw died(`VM ${guest.vmid} is managed by HA, suspend to disk is not supported`);
  refuseLocked(call, guest);
  lock(guest, 'suspending');
  return guestTask(call, {
    type: 'qmsuspend',
    vmid: guest.vmid,
    node: guest.node,
    duration: 5,
    log: ['State saved, quitting'],
    finish: () => {
      turnOff(guest);
      lock(guest, 'suspended');
      return undefined;
    },
    aborted: () => unlock(guest),
  });
}

function suspend(type: GuestType) {
  return (call: Call) => {
    refuseSkiplock(call);
    const guest = guestOf(call, type);
    requireRunning(guest);
    if (call.params.flag('todisk')) return suspendToDisk(call, guest);
    return task(call, guest, 'suspend', () => {
      guest.qmpstatus = 'paused';
    });
  };
}

function resume(type: GuestType) {
  return (call: Call) => {
    refuseSkiplock(call);
    const guest = guestOf(call, type);
    if (lockOf(guest) === 'suspended') {
      unlock(guest);
      return task(call, guest, 'resume', (endtime) => turnOn(guest, endtime));
    }
    requireRunning(guest);
    return task(call, guest, 'resume', () => {
      guest.qmpstatus = undefined;
    });
  };
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] } as const;
const guest = { node, vmid } as const;

export const guestSuspendRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/status/reset',
    params: { ...guest, skiplock: flag },
    permission,
    handler: reset,
  },
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/status/suspend',
    params: {
      ...guest,
      skiplock: flag,
      statestorage: { type: 'string', optional: true, requires: 'todisk', format: 'pve-storage-id' },
      todisk: flag,
    },
    permission,
    handler: suspend('qemu'),
  },
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/status/resume',
    params: { ...guest, nocheck: flag, skiplock: flag },
    permission,
    handler: resume('qemu'),
  },
  { route: 'POST /nodes/{node}/lxc/{vmid}/status/suspend', params: guest, permission, handler: suspend('lxc') },
  { route: 'POST /nodes/{node}/lxc/{vmid}/status/resume', params: guest, permission, handler: resume('lxc') },
];
