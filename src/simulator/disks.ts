import { bytesOf } from './guest.js';
import { formatProperties, type Properties, parseProperties } from './property-string.js';
import type { ConfigValue, GuestState, GuestType } from './state.js';

/** A disk as a guest's configuration names it. */
export interface Disk {
  readonly key: string;
  readonly volid: string;
  readonly size: number;
  readonly properties: Properties;
}

const qemuDisk = /^(?:(?:ide|sata|scsi|virtio)\d+|efidisk0|tpmstate0)$/;
const lxcDisk = /^(?:rootfs|mp\d+)$/;
const unusedDisk = /^unused\d+$/;

export function isUnused(key: string): boolean {
  return unusedDisk.test(key);
}

export function isDiskKey(type: GuestType, key: string): boolean {
  return (type === 'qemu' ? qemuDisk : lxcDisk).test(key);
}

function numbered(prefix: string, total: number): string[] {
  return Array.from({ length: total }, (_, at) => `${prefix}${at}`);
}

const unusedKeys = numbered('unused', 256);
export const qemuDiskKeys = [
  ...numbered('ide', 4),
  ...numbered('scsi', 31),
  ...numbered('virtio', 16),
  ...numbered('sata', 6),
  'efidisk0',
  'tpmstate0',
];
export const lxcDiskKeys = ['rootfs', ...numbered('mp', 256)];
export const movableDiskKeys = {
  qemu: [...qemuDiskKeys, ...unusedKeys],
  lxc: [...lxcDiskKeys, ...unusedKeys],
} as const;

/** The name of the default key in the property string of a disk. */
export function volumeKey(type: GuestType): string {
  return type === 'qemu' ? 'file' : 'volume';
}

export function diskProperties(type: GuestType, text: string): Properties {
  const properties = parseProperties(text, volumeKey(type));
  const alias = properties.get(type === 'qemu' ? 'volume' : 'file');
  if (alias !== undefined) properties.set(volumeKey(type), alias);
  return properties;
}

export function diskText(type: GuestType, properties: Properties): string {
  return formatProperties(properties, volumeKey(type));
}

export function isCdrom(properties: Properties): boolean {
  return properties.get('media') === 'cdrom';
}

export function isCloudInit(volid: string): boolean {
  return /(^|-|:)cloudinit(\.\w+)?$/.test(volid);
}

function diskFrom(type: GuestType, key: string, value: ConfigValue): Disk | undefined {
  const properties = diskProperties(type, String(value));
  const volid = properties.get(volumeKey(type)) ?? '';
  if (!volid.includes(':')) return undefined;
  return { key, volid, size: bytesOf(properties.get('size') ?? '0'), properties };
}

/** The disk under a key, or undefined where there is none (an empty drive is none). */
export function diskAt(guest: GuestState, key: string): Disk | undefined {
  const value = guest.config[key];
  if (value === undefined || !(isDiskKey(guest.type, key) || isUnused(key))) return undefined;
  return diskFrom(guest.type, key, value);
}

/** Every volume in use; detached ones only when asked for. */
export function disksOf(guest: GuestState, options: { readonly unused?: boolean } = {}): Disk[] {
  return Object.keys(guest.config)
    .filter((key) => isDiskKey(guest.type, key) || (options.unused === true && isUnused(key)))
    .flatMap((key) => diskAt(guest, key) ?? []);
}

/** Disks that hold data: no ISO image and no empty drive; a cloud-init drive is one. */
export function ownDisksOf(guest: GuestState, options: { readonly unused?: boolean } = {}): Disk[] {
  return disksOf(guest, options).filter((disk) => !isCdrom(disk.properties) || isCloudInit(disk.volid));
}

export function sizeText(bytes: number): string {
  const steps = [
    ['T', 1024 ** 4],
    ['G', 1024 ** 3],
    ['M', 1024 ** 2],
    ['K', 1024],
  ] as const;
  const step = steps.find(([, unit]) => bytes >= unit && bytes % unit === 0);
  return step === undefined ? String(bytes) : `${bytes / step[1]}${step[0]}`;
}

/** Puts a volume that is no longer used under the next free `unusedN`. */
export function detach(guest: GuestState, volid: string): string {
  const known = Object.keys(guest.config).find((key) => isUnused(key) && guest.config[key] === volid);
  if (known !== undefined) return known;
  const key = unusedKeys.find((name) => guest.config[name] === undefined) ?? 'unused0';
  guest.config[key] = volid;
  return key;
}
