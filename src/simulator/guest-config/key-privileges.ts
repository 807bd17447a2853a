import type { Caller } from '../caller.js';
import { diskProperties, isCdrom, isCloudInit, isDiskKey, isUnused } from '../disks.js';
import { parseProperties } from '../property-string.js';
import { died, forbidden } from '../pve-error.js';
import type { GuestType } from '../state.js';

const groups: Readonly<Record<string, readonly string[]>> = {
  'VM.Config.CPU': ['affinity', 'cores', 'cpu', 'cpulimit', 'cpuunits', 'numa', 'smp', 'sockets', 'vcpus'],
  'VM.Config.Memory': ['allow-ksm', 'balloon', 'hugepages', 'keephugepages', 'memory', 'shares', 'swap'],
  'VM.Config.HWType': [
    ...['acpi', 'arch', 'audio0', 'efidisk0', 'hotplug', 'ivshmem', 'kvm', 'machine', 'rng0', 'scsihw'],
    ...['smbios1', 'tablet', 'vga', 'vmgenid', 'watchdog'],
  ],
  'VM.Config.Options': [
    ...['agent', 'autostart', 'bios', 'description', 'freeze', 'keyboard', 'localtime', 'migrate_downtime'],
    ...['migrate_speed', 'name', 'onboot', 'ostype', 'protection', 'reboot', 'startdate'],
    ...['startup', 'tags', 'tdf', 'template', 'timezone', 'cmode', 'console', 'debug', 'tty', 'unprivileged'],
    ...['entrypoint', 'env'],
  ],
  'VM.Config.Disk': ['boot', 'bootdisk', 'vmstatestorage'],
};

const cloudInitKeys = /^(cicustom|cipassword|citype|ciupgrade|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

export function isCloudInitKey(key: string): boolean {
  return cloudInitKeys.test(key);
}

/** The privileges, of which one is needed; undefined for what only root@pam may set. */
function neededFor(type: GuestType, key: string, value: string): readonly string[] | undefined {
  const group = Object.keys(groups).find((name) => groups[name]?.includes(key));
  if (group !== undefined) return [group];
  if (isDiskKey(type, key) || isUnused(key)) {
    const properties = diskProperties(type, value);
    const cdrom = type === 'qemu' && (isCdrom(properties) || isCloudInit(properties.get('file') ?? ''));
    return [cdrom ? 'VM.Config.CDROM' : 'VM.Config.Disk'];
  }
  if (type === 'lxc' && /^(net\d+|nameserver|searchdomain|hostname)$/.test(key)) return ['VM.Config.Network'];
  if (/^net\d+$/.test(key)) return ['VM.Config.Network'];
  if (isCloudInitKey(key)) return ['VM.Config.Cloudinit', 'VM.Config.Network'];
  if (/^(serial|parallel|usb|virtiofs|numa)\d+$/.test(key)) return ['VM.Config.HWType'];
  return undefined;
}

function rootFault(type: GuestType, key: string, value: string): Error | undefined {
  if (type === 'qemu') return died(`only root can set '${key}' config`);
  if (key === 'features') {
    const keys = [...parseProperties(value, '').keys()];
    if (keys.length > 0 && keys.every((name) => name === 'nesting')) return undefined;
    return forbidden('changing feature flags (except nesting) is only allowed for root@pam');
  }
  if (/^(dev\d+|hookscript|lock|arch|ostype)$/.test(key))
    return forbidden(`changing '${key}' is only allowed for root@pam`);
  return undefined;
}

export interface ConfigPlace {
  readonly type: GuestType;
  readonly vmid: number;
  /** Where a new guest goes: its privileges count as if he were in it already. */
  readonly pool?: string | undefined;
}

function requireAny(caller: Caller, place: ConfigPlace, privileges: readonly string[]): void {
  const path = `/vms/${place.vmid}`;
  if (place.pool !== undefined && caller.permissions.hasAny(`/pool/${place.pool}`, privileges)) return;
  if (!caller.permissions.hasAny(path, privileges)) throw forbidden(`${path}, ${privileges.join('|')}`);
}

/** Each key of a configuration takes a privilege of its own. */
export function requireKeyPrivilege(caller: Caller, place: ConfigPlace, key: string, value: string): void {
  if (caller.authid === 'root@pam') return;
  if (place.type === 'lxc' && /^mp\d+$/.test(key) && value.startsWith('/')) {
    throw forbidden('mount point type bind is only allowed for root@pam');
  }
  const needed = neededFor(place.type, key, value);
  if (needed !== undefined) {
    requireAny(caller, place, needed);
    if (key === 'startup' && !caller.permissions.has('/', 'Sys.Modify')) throw forbidden('/, Sys.Modify');
    return;
  }
  if (place.type === 'qemu' && /^hostpci\d+$/.test(key) && parseProperties(value, 'host').has('mapping')) {
    requireAny(caller, place, ['VM.Config.HWType']);
    return;
  }
  const fault = rootFault(place.type, key, value);
  if (fault !== undefined) throw fault;
  if (place.type === 'lxc') requireAny(caller, place, ['VM.Config.Options']);
}
