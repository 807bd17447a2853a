import { disksOf, type GuestConfig, isDiskKey } from '../../pve/guest-config.js';

// The configuration is put in place on the other side by the usual update, as the token of the endpoint (qemu-server,
// API2/Qemu.pm, check_vm_modify_config_perm; pve-container, LXC.pm, check_ct_modify_config_perm).

const cpu = /^(?:affinity|cores|cpu|cpulimit|cpuunits|numa\d*|smp|sockets|vcpus)$/;
const memory = /^(?:allow-ksm|balloon|hugepages|keephugepages|memory|shares|swap)$/;
const hardware =
  /^(?:acpi|arch|audio\d+|efidisk0|hotplug|ivshmem|kvm|machine|rng\d+|scsihw|smbios1|tablet|vga|watchdog|(?:serial|parallel|usb|virtiofs|hostpci)\d+)$/;
const cloudInit = /^(?:cicustom|cipassword|citype|ciupgrade|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;
/** Taken over as they are, or never sent. */
const free = /^(?:digest|lock|parent|vmgenid|meta|snapshots|pending)$/;
const freeOfContainers = /^(?:unprivileged|arch|ostype|lxc)$/;

function privilegeFor(type: 'qemu' | 'lxc', key: string, drives: ReadonlySet<string>): string | undefined {
  if (free.test(key) || (type === 'lxc' && freeOfContainers.test(key))) return undefined;
  if (cpu.test(key)) return 'VM.Config.CPU';
  if (memory.test(key)) return 'VM.Config.Memory';
  if (type === 'qemu' && key === 'efidisk0') return 'VM.Config.Disk';
  if (type === 'qemu' && hardware.test(key)) return 'VM.Config.HWType';
  if (drives.has(key)) return 'VM.Config.CDROM';
  if (isDiskKey(key) || /^(?:boot|bootdisk|vmstatestorage)$/.test(key)) return 'VM.Config.Disk';
  if (/^net\d+$/.test(key) || (type === 'lxc' && /^(?:nameserver|searchdomain|hostname)$/.test(key)))
    return 'VM.Config.Network';
  if (type === 'qemu' && cloudInit.test(key)) return 'VM.Config.Cloudinit|VM.Config.Network';
  return 'VM.Config.Options';
}

/** Every privilege that the keys of a configuration take; `A|B` where either will do. */
export function configPrivileges(type: 'qemu' | 'lxc', config: GuestConfig): string[] {
  const drives = new Set(disksOf(config).flatMap(({ disk, media }) => (media === 'cdrom' ? [disk] : [])));
  return [...new Set(Object.keys(config).flatMap((key) => privilegeFor(type, key, drives) ?? []))].sort();
}
