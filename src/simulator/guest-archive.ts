import type { Cluster } from './cluster.js';
import { allocate, storageIdOf, volumeNamed } from './disk-volumes.js';
import { diskProperties, diskText, isCdrom, isCloudInit, isDiskKey, isUnused, volumeKey } from './disks.js';
import { bytesOf } from './guest.js';
import { guestWith } from './guest-registry.js';
import { networkDevice } from './network-device.js';
import { died } from './pve-error.js';
import type { ConfigValue, GuestType, VolumeState } from './state.js';

type Config = Record<string, ConfigValue>;

const ofTheMoment = ['lock', 'parent', 'digest'];

/** The archive of an id; dies where there is none. */
export function archiveNamed(cluster: Cluster, volid: string, node: string): VolumeState {
  const volume = volumeNamed(cluster, volid, node);
  if (volume === undefined || volume.content !== 'backup') throw died(`volume '${volid}' does not exist`);
  return volume;
}

export function archiveType(archive: VolumeState): GuestType {
  return archive.subtype ?? (/vzdump-lxc|\/ct\//.test(archive.volid) ? 'lxc' : 'qemu');
}

function plainConfig(type: GuestType, name: string): Config {
  return type === 'qemu'
    ? { name, cores: 2, memory: '2048', scsi0: 'local-lvm:vm-0-disk-0,size=32G', scsihw: 'virtio-scsi-single' }
    : { hostname: name, arch: 'amd64', cores: 1, memory: 512, swap: 512, rootfs: 'local-lvm:vm-0-disk-0,size=8G' };
}

/** What a guest's archive says of it: what was saved with it, or what is known of that guest now. */
export function archivedConfig(cluster: Cluster, archive: VolumeState): Config {
  const type = archiveType(archive);
  const known = guestWith(cluster, archive.vmid ?? 0);
  const live = known?.type === type ? known.config : undefined;
  const config = archive.config ?? live ?? plainConfig(type, archive.notes ?? `restored-${archive.vmid}`);
  const kept = Object.entries(config).filter(([key]) => !ofTheMoment.includes(key) && !isUnused(key));
  return Object.fromEntries(kept);
}

export interface RestorePlan {
  readonly type: GuestType;
  readonly vmid: number;
  readonly node: string;
  /** Where all disks go instead of where they came from. */
  readonly storage: string | undefined;
  /** New network addresses and ids. */
  readonly unique: boolean;
}

function restoredDisk(cluster: Cluster, plan: RestorePlan, text: string): string {
  const properties = diskProperties(plan.type, text);
  const volid = properties.get(volumeKey(plan.type)) ?? '';
  const cloudInit = isCloudInit(volid);
  if (!volid.includes(':') || (isCdrom(properties) && !cloudInit)) return text;
  const volume = allocate(cluster, {
    ...plan,
    storage: plan.storage ?? storageIdOf(volid),
    size: cloudInit ? 4 * 1024 ** 2 : bytesOf(properties.get('size') ?? '4M'),
    name: cloudInit ? `vm-${plan.vmid}-cloudinit` : undefined,
  });
  properties.set(volumeKey(plan.type), volume.volid);
  return diskText(plan.type, properties);
}

/** The configuration of a restored guest, with disks of its own. */
export function restoredConfig(cluster: Cluster, archive: VolumeState, plan: RestorePlan): Config {
  const config: Config = {};
  for (const [key, value] of Object.entries(archivedConfig(cluster, archive))) {
    if (key === 'template') continue;
    if (isDiskKey(plan.type, key)) config[key] = restoredDisk(cluster, plan, String(value));
    else if (plan.unique && /^net\d+$/.test(key)) config[key] = networkDevice(plan.type, String(value), true);
    else if (plan.unique && key === 'vmgenid') config[key] = crypto.randomUUID();
    else config[key] = value;
  }
  return config;
}

export function configText(config: Readonly<Config>): string {
  const lines = Object.keys(config)
    .sort()
    .map((key) => `${key}: ${String(config[key]).trimEnd()}`);
  return `${lines.join('\n')}\n`;
}
