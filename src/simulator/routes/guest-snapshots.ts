import { storageIdOf } from '../disk-volumes.js';
import { detach, diskAt, ownDisksOf } from '../disks.js';
import { isTemplate } from '../guest.js';
import { canSnapshot } from '../guest-features.js';
import { lock, lockFault, unlock } from '../guest-lock.js';
import { requireOn } from '../guest-registry.js';
import { turnOff, turnOn } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { ConfigValue, GuestState, GuestType, SnapshotState } from '../state.js';
import { flag, node, optionalText, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

const snapname = { type: 'string', maxLength: 40, format: 'pve-configid' } as const;

interface SnapshotWork {
  readonly verb: 'snapshot' | 'delsnapshot' | 'rollback';
  readonly lock: string;
  readonly duration: number;
  readonly log: readonly string[];
  readonly fault: () => string | undefined;
  readonly finish: (endtime: number) => void;
}

/** What stands against it is found in the task; while it works the guest is locked. */
function snapshotTask(call: Call, guest: GuestState, work: SnapshotWork): string {
  const fault = lockFault(guest) ?? work.fault();
  if (fault === undefined) lock(guest, work.lock);
  return guestTask(call, {
    type: `${guest.type === 'qemu' ? 'qm' : 'vz'}${work.verb}`,
    vmid: guest.vmid,
    node: guest.node,
    duration: fault === undefined ? work.duration : 0,
    log: fault === undefined ? work.log : [],
    finish: (endtime) => {
      if (fault !== undefined) return fault;
      unlock(guest);
      work.finish(endtime);
      return undefined;
    },
    aborted: () => unlock(guest),
  });
}

function find(guest: GuestState, name: string): SnapshotState | undefined {
  return guest.snapshots.find((snapshot) => snapshot.name === name);
}

function configNow(guest: GuestState): Record<string, ConfigValue> {
  const { lock: _, parent: __, ...config } = guest.config;
  return config;
}

function take(call: Call, guest: GuestState, name: string, vmstate: boolean, at: number): void {
  guest.snapshots.push({
    name,
    description: call.params.optionalText('description') ?? '',
    snaptime: at,
    parent: guest.config.parent === undefined ? undefined : String(guest.config.parent),
    vmstate,
    config: configNow(guest),
  });
  guest.config.parent = name;
}

function create(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const name = call.params.text('snapname');
    if (name === 'current' || name === 'pending') throw died(`unable to use snapshot name '${name}' (reserved name)`);
    const vmstate = call.params.flag('vmstate') && guest.status === 'running';
    return snapshotTask(call, guest, {
      verb: 'snapshot',
      lock: 'snapshot',
      duration: vmstate ? 5 : 2,
      log: [
        ...(vmstate
          ? ["saving VM state and RAM using storage 'local-lvm'", 'completed saving the VM state in 3s']
          : []),
        ...ownDisksOf(guest).map((disk) => `snapshotting '${disk.key}' (${disk.volid})`),
      ],
      fault: () => {
        if (isTemplate(guest)) return "you can't take a snapshot if it's a template";
        if (find(guest, name) !== undefined) return `snapshot name '${name}' already used`;
        return canSnapshot(call.cluster, guest) ? undefined : 'snapshot feature is not available';
      },
      finish: (endtime) => take(call, guest, name, vmstate, endtime),
    });
  };
}

function drop(guest: GuestState, snapshot: SnapshotState): void {
  guest.snapshots = guest.snapshots.filter((entry) => entry !== snapshot);
  for (const entry of guest.snapshots) if (entry.parent === snapshot.name) entry.parent = snapshot.parent;
  if (guest.config.parent !== snapshot.name) return;
  if (snapshot.parent === undefined) delete guest.config.parent;
  else guest.config.parent = snapshot.parent;
}

function remove(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const name = call.params.text('snapname');
    return snapshotTask(call, guest, {
      verb: 'delsnapshot',
      lock: 'snapshot-delete',
      duration: 2,
      log: ownDisksOf(guest).map((disk) => `delete snapshot '${name}' of '${disk.key}' (${disk.volid})`),
      fault: () => (find(guest, name) === undefined ? `snapshot '${name}' does not exist` : undefined),
      finish: () => {
        const snapshot = find(guest, name);
        if (snapshot !== undefined) drop(guest, snapshot);
      },
    });
  };
}

