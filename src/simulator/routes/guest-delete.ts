import { disksOwnedBy, free } from '../disk-volumes.js';
import { ownDisksOf } from '../disks.js';
import { isTemplate } from '../guest.js';
import { kindOf, lockFault, refuseLocked, refuseSkiplock } from '../guest-lock.js';
import { forgetGuest, purgeGuest } from '../guest-registry.js';
import { isManaged, turnOff } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { flag, node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

function runningFault(guest: GuestState): string {
  return guest.type === 'qemu'
    ? `VM ${guest.vmid} is running - destroy failed`
    : `unable to destroy CT ${guest.vmid} - container is running`;
}

function refuse(call: Call, guest: GuestState): void {
  const kind = kindOf(guest);
  if (guest.config.protection === 1) throw died(`can't remove ${kind} ${guest.vmid} - protection mode enabled`);
  if (!call.params.flag('purge') && isManaged(call.cluster, guest)) {
    throw died(`unable to remove ${kind} ${guest.vmid} - used in HA resources and purge parameter not set.`);
  }
  const { replication } = call.cluster.state.configuration;
  const job = replication.find((entry) => entry.id.startsWith(`${guest.vmid}-`));
  if (job !== undefined && !call.params.flag('purge')) {
    throw died(`There is a replication job '${job.id}' for guest '${guest.vmid}' - Please remove that first.`);
  }
  if (guest.status === 'running' && !call.params.flag('force')) throw died(runningFault(guest));
  refuseLocked(call, guest);
}

/** A template whose disks others stand on cannot go. */
function refuseUsedBase(call: Call, guest: GuestState): void {
  if (!isTemplate(guest)) return;
  for (const disk of ownDisksOf(guest)) {
    const users = call.cluster.state.guests.filter((other) => other !== guest).flatMap((other) => ownDisksOf(other));
    if (users.some((other) => other.volid.includes(`${disk.volid}/`))) {
      throw died(`base volume '${disk.volid.split(':')[1]}' is still in use by linked cloned`);
    }
  }
}

function destroy(call: Call, guest: GuestState): void {
  const { cluster } = call;
  refuseUsedBase(call, guest);
  if (guest.status === 'running') turnOff(guest);
  for (const disk of ownDisksOf(guest, { unused: true })) free(cluster, disk.volid, guest.node);
  if (call.params.flag('destroy-unreferenced-disks')) {
    for (const volume of disksOwnedBy(cluster, guest.vmid, guest.node)) free(cluster, volume.volid, guest.node);
  }
  if (call.params.flag('purge')) purgeGuest(cluster, guest);
  forgetGuest(cluster, guest);
}

function remove(type: GuestType) {
  return (call: Call) => {
    refuseSkiplock(call);
    const guest = guestOf(call, type);
    refuse(call, guest);
    return guestTask(call, {
      type: type === 'qemu' ? 'qmdestroy' : 'vzdestroy',
      vmid: guest.vmid,
      node: guest.node,
      duration: 2,
      log: ownDisksOf(guest, { unused: true }).map(
        (disk) => `  Logical volume "${disk.volid.split(':')[1]}" successfully removed.`,
      ),
      finish: () => {
        const locked = call.params.flag('skiplock') ? undefined : lockFault(guest);
        if (locked !== undefined) return locked;
        if (guest.status === 'running' && !call.params.flag('force')) return runningFault(guest);
        destroy(call, guest);
        return undefined;
      },
    });
  };
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Allocate'] } as const;
const common = { node, vmid, 'destroy-unreferenced-disks': flag, purge: flag } as const;

export const guestDeleteRoutes: readonly Route[] = [
  {
    route: 'DELETE /nodes/{node}/qemu/{vmid}',
    params: { ...common, skiplock: flag },
    permission,
    handler: remove('qemu'),
  },
  { route: 'DELETE /nodes/{node}/lxc/{vmid}', params: { ...common, force: flag }, permission, handler: remove('lxc') },
];
