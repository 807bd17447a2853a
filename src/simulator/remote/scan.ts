import { disksOf, isCdrom, isCloudInit } from '../disks.js';
import { died } from '../pve-error.js';
import type { GuestState } from '../state.js';
import type { Migration, OutgoingVolume } from './migration.js';

function inSnapshot(guest: GuestState, volid: string): boolean {
  return guest.snapshots.some(({ config }) => Object.values(config).some((value) => String(value).startsWith(volid)));
}

/** The volume that a linked clone stands on: part of its name where the storage says so. */
function baseOf(volid: string): string | undefined {
  return /^[^:]+:(?:\d+\/)?(base(?:vol)?-\d+-[^/]+)\/.+/.exec(volid)?.[1];
}

function isUsedBase(migration: Migration, volid: string): boolean {
  if (!/[:/]base(vol)?-/.test(volid)) return false;
  const { guests } = migration.plan.call.cluster.state;
  return guests.some((other) => Object.values(other.config).some((value) => String(value).startsWith(`${volid}/`)));
}

function vmFault(migration: Migration, { volid }: OutgoingVolume): string | undefined {
  const { guest } = migration;
  if (inSnapshot(guest, volid)) {
    return guest.status === 'running'
      ? 'online storage migration not possible if non-replicated snapshot exists'
      : 'remote migration with snapshots not supported yet';
  }
  return isUsedBase(migration, volid) ? 'referenced by linked clone(s)' : undefined;
}

/** Media in its drives, and devices of the host in the place of volumes. */
function driveFaults(guest: GuestState): [string, string][] {
  const images = disksOf(guest).filter((disk) => isCdrom(disk.properties) && !isCloudInit(disk.volid));
  const raw = Object.entries(guest.config).flatMap(([key, value]) => {
    const path = /^(?:ide|sata|scsi|virtio)\d+$/.test(key)
      ? /^(?:file=)?(\/[^,]+)/.exec(String(value))?.[1]
      : undefined;
    return path === undefined ? [] : [path];
  });
  return [
    ...images.map(({ volid }): [string, string] => [volid, 'local cdrom image']),
    ...raw.map((path): [string, string] => [path, 'local file/device']),
  ];
}

export function scanVm(migration: Migration, volumes: readonly OutgoingVolume[]): void {
  const { log, guest } = migration;
  const faults = driveFaults(guest);
  for (const volume of [...volumes].sort((a, b) => (a.volid < b.volid ? -1 : 1))) {
    const fault = vmFault(migration, volume);
    if (fault !== undefined) faults.push([volume.volid, fault]);
    const how = volume.key.startsWith('unused') ? 'unused' : 'attached';
    if (volume.generated) log.info(`found generated disk '${volume.volid}' (in current VM config)`);
    else log.info(`found local disk '${volume.volid}' (${how})`);
  }
  for (const [volid, fault] of faults) log.info(`can't migrate local disk '${volid}': ${fault}`);
  const physical = Object.values(guest.config).some((value) => /^(file=)?cdrom(,|$)/.test(String(value)));
  if (physical) log.info("can't migrate local cdrom drive");
  if (faults.length > 0 || physical) {
    throw died("Problem found while scanning volumes - can't migrate VM - check log");
  }
  for (const { volid } of volumes) {
    const base = baseOf(volid);
    if (base === undefined) continue;
    throw died(`Problem found while scanning volumes - can't migrate '${volid}' as it's a clone of '${base}'`);
  }
}

const containerSources: readonly string[] = ['dir', 'zfspool', 'lvm', 'lvmthin', 'btrfs', 'cifs', 'nfs'];

function containerFault(migration: Migration, { volid, storage }: OutgoingVolume): string | undefined {
  const { guest, plan } = migration;
  if (inSnapshot(guest, volid)) {
    const kept = storage.type === 'zfspool' || storage.type === 'btrfs';
    return kept ? 'remote migration with snapshots not supported yet' : 'non-migratable snapshot exists';
  }
  const newer = plan.call.cluster.state.version === '9.2';
  if (!containerSources.includes(storage.type) && !(newer && storage.type === 'rbd')) {
    return `storage type '${storage.type}' not supported`;
  }
  const base = baseOf(volid);
  return base === undefined ? undefined : `clone of '${base}'`;
}

export function scanContainer(migration: Migration, volumes: readonly OutgoingVolume[]): void {
  const { log } = migration;
  for (const { volid } of volumes) log.info(`found local volume '${volid}' (in current VM config)`);
  const faults = volumes.flatMap((volume) => {
    const fault = containerFault(migration, volume);
    return fault === undefined ? [] : [`can't migrate local volume '${volume.volid}': ${fault}`];
  });
  for (const fault of faults) log.info(fault);
  if (faults.length > 0) throw died("can't migrate CT - check log");
}
