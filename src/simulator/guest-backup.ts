import type { Cluster } from './cluster.js';
import { ownDisksOf } from './disks.js';
import { nameOf } from './guest.js';
import { kindOf, lock, lockFault, unlock } from './guest-lock.js';
import type { GuestState, StorageState, VolumeState } from './state.js';
import { homeOf, putVolume } from './stored-volumes.js';

export interface BackupOptions {
  readonly storage: StorageState;
  readonly node: string;
  readonly mode: string;
  readonly compress: string;
  readonly notes: string | undefined;
  readonly isProtected: boolean;
}

const endings: Readonly<Record<string, string>> = { '0': '', '1': '.lzo', lzo: '.lzo', gzip: '.gz', zstd: '.zst' };

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function archiveName(guest: GuestState, options: BackupOptions, at: number): string {
  const { storage, compress } = options;
  const date = new Date(at * 1000);
  const vm = guest.type === 'qemu';
  if (storage.type === 'pbs') {
    return `${storage.storage}:backup/${vm ? 'vm' : 'ct'}/${guest.vmid}/${date.toISOString().slice(0, 19)}Z`;
  }
  const day = `${date.getUTCFullYear()}_${two(date.getUTCMonth() + 1)}_${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}_${two(date.getUTCMinutes())}_${two(date.getUTCSeconds())}`;
  const ending = `${vm ? 'vma' : 'tar'}${endings[compress] ?? ''}`;
  return `${storage.storage}:backup/vzdump-${guest.type}-${guest.vmid}-${day}-${time}.${ending}`;
}

function notesOf(cluster: Cluster, guest: GuestState, template: string): string {
  const values: Readonly<Record<string, string>> = {
    guestname: nameOf(guest),
    vmid: String(guest.vmid),
    node: guest.node,
    cluster: cluster.state.name,
  };
  return template.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole).replaceAll('\\n', '\n');
}

/** The archive of a guest, as it is when the backup begins. */
export function archiveOf(cluster: Cluster, guest: GuestState, options: BackupOptions, at: number): VolumeState {
  const volid = archiveName(guest, options, at);
  const { lock: _, parent: __, ...config } = guest.config;
  const pbs = options.storage.type === 'pbs';
  const vm = guest.type === 'qemu';
  return {
    volid,
    content: 'backup',
    format: pbs ? (vm ? 'pbs-vm' : 'pbs-ct') : volid.slice(volid.indexOf('.', volid.lastIndexOf('/')) + 1),
    size: Math.floor(guest.load.memory / 2 + 2 * 1024 ** 3),
    ctime: at,
    vmid: guest.vmid,
    subtype: guest.type,
    node: homeOf(options.storage, options.node),
    config,
    ...(options.notes === undefined ? {} : { notes: notesOf(cluster, guest, options.notes) }),
    ...(options.isProtected ? { protected: true } : {}),
  };
}

export function progressLog(guest: GuestState, archive: VolumeState, mode: string): string[] {
  const gib = Math.max(1, Math.round(ownDisksOf(guest).reduce((sum, disk) => sum + disk.size, 0) / 1024 ** 3));
  const kind = kindOf(guest);
  const share = (percent: number, after: number) =>
    `INFO:  ${String(percent).padStart(2)}% (${((gib * percent) / 100).toFixed(1)} GiB of ${gib}.0 GiB) in ${after}s, read: 820.4 MiB/s, write: 96.1 MiB/s`;
  return [
    `INFO: Starting Backup of VM ${guest.vmid} (${guest.type})`,
    `INFO: status = ${guest.status}`,
    `INFO: ${kind} Name: ${nameOf(guest)}`,
    `INFO: backup mode: ${guest.status === 'running' ? mode : 'stop'}`,
    `INFO: creating vzdump archive '${archive.volid.slice(archive.volid.indexOf(':') + 1)}'`,
    ...(guest.type === 'qemu' ? [0, 12, 27, 41, 58, 73, 88, 100].map((percent, at) => share(percent, at + 1)) : []),
    `INFO: archive file size: ${(archive.size / 1024 ** 3).toFixed(2)}GB`,
    `INFO: Finished Backup of VM ${guest.vmid} (00:00:10)`,
  ];
}

/** Locks the guest for its backup; what stands against it is the fault. */
export function beginBackup(guest: GuestState | undefined): string | undefined {
  if (guest === undefined) return undefined;
  const fault = lockFault(guest);
  if (fault === undefined) lock(guest, 'backup');
  return fault;
}

export function endBackup(guest: GuestState, storage: StorageState, archive: VolumeState): void {
  unlock(guest);
  putVolume(storage, archive);
}
