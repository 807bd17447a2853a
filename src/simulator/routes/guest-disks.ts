import { allocate, free, holdsFiles, storageIdOf, volumeNamed } from '../disk-volumes.js';
import {
  type Disk,
  diskAt,
  diskText,
  isCdrom,
  lxcDiskKeys,
  movableDiskKeys,
  qemuDiskKeys,
  sizeText,
  volumeKey,
} from '../disks.js';
import { bytesOf } from '../guest.js';
import { changeConfig, dropDisk } from '../guest-config/change-config.js';
import { lock, lockFault, refuseFileLocked, refuseLocked, refuseSkiplock, unlock } from '../guest-lock.js';
import { guestWith, requireOn } from '../guest-registry.js';
import { guestTask } from '../guest-task.js';
import { splitList } from '../parameter-format.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { storageOn } from '../storage.js';
import { count, flag, node, vmid } from './common-parameters.js';
import { digest, refuseOtherDigest } from './guest-config.js';
import { guestOf } from './guests.js';

function resizedTo(disk: Disk, size: string): number {
  return size.startsWith('+') ? disk.size + bytesOf(size.slice(1)) : bytesOf(size);
}

function grow(call: Call, guest: GuestState, key: string): string | undefined {
  const disk = diskAt(guest, key);
  if (disk === undefined) return `disk '${key}' does not exist`;
  if (isCdrom(disk.properties)) return `you can't resize a cdrom`;
  const size = resizedTo(disk, call.params.text('size'));
  if (size < disk.size)
    return guest.type === 'qemu' ? 'shrinking disks is not supported' : 'unable to shrink disk size';
  const volume = volumeNamed(call.cluster, disk.volid, guest.node);
  if (volume !== undefined) volume.size = size;
  const properties = new Map(disk.properties);
  properties.set('size', sizeText(size));
  guest.config[key] = diskText(guest.type, properties);
  return undefined;
}

function resize(type: GuestType) {
  return (call: Call) => {
    refuseSkiplock(call);
    const guest = guestOf(call, type);
    const key = call.params.text('disk');
    refuseOtherDigest(call, guest);
    refuseFileLocked(call.cluster, guest);
    if (type === 'lxc') {
      refuseLocked(call, guest);
      const disk = diskAt(guest, key);
      if (disk === undefined) throw died(`disk '${key}' does not exist`);
      if (resizedTo(disk, call.params.text('size')) < disk.size) throw died('unable to shrink disk size');
    }
    return guestTask(call, {
      type: 'resize',
      vmid: guest.vmid,
      node: guest.node,
      duration: 1,
      finish: () => (call.params.flag('skiplock') ? undefined : lockFault(guest)) ?? grow(call, guest, key),
    });
  };
}

function diskToMove(guest: GuestState, key: string): Disk {
  const disk = diskAt(guest, key);
  if (disk === undefined) throw died(`${guest.type === 'qemu' ? 'disk' : 'volume'} '${key}' does not exist`);
  if (isCdrom(disk.properties)) throw died("you can't move a cdrom");
  return disk;
}

function refuseMove(call: Call, guest: GuestState, disk: Disk, storage: string): void {
  requireOn(call, `/storage/${storage}`, 'Datastore.AllocateSpace');
  const target = storageOn(call.cluster, storage, guest.node);
  const needed = guest.type === 'qemu' ? 'images' : 'rootdir';
  if (!target.content.includes(needed)) throw died(`storage '${storage}' does not support content-type '${needed}'`);
  const format = call.params.optionalText('format');
  const same = storageIdOf(disk.volid) === storage;
  const current = volumeNamed(call.cluster, disk.volid, guest.node)?.format ?? 'raw';
  if (guest.type === 'qemu' && same && (format === undefined || format === current)) {
    throw died("you can't move to the same storage with same format");
  }
  if (call.params.flag('delete') && guest.snapshots.length > 0) {
    throw died("you can't move a disk with snapshots and delete the source");
  }
  if (guest.type === 'lxc' && guest.status === 'running') throw died('cannot move volumes of a running container');
}

function movedDisk(call: Call, guest: GuestState, key: string, storage: string): void {
  const disk = diskToMove(guest, key);
  const files = holdsFiles(storageOn(call.cluster, storage, guest.node));
  const format = call.params.optionalText('format') ?? (guest.type === 'qemu' ? 'qcow2' : 'raw');
  const volume = allocate(call.cluster, {
    storage,
    node: guest.node,
    vmid: guest.vmid,
    type: guest.type,
    size: disk.size,
    format: files ? format : undefined,
  });
  dropDisk(call, guest, key, call.params.flag('delete'));
  const properties = new Map(disk.properties);
  properties.set(volumeKey(guest.type), volume.volid);
  guest.config[key] = diskText(guest.type, properties);
}

function moveToStorage(call: Call, guest: GuestState, key: string, storage: string): string {
  const disk = diskToMove(guest, key);
  refuseMove(call, guest, disk, storage);
  const gib = (share: number) => ((disk.size * share) / 100 / 1024 ** 3).toFixed(1);
  if (guest.type === 'lxc') lock(guest, 'disk');
  const release = () => {
    if (guest.type === 'lxc') unlock(guest);
  };
  return guestTask(call, {
    type: guest.type === 'qemu' ? 'qmmove' : 'move_volume',
    vmid: guest.vmid,
    node: guest.node,
    duration: 6,
    log: [
      `create full clone of drive ${key} (${disk.volid})`,
      ...[0, 20, 40, 60, 80, 100].map(
        (share) => `transferred ${gib(share)} GiB of ${gib(100)} GiB (${share.toFixed(2)}%)`,
      ),
    ],
    finish: () => {
      release();
      movedDisk(call, guest, key, storage);
      return undefined;
    },
    aborted: release,
  });
}

