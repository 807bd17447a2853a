import { free } from '../disk-volumes.js';
import { detach, diskAt, diskProperties, isCloudInit, isDiskKey, isUnused, volumeKey } from '../disks.js';
import type { Call } from '../route.js';
import type { ConfigValue, GuestState } from '../state.js';
import { storedValue } from './config-value.js';
import { realizeDisk } from './disk-request.js';
import { takesNow } from './hotplug.js';

export interface ConfigChange {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
  readonly revert: readonly string[];
  /** Deleted disks are destroyed instead of kept as `unusedN`. */
  readonly force: boolean;
}

function isInUse(guest: GuestState, volid: string): boolean {
  return Object.keys(guest.config).some((key) => !isUnused(key) && diskAt(guest, key)?.volid === volid);
}

/** Takes a disk out of the configuration: kept as `unusedN`, or destroyed. */
export function dropDisk(call: Call, guest: GuestState, key: string, force: boolean): void {
  const disk = diskAt(guest, key);
  delete guest.config[key];
  if (disk === undefined || isInUse(guest, disk.volid)) return;
  const own = disk.properties.get('media') !== 'cdrom' || isCloudInit(disk.volid);
  if (!own) return;
  if (force || isUnused(key) || isCloudInit(disk.volid)) free(call.cluster, disk.volid, guest.node);
  else detach(guest, disk.volid);
}

function removeKey(call: Call, guest: GuestState, key: string, force: boolean): void {
  delete guest.pending[key];
  if (guest.config[key] === undefined) return;
  if (!takesNow(guest, key, undefined)) guest.pending[key] = null;
  else if (isDiskKey(guest.type, key) || isUnused(key)) dropDisk(call, guest, key, force);
  else delete guest.config[key];
}

function putDisk(call: Call, guest: GuestState, key: string, text: string): void {
  const volid = diskProperties(guest.type, text).get(volumeKey(guest.type)) ?? '';
  const before = diskAt(guest, key);
  if (before !== undefined && before.volid !== volid) dropDisk(call, guest, key, false);
  for (const name of Object.keys(guest.config)) {
    if (isUnused(name) && guest.config[name] === volid) delete guest.config[name];
  }
  guest.config[key] = text;
}

function setKey(call: Call, guest: GuestState, key: string, value: string): void {
  const disk = isDiskKey(guest.type, key);
  const stored: ConfigValue = disk
    ? realizeDisk(call, guest, key, value)
    : storedValue(guest.type, key, value, call.cluster.state.version);
  if (!takesNow(guest, key, String(stored))) {
    guest.pending[key] = stored;
    return;
  }
  delete guest.pending[key];
  if (disk) putDisk(call, guest, key, String(stored));
  else guest.config[key] = stored;
}

/** Changes a guest's configuration: at once what can be, the rest waits for a restart. */
export function changeConfig(call: Call, guest: GuestState, change: ConfigChange): void {
  for (const key of change.revert) delete guest.pending[key];
  for (const key of change.remove) removeKey(call, guest, key, change.force);
  for (const [key, value] of change.set) setKey(call, guest, key, value);
}
