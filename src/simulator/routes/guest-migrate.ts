import { allocate, free, storageIdOf, volumeNamed } from '../disk-volumes.js';
import { diskText, ownDisksOf, volumeKey } from '../disks.js';
import { sidOf } from '../guest.js';
import { kindOf, lock, refuseFileLocked, refuseLocked, unlock } from '../guest-lock.js';
import { requireOn } from '../guest-registry.js';
import { isManaged, turnOff, turnOn } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { splitList } from '../parameter-format.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType, NodeState } from '../state.js';
import { isOnNode, storageNamed } from '../storage.js';
import { count, flag, node, vmid } from './common-parameters.js';
import { localDisks, localImages } from './guest-migrate-preconditions.js';
import { guestOf } from './guests.js';

const managerTakes = 5;

/** Where the disks of a storage go: `1` is the same name, `a:b` a pair, one name is for all. */
function targetStorage(mapping: string | undefined, storage: string): string {
  const entries = splitList(mapping ?? '1');
  const pair = entries.find((entry) => entry.startsWith(`${storage}:`));
  if (pair !== undefined) return pair.slice(storage.length + 1);
  const all = entries.find((entry) => !entry.includes(':'));
  return all === undefined || all === '1' ? storage : all;
}

export interface MigrationPlan {
  readonly guest: GuestState;
  readonly target: NodeState;
  readonly mapping: string | undefined;
  /** Why the task will give up at once. */
  readonly fault: string | undefined;
}

function requireTargetStorages(call: Call, plan: MigrationPlan): void {
  const { guest, target, mapping } = plan;
  for (const disk of ownDisksOf(guest)) {
    const name = targetStorage(mapping, storageIdOf(disk.volid));
    if (mapping !== undefined) requireOn(call, `/storage/${name}`, 'Datastore.AllocateSpace');
    const storage = storageNamed(call.cluster, name);
    if (!isOnNode(storage, target.node)) throw died(`storage '${name}' is not available on node '${target.node}'`);
    const needed = guest.type === 'qemu' ? 'images' : 'rootdir';
    if (!storage.content.includes(needed)) throw died(`storage '${name}' does not support content-type '${needed}'`);
  }
}

/** Disks that the target cannot see come along, or all of them where they change their storage. */
function moveDisks(call: Call, plan: MigrationPlan): void {
  const { guest, target, mapping } = plan;
  for (const disk of ownDisksOf(guest, { unused: true })) {
    const from = storageIdOf(disk.volid);
    const storage = targetStorage(mapping, from);
    const volume = volumeNamed(call.cluster, disk.volid, guest.node);
    if (storage === from) {
      if (volume !== undefined && volume.node !== undefined) volume.node = target.node;
      continue;
    }
    const copy = allocate(call.cluster, {
      ...guest,
      node: target.node,
      storage,
      size: disk.size,
      format: volume?.format,
    });
    free(call.cluster, disk.volid, guest.node);
    const properties = new Map(disk.properties);
    properties.set(volumeKey(guest.type), copy.volid);
    guest.config[disk.key] = diskText(guest.type, properties);
  }
}

