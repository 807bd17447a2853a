import { createHash } from 'node:crypto';
import type { Cluster } from './cluster.js';
import { died } from './pve-error.js';
import type { ClusterState, ConfigValue, GuestState, GuestType } from './state.js';

const units: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** `40G` -> bytes */
export function bytesOf(size: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(size);
  return match === null ? 0 : Math.round(Number(match[1]) * (units[match[2] ?? ''] ?? 1));
}

function text(value: ConfigValue | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

export function nameOf(guest: GuestState): string {
  const kind = guest.type === 'qemu' ? 'VM ' : 'CT';
  return text(guest.config[guest.type === 'qemu' ? 'name' : 'hostname']) ?? `${kind}${guest.vmid}`;
}

export function lockOf(guest: GuestState): string | undefined {
  return text(guest.config.lock);
}

export function tagsOf(guest: GuestState): string | undefined {
  return text(guest.config.tags);
}

export function isTemplate(guest: GuestState): boolean {
  return guest.config.template === 1 || guest.config.template === '1';
}

/** May be fractional: a container's limit. */
export function maxCpu(guest: GuestState): number {
  const { cores, sockets, cpulimit } = guest.config;
  if (guest.type === 'lxc') return Number(cpulimit ?? cores ?? 1);
  return Number(cores ?? 1) * Number(sockets ?? 1);
}

export function maxMemory(guest: GuestState): number {
  const memory = text(guest.config.memory) ?? '512';
  return Number(/^(?:current=)?(\d+)/.exec(memory)?.[1] ?? 512) * 1024 ** 2;
}

/** The boot disk's size. */
export function maxDisk(guest: GuestState): number {
  const disk =
    guest.type === 'lxc' ? guest.config.rootfs : (guest.config.scsi0 ?? guest.config.virtio0 ?? guest.config.sata0);
  return bytesOf(/(?:^|,)size=([^,]+)/.exec(text(disk) ?? '')?.[1] ?? '0');
}

export function uptimeOf(guest: GuestState, now: number): number {
  if (guest.status !== 'running' || guest.startedAt === undefined) return 0;
  return Math.max(0, now - guest.startedAt);
}

/** A stable stand-in for the process id of a running guest. */
export function pidOf(guest: GuestState): number {
  return 10_000 + ((guest.vmid * 7919) % 80_000);
}

/** SHA-1 of the configuration, as the real one is of its file. */
export function digestOf(guest: GuestState): string {
  const hash = createHash('sha1');
  for (const key of Object.keys(guest.config).sort()) hash.update(`${key}: ${guest.config[key]}\n`);
  hash.update(JSON.stringify([guest.pending, guest.snapshots.map((snapshot) => snapshot.name)]));
  return hash.digest('hex');
}

export function sidOf(guest: GuestState): string {
  return `${guest.type === 'qemu' ? 'vm' : 'ct'}:${guest.vmid}`;
}

export function haStateOf(state: ClusterState, guest: GuestState): string | undefined {
  return state.haResources.find((resource) => resource.sid === sidOf(guest))?.state;
}

export function poolOf(state: ClusterState, vmid: number): string | undefined {
  return state.pools.find((pool) => pool.vmids.includes(vmid))?.poolid;
}

/** The guest that a path names; dies as a server does that cannot open its configuration file. */
export function guestOn(cluster: Cluster, nodeName: string, type: GuestType, vmid: number): GuestState {
  const { node } = cluster.node(nodeName);
  const guest = cluster.state.guests.find((entry) => entry.vmid === vmid && entry.type === type && entry.node === node);
  if (guest !== undefined) return guest;
  const folder = type === 'qemu' ? 'qemu-server' : 'lxc';
  throw died(`Configuration file 'nodes/${node}/${folder}/${vmid}.conf' does not exist`);
}
