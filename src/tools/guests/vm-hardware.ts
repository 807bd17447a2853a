import type { NodeStorage } from '../../pve/node-storage.js';
import type { Params } from '../../pve/params.js';
import { addressLine } from './guest-address.js';

/** What a new VM is to be, with its places chosen. */
export interface VmWish {
  readonly ostype: 'l26' | 'win8' | 'win10' | 'win11' | 'other';
  readonly bios?: 'seabios' | 'ovmf' | undefined;
  readonly storage: NodeStorage;
  /** GiB, of an empty disk. */
  readonly disk_gb: number;
  /** The volume that the disk is a copy of. */
  readonly image?: string | undefined;
  readonly iso?: string | undefined;
  readonly bridge: string;
  readonly vlan?: number | undefined;
  readonly ssh_public_keys?: string | undefined;
  readonly net_ip?: string | undefined;
  readonly gateway?: string | undefined;
}

/** Linux has drivers for what is fast; the others only for what is old. */
const isLinux = ({ ostype }: Pick<VmWish, 'ostype'>) => ostype === 'l26';

export const diskOf = (wish: Pick<VmWish, 'ostype'>) => (isLinux(wish) ? 'scsi0' : 'sata0');

/** The drives, the card and the firmware of a new VM. */
export function vmHardware(wish: VmWish): Params {
  const disk = diskOf(wish);
  const model = isLinux(wish) ? 'virtio' : 'e1000';
  const tag = wish.vlan === undefined ? '' : `,tag=${wish.vlan}`;
  return {
    ostype: wish.ostype,
    scsihw: 'virtio-scsi-single',
    [disk]: diskLine(wish),
    net0: `${model},bridge=${wish.bridge},firewall=1${tag}`,
    // Attached without media=cdrom it would be a disk, and is refused since 8.3.
    ide2: wish.iso === undefined ? undefined : `${wish.iso},media=cdrom`,
    boot: `order=${[disk, ...(wish.iso === undefined ? [] : ['ide2']), 'net0'].join(';')}`,
    ...firmware(wish),
    ...cloudInit(wish),
  };
}

/** A file in a directory can be raw, the server's choice, which takes no snapshots. */
const format = ({ type }: NodeStorage) => (/^(dir|nfs|cifs|glusterfs)$/.test(type) ? ',format=qcow2' : '');

function diskLine(wish: VmWish): string {
  const { storage, image } = wish;
  const source = image === undefined ? `${wish.disk_gb}` : `0,import-from=${image}`;
  return `${storage.storage}:${source}${format(storage)}${isLinux(wish) ? ',iothread=1' : ''}`;
}

function firmware({ ostype, bios, storage }: VmWish): Params {
  const chosen = bios ?? (ostype === 'win11' ? 'ovmf' : undefined);
  return {
    bios: chosen,
    machine: chosen === 'ovmf' ? 'q35' : undefined,
    efidisk0: chosen === 'ovmf' ? `${storage.storage}:1,efitype=4m,pre-enrolled-keys=1${format(storage)}` : undefined,
    // Windows 11 is not installed without one.
    tpmstate0: ostype === 'win11' ? `${storage.storage}:1,version=v2.0` : undefined,
  };
}

/** Its drive, where there is something to tell; cloud images write their console to the serial port. */
function cloudInit({ storage, ssh_public_keys: keys, net_ip: ip, gateway }: VmWish): Params {
  if (keys === undefined && ip === undefined) return {};
  return {
    ide0: `${storage.storage}:cloudinit`,
    serial0: 'socket',
    // Percent-encoded inside the value, and once more by the form.
    sshkeys: keys === undefined ? undefined : encodeURIComponent(keys.trim()),
    ipconfig0: addressLine(ip ?? 'dhcp', gateway),
  };
}