function stamp(call: Call, offset: number): string {
  return new Date((call.cluster.now + offset) * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function logOf(call: Call, plan: MigrationPlan): string[] {
  const { guest, target, fault } = plan;
  const first = `${stamp(call, 0)} starting migration of ${kindOf(guest)} ${guest.vmid} to node '${target.node}' (${target.ip})`;
  if (fault !== undefined) {
    return [first, `${stamp(call, 0)} ERROR: ${fault}`, `${stamp(call, 0)} aborting phase 1 - cleanup resources`];
  }
  const disks = localDisks(call, guest).map((disk) => `${stamp(call, 1)} found local disk '${disk.volid}' (attached)`);
  const live = guest.status === 'running' && guest.type === 'qemu';
  const memory = (guest.load.memory / 1024 ** 3).toFixed(1);
  const ram = [20, 45, 70, 95].map((share, at) => {
    const done = ((guest.load.memory * share) / 100 / 1024 ** 3).toFixed(1);
    return `${stamp(call, at + 2)} migration active, transferred ${done} GiB of ${memory} GiB VM-state, 112.3 MiB/s`;
  });
  const end = `${stamp(call, 8)} migration finished successfully (duration 00:00:08)`;
  return [first, ...disks, ...(live ? [`${stamp(call, 1)} starting online/live migration`, ...ram] : []), end];
}

function arrive(call: Call, plan: MigrationPlan, at: number): void {
  const { guest, target } = plan;
  const running = guest.status === 'running';
  moveDisks(call, plan);
  guest.node = target.node;
  unlock(guest);
  if (guest.type === 'qemu' || !running) return;
  // a container is stopped, moved and started
  turnOff(guest);
  turnOn(guest, at);
}

export function migrateInTask(call: Call, plan: MigrationPlan): string {
  const { guest, fault } = plan;
  if (fault === undefined) lock(guest, 'migrate');
  return guestTask(call, {
    type: guest.type === 'qemu' ? 'qmigrate' : 'vzmigrate',
    vmid: guest.vmid,
    node: guest.node,
    duration: fault === undefined ? 8 : 1,
    log: logOf(call, plan),
    finish: (endtime) => {
      if (fault !== undefined) return 'migration aborted';
      if (!call.cluster.isOnline(plan.target)) {
        unlock(guest);
        return 'migration aborted';
      }
      arrive(call, plan, endtime);
      return undefined;
    },
    aborted: () => unlock(guest),
  });
}

/** The manager is asked and says OK; it migrates when it comes to it. */
function viaManager(call: Call, plan: MigrationPlan): string {
  const { guest, target } = plan;
  const { cluster } = call;
  return guestTask(call, {
    type: 'hamigrate',
    vmid: guest.vmid,
    node: guest.node,
    duration: 1,
    log: [`Requesting HA migration for ${kindOf(guest)} ${guest.vmid} to node ${target.node} (${sidOf(guest)})`],
    finish: (endtime) => {
      cluster.tasks.after(managerTakes, () => lock(guest, 'migrate'), endtime);
      cluster.tasks.after(managerTakes + 8, (at) => arrive(call, plan, at), endtime);
      return undefined;
    },
  });
}

function commonPlan(call: Call, type: GuestType, mapping: string | undefined): MigrationPlan {
  const { cluster, params } = call;
  const guest = guestOf(call, type);
  const name = params.text('target');
  if (name === guest.node) throw parameterError({ target: 'target is local node.' });
  const target = cluster.state.nodes.find((entry) => entry.node === name);
  if (target === undefined) throw died(`no such cluster node '${name}'`);
  refuseFileLocked(cluster, guest);
  refuseLocked(call, guest);
  const fault = cluster.isOnline(target) ? undefined : `ssh: connect to host ${target.ip} port 22: No route to host`;
  return { guest, target, mapping, fault };
}

function migrateVm(call: Call): string {
  const { params } = call;
  const plan = commonPlan(call, 'qemu', params.optionalText('targetstorage'));
  const { guest } = plan;
  const running = guest.status === 'running';
  if (running && !params.flag('online')) throw died("can't migrate running VM without --online");
  requireTargetStorages(call, plan);
  if (isManaged(call.cluster, guest)) return viaManager(call, plan);
  const local = localDisks(call, guest)[0];
  const stuck = running && !params.flag('with-local-disks') && local !== undefined;
  const fault = stuck
    ? `Problem found while scanning volumes - can't live migrate attached local disks without with-local-disks option`
    : plan.fault;
  const image = localImages(call, guest)[0];
  const held = image === undefined ? fault : `can't migrate local disk '${image.volid}': local cdrom image`;
  return migrateInTask(call, { ...plan, fault: held });
}

function migrateContainer(call: Call): string {
  const { params } = call;
  const plan = commonPlan(call, 'lxc', params.optionalText('target-storage'));
  const running = plan.guest.status === 'running';
  if (running && !params.flag('online') && !params.flag('restart')) {
    throw died("can't migrate running container without --online or --restart");
  }
  requireTargetStorages(call, plan);
  if (isManaged(call.cluster, plan.guest)) return viaManager(call, plan);
  const live = running && !params.flag('restart');
  return migrateInTask(call, { ...plan, fault: live ? 'lxc live migration is currently not implemented' : plan.fault });
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Migrate'] } as const;
const pairs = { type: 'string', optional: true, format: 'storage-pair-list' } as const;

export const guestMigrateRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/migrate',
    params: {
      node,
      vmid,
      bwlimit: count,
      force: flag,
      migration_network: { type: 'string', optional: true, format: 'CIDR' },
      migration_type: { type: 'string', optional: true, enum: ['secure', 'insecure'] },
      online: flag,
      target: node,
      targetstorage: pairs,
      'with-conntrack-state': { ...flag, since: '9.2' },
      'with-local-disks': flag,
    },
    permission,
    handler: migrateVm,
  },
  {
    route: 'POST /nodes/{node}/lxc/{vmid}/migrate',
    params: {
      node,
      vmid,
      bwlimit: { type: 'number', optional: true, min: 0 },
      online: flag,
      restart: flag,
      target: node,
      'target-storage': pairs,
      timeout: { type: 'integer', optional: true },
    },
    permission,
    handler: migrateContainer,
  },
];
