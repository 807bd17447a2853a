import { diskProperties, isCdrom, isDiskKey, isUnused } from '../disks.js';
import { parseProperties } from '../property-string.js';
import type { GuestState } from '../state.js';

const fastQemu =
  /^(description|hookscript|hotplug|lock|name|onboot|protection|shares|startup|tags|vmstatestorage|balloon|cpulimit|cpuunits)$/;
const fastLxc =
  /^(cores|cpulimit|cpuunits|description|hookscript|hostname|lock|memory|onboot|protection|startup|swap|tags|net\d+)$/;
const changeableDiskKey = /^(backup|replicate|(mbps|iops|bps)_?\w*|size)$/;

function hotplugs(guest: GuestState, feature: 'network' | 'disk' | 'usb'): boolean {
  const setting = String(guest.config.hotplug ?? '1');
  if (setting === '1') return true;
  return setting !== '0' && setting.split(/[,;\s]+/).includes(feature);
}

function sameDiskChanges(guest: GuestState, key: string, text: string): boolean {
  const before = diskProperties(guest.type, String(guest.config[key]));
  const after = diskProperties(guest.type, text);
  if (before.get('file') !== after.get('file')) return true;
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].every((name) => before.get(name) === after.get(name) || changeableDiskKey.test(name));
}

function driveNow(guest: GuestState, key: string, text: string | undefined): boolean {
  const current = guest.config[key];
  const empty = text !== undefined && isCdrom(diskProperties('qemu', text));
  // an image is put into a drive that is there, or taken out of it
  if (empty && current !== undefined && isCdrom(parseProperties(String(current), 'file'))) return true;
  if (!/^(scsi|virtio)\d+$/.test(key) || !hotplugs(guest, 'disk')) return false;
  return text === undefined || current === undefined || sameDiskChanges(guest, key, text);
}

/** Whether a running guest takes a change at once; `text` is undefined for a key that is deleted. */
export function takesNow(guest: GuestState, key: string, text: string | undefined): boolean {
  if (guest.status !== 'running' || isUnused(key)) return true;
  if (guest.type === 'lxc') return fastLxc.test(key) || (/^mp\d+$/.test(key) && text !== undefined);
  if (fastQemu.test(key)) return true;
  if (/^net\d+$/.test(key)) return hotplugs(guest, 'network');
  if (/^usb\d+$/.test(key)) return hotplugs(guest, 'usb');
  return isDiskKey('qemu', key) && driveNow(guest, key, text);
}
