import type { Volume } from '../../pve/storage.js';
import { guestTypeOf } from '../storage/volume-row.js';

/** The name that an archive has on any storage, as the log of its backup tells it: what follows `storage:backup/`. */
export function archiveInLog(lines: readonly string[]): string | undefined {
  const told = lines.map((line) => /creating .*archive '([^']+)'/.exec(line)?.[1]).find((one) => one !== undefined);
  if (told === undefined) return undefined;
  // On Proxmox Backup Server `vm/100/2026-06-01T02:00:00Z`; else the path of a file.
  return /(?:^|\/)((?:vm|ct|host)\/\d+\/[^/]+)$/.exec(told)?.[1] ?? told.slice(told.lastIndexOf('/') + 1);
}

interface Wanted {
  readonly name: string | undefined;
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** Clocks of two clusters differ by some seconds. */
const skew = 120;

/** The new archive in the list of another cluster: by its name, or where that is not known by its guest and time. */
export function findArchive(volumes: readonly Volume[], { name, type, vmid, since }: Wanted): Volume | undefined {
  if (name !== undefined) return volumes.find(({ volid }) => volid.slice(volid.indexOf(':') + 1) === `backup/${name}`);
  const own = volumes.filter((one) => one.vmid === vmid && guestTypeOf(one) === type);
  const [newest] = own.toSorted((a, b) => (b.ctime ?? 0) - (a.ctime ?? 0));
  return newest?.ctime !== undefined && newest.ctime >= since - skew ? newest : undefined;
}