function reassign(call: Call, guest: GuestState, key: string, targetId: number, targetKey: string): string {
  requireOn(call, `/vms/${targetId}`, 'VM.Config.Disk');
  const disk = diskToMove(guest, key);
  const target = guestWith(call.cluster, targetId);
  if (target === undefined || target.node !== guest.node) {
    throw died('Both VMs need to be on the same node for disk reassignment');
  }
  if (target.type !== guest.type || target === guest) throw died("can't reassign a disk to this guest");
  if (target.config[targetKey] !== undefined) {
    throw died(`Target disk key '${targetKey}' is already in use for '${targetId}'`);
  }
  if (guest.status === 'running' && !key.startsWith('unused')) throw died('Cannot reassign disk of a running guest');
  return guestTask(call, {
    type: guest.type === 'qemu' ? 'qmmove' : 'move_volume',
    vmid: guest.vmid,
    node: guest.node,
    duration: 2,
    log: [`moving disk '${key}' from VM '${guest.vmid}' to '${targetId}'`],
    finish: () => {
      const format = volumeNamed(call.cluster, disk.volid, guest.node)?.format;
      free(call.cluster, disk.volid, guest.node);
      const storage = storageIdOf(disk.volid);
      const volume = allocate(call.cluster, { ...target, storage, size: disk.size, format });
      delete guest.config[key];
      const properties = new Map(disk.properties);
      properties.set(volumeKey(guest.type), volume.volid);
      target.config[targetKey] = diskText(guest.type, properties);
      return undefined;
    },
  });
}

function move(type: GuestType) {
  const name = type === 'qemu' ? 'disk' : 'volume';
  return (call: Call) => {
    const { params } = call;
    const guest = guestOf(call, type);
    const storage = params.optionalText('storage');
    const target = params.optionalInteger('target-vmid');
    const key = params.text(name);
    if (storage !== undefined && target !== undefined) {
      const fault = 'either set storage or target-vmid, but not both';
      throw parameterError({ 'target-vmid': fault, storage: fault });
    }
    refuseOtherDigest(call, guest);
    refuseFileLocked(call.cluster, guest);
    refuseLocked(call, guest);
    if (storage !== undefined) return moveToStorage(call, guest, key, storage);
    if (target !== undefined) return reassign(call, guest, key, target, params.optionalText(`target-${name}`) ?? key);
    const fault = "both 'storage' and 'target-vmid' missing, either needs to be set";
    throw parameterError({ 'target-vmid': fault, storage: fault });
  };
}

function unlink(call: Call) {
  const guest = guestOf(call, 'qemu');
  refuseFileLocked(call.cluster, guest);
  refuseLocked(call, guest);
  const remove = splitList(call.params.text('idlist'));
  changeConfig(call, guest, { set: new Map(), remove, revert: [], force: call.params.flag('force') });
  return null;
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Config.Disk'] } as const;
const size = { type: 'string', pattern: '\\+?\\d+(\\.\\d+)?[KMGT]?' } as const;
const moveParams = {
  node,
  vmid,
  delete: flag,
  digest,
  storage: { type: 'string', optional: true, format: 'pve-storage-id' },
  'target-digest': digest,
  'target-vmid': { ...vmid, optional: true },
} as const;

export const guestDiskRoutes: readonly Route[] = [
  {
    route: 'PUT /nodes/{node}/qemu/{vmid}/resize',
    params: { node, vmid, digest, disk: { type: 'string', enum: qemuDiskKeys }, size, skiplock: flag },
    permission,
    handler: resize('qemu'),
  },
  {
    route: 'PUT /nodes/{node}/lxc/{vmid}/resize',
    params: { node, vmid, digest, disk: { type: 'string', enum: lxcDiskKeys }, size },
    permission: { ...permission, any: true },
    handler: resize('lxc'),
  },
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/move_disk',
    params: {
      ...moveParams,
      bwlimit: count,
      disk: { type: 'string', enum: movableDiskKeys.qemu },
      format: { type: 'string', optional: true, enum: ['raw', 'qcow2', 'vmdk'] },
      'target-disk': { type: 'string', optional: true, enum: movableDiskKeys.qemu },
    },
    permission,
    handler: move('qemu'),
  },
  {
    route: 'POST /nodes/{node}/lxc/{vmid}/move_volume',
    params: {
      ...moveParams,
      bwlimit: { type: 'number', optional: true, min: 0 },
      volume: { type: 'string', enum: movableDiskKeys.lxc },
      'target-volume': { type: 'string', optional: true, enum: movableDiskKeys.lxc },
    },
    permission,
    handler: move('lxc'),
  },
  {
    route: 'PUT /nodes/{node}/qemu/{vmid}/unlink',
    params: { node, vmid, force: flag, idlist: { type: 'string', format: 'pve-configid-list' } },
    permission,
    handler: unlink,
  },
];