function rollbackFault(call: Call, guest: GuestState, name: string): string | undefined {
  if (isTemplate(guest)) return "you can't rollback if vm is a template";
  if (find(guest, name) === undefined) return `snapshot '${name}' does not exist`;
  const zfs = ownDisksOf(guest).find((disk) => {
    const id = storageIdOf(disk.volid);
    return call.cluster.state.storages.find((entry) => entry.storage === id)?.type === 'zfspool';
  });
  if (zfs === undefined || guest.snapshots.at(-1)?.name === name) return undefined;
  return `can't rollback, '${name}' is not most recent snapshot on '${zfs.volid}'`;
}

function goBack(guest: GuestState, snapshot: SnapshotState, start: boolean, at: number): void {
  const before = ownDisksOf(guest, { unused: true });
  guest.config = { ...snapshot.config, parent: snapshot.name };
  guest.pending = {};
  const kept = new Set(Object.keys(guest.config).map((key) => diskAt(guest, key)?.volid));
  for (const disk of before) if (!kept.has(disk.volid)) detach(guest, disk.volid);
  turnOff(guest);
  if (start || snapshot.vmstate === true) turnOn(guest, at);
}

function rollback(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const name = call.params.text('snapname');
    const start = call.params.flag('start');
    if (start && call.cluster.state.version === '9.2') requireOn(call, `/vms/${guest.vmid}`, 'VM.PowerMgmt');
    return snapshotTask(call, guest, {
      verb: 'rollback',
      lock: 'rollback',
      duration: 3,
      log: ownDisksOf(guest).map((disk) => `rolling back '${disk.key}' (${disk.volid})`),
      fault: () => rollbackFault(call, guest, name),
      finish: (endtime) => {
        const snapshot = find(guest, name);
        if (snapshot !== undefined) goBack(guest, snapshot, start, endtime);
      },
    });
  };
}

function describe(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const name = call.params.text('snapname');
    const snapshot = find(guest, name);
    if (snapshot === undefined) throw died(`snapshot '${name}' does not exist`);
    const description = call.params.optionalText('description');
    if (description !== undefined) snapshot.description = description;
    return null;
  };
}

function show(type: GuestType) {
  return (call: Call) => {
    const name = call.params.text('snapname');
    const snapshot = find(guestOf(call, type), name);
    if (snapshot === undefined) throw died(`snapshot '${name}' does not exist`);
    const { config, description, snaptime, parent } = snapshot;
    return { ...config, description, snaptime, parent };
  };
}

const seeing = {
  path: '/vms/{vmid}',
  privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback', 'VM.Audit'],
  any: true,
} as const;
const taking = { path: '/vms/{vmid}', privileges: ['VM.Snapshot'] } as const;
const goingBack = { path: '/vms/{vmid}', privileges: ['VM.Snapshot', 'VM.Snapshot.Rollback'], any: true } as const;

function routesOf(type: GuestType): Route[] {
  const all = `/nodes/{node}/${type}/{vmid}/snapshot`;
  const one = `${all}/{snapname}`;
  const params = { node, vmid, snapname } as const;
  const vmstate = type === 'qemu' ? { vmstate: flag } : {};
  return [
    {
      route: `POST ${all}`,
      params: { ...params, ...vmstate, description: optionalText },
      permission: taking,
      handler: create(type),
    },
    { route: `DELETE ${one}`, params: { ...params, force: flag }, permission: taking, handler: remove(type) },
    {
      route: `POST ${one}/rollback`,
      params: { ...params, start: flag },
      permission: goingBack,
      handler: rollback(type),
    },
    { route: `GET ${one}/config`, params, permission: seeing, handler: show(type) },
    {
      route: `PUT ${one}/config`,
      params: { ...params, description: optionalText },
      permission: taking,
      handler: describe(type),
    },
  ];
}

export const guestSnapshotRoutes: readonly Route[] = [...routesOf('qemu'), ...routesOf('lxc')];
