import { free } from '../disk-volumes.js';
import { disksOf, isDiskKey, ownDisksOf } from '../disks.js';
import { archiveNamed, archiveType, restoredConfig } from '../guest-archive.js';
import { configParameters } from '../guest-config/config-value.js';
import {
  type Creation,
  checkSettings,
  claimNumber,
  discard,
  manage,
  settingsOf,
  writeSettings,
} from '../guest-creation.js';
import { unlock } from '../guest-lock.js';
import { guestWith, joinPool, requireAllocate, requireOn, requirePool, settleLoad } from '../guest-registry.js';
import { turnOn } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState } from '../state.js';
import { storageOn } from '../storage.js';
import { count, flag, node, vmid } from './common-parameters.js';
import { requireRestorable } from './vzdump.js';

function creationOf(call: Call): Creation {
  const { params } = call;
  return {
    type: 'qemu',
    vmid: params.integer('vmid'),
    node: call.cluster.node(params.text('node')).node,
    pool: params.optionalText('pool'),
    storage: params.optionalText('storage'),
    archive: params.optionalText('archive'),
    force: params.flag('force'),
    settings: settingsOf(call, 'qemu'),
  };
}

function bootOrder(guest: GuestState): string | undefined {
  const keys = Object.keys(guest.config);
  const drives = disksOf(guest).filter((disk) => !/^(efidisk|tpmstate)/.test(disk.key));
  const disk = drives.find((drive) => drive.properties.get('media') !== 'cdrom')?.key;
  const cdrom = keys.find((key) => isDiskKey('qemu', key) && /media=cdrom/.test(String(guest.config[key])));
  const order = [disk, cdrom, keys.find((key) => /^net\d+$/.test(key))].filter((key) => key !== undefined);
  return order.length === 0 ? undefined : `order=${order.join(';')}`;
}

/** What the server puts in by itself. */
function fillIn(call: Call, guest: GuestState): void {
  const { config } = guest;
  const { qemu } = call.cluster.release;
  config.vmgenid ??= crypto.randomUUID();
  config.smbios1 ??= `uuid=${crypto.randomUUID()}`;
  config.meta ??= `creation-qemu=${qemu},ctime=${call.cluster.now}`;
  const order = bootOrder(guest);
  if (order !== undefined) config.boot ??= order;
  if (/^win/.test(String(config.ostype ?? ''))) config.machine ??= `pc-i440fx-${qemu.split('.').slice(0, 2).join('.')}`;
}

function finishWith(call: Call, guest: GuestState, creation: Creation, endtime: number): void {
  fillIn(call, guest);
  unlock(guest);
  settleLoad(guest);
  joinPool(call.cluster, creation.pool, creation.vmid);
  manage(call, guest);
  if (call.params.flag('start') && guest.config.template !== 1) turnOn(guest, endtime);
}

function create(call: Call, creation: Creation): string {
  const { guest } = claimNumber(call, creation);
  return guestTask(call, {
    ...creation,
    type: 'qmcreate',
    duration: 2,
    log: [...creation.settings]
      .filter(([key, value]) => isDiskKey('qemu', key) && /:\d/.test(value))
      .map(([key]) => `${key}: successfully created disk`),
    finish: (endtime) => {
      writeSettings(call, guest, creation);
      finishWith(call, guest, creation, endtime);
      return undefined;
    },
    aborted: () => discard(call, guest),
  });
}

function refuseDiskKeys(creation: Creation): void {
  const key = [...creation.settings.keys()].find((name) => isDiskKey('qemu', name));
  if (key !== undefined) throw parameterError({ [key]: "option conflicts with option 'archive'" });
}

function restore(call: Call, creation: Creation, volid: string): string {
  refuseDiskKeys(creation);
  const archive = archiveNamed(call.cluster, volid, creation.node);
  if (archiveType(archive) !== 'qemu') throw died(`archive '${volid}' is not a VM backup`);
  requireRestorable(call, archive, creation.vmid);
  const { guest, overwrites } = claimNumber(call, creation);
  if (overwrites && guest.status === 'running') throw died(`unable to restore VM ${guest.vmid} - vm is running`);
  guest.config.lock = 'create';
  return guestTask(call, {
    ...creation,
    type: 'qmrestore',
    duration: 8,
    log: [
      `restore proxmox backup image: ${volid}`,
      ...[1, 25, 50, 75, 100].map((share) => `progress ${share}% (read ${archive.size} bytes, duration ${share} sec)`),
    ],
    finish: (endtime) => {
      for (const disk of ownDisksOf(guest, { unused: true })) free(call.cluster, disk.volid, guest.node);
      const plan = { ...creation, unique: call.params.flag('unique') };
      guest.config = { ...restoredConfig(call.cluster, archive, plan), lock: 'create' };
      guest.pending = {};
      guest.snapshots = [];
      writeSettings(call, guest, creation);
      finishWith(call, guest, creation, endtime);
      return undefined;
    },
  });
}

/** With an archive, who may back up a guest may also put it back. */
function requireRestore(call: Call, creation: Creation): void {
  const known = guestWith(call.cluster, creation.vmid);
  const overwrites = creation.archive !== undefined && creation.force && known !== undefined;
  if (overwrites && call.caller.permissions.has(`/vms/${creation.vmid}`, 'VM.Backup')) return;
  requireAllocate(call, creation.vmid, creation.pool);
}

function createOrRestore(call: Call): string {
  const creation = creationOf(call);
  requireRestore(call, creation);
  requirePool(call, creation.pool);
  checkSettings(call, creation);
  if (creation.storage !== undefined) {
    requireOn(call, `/storage/${creation.storage}`, 'Datastore.AllocateSpace');
    const { content } = storageOn(call.cluster, creation.storage, creation.node);
    if (!content.includes('images')) {
      throw parameterError({ storage: `storage '${creation.storage}' does not support vm images` });
    }
  }
  if (creation.archive !== undefined) return restore(call, creation, creation.archive);
  return create(call, creation);
}

export const guestCreateQemuRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu',
    params: {
      ...configParameters.qemu,
      node,
      vmid,
      archive: { type: 'string', optional: true, maxLength: 255 },
      bwlimit: count,
      force: { type: 'boolean', optional: true, requires: 'archive' },
      'ha-managed': { type: 'boolean', optional: true, since: '9.2' },
      'import-working-storage': { type: 'string', optional: true, format: 'pve-storage-id' },
      'live-restore': flag,
      pool: { type: 'string', optional: true, format: 'pve-poolid' },
      start: flag,
      storage: { type: 'string', optional: true, format: 'pve-storage-id' },
      unique: { type: 'boolean', optional: true, requires: 'archive' },
    },
    permission: 'all',
    handler: createOrRestore,
  },
];
