import type { Volume } from '../../pve/storage.js';
import { isoTime } from '../../pve/time.js';

const longestNotes = 200;

/** Notes are one line here, and still as long as their author liked. */
const capped = (notes: string) => (notes.length > longestNotes ? `${notes.slice(0, longestNotes - 1)}…` : notes);

/** What all listings tell of a volume. */
export function volumeFacts(volume: Volume) {
  return {
    volid: volume.volid,
    size: volume.size,
    'approximate-size': volume.size === undefined ? volume['approximate-size'] : undefined,
    vmid: volume.vmid,
    ctime: volume.ctime === undefined ? undefined : isoTime(volume.ctime),
    notes: volume.notes ? capped(volume.notes) : undefined,
    protected: volume.protected,
    verification: volume.verification?.state,
  };
}

/**
 * The kind of guest that a backup is of: as the server tells it, else by the name that vzdump or Proxmox Backup Server
 * gives an archive.
 */
export function guestTypeOf({ subtype, volid }: Volume): string | undefined {
  if (subtype !== undefined) return subtype;
  if (/[:/]vzdump-qemu-|:backup\/vm\//.test(volid)) return 'qemu';
  if (/[:/]vzdump-(lxc|openvz)-|:backup\/ct\//.test(volid)) return 'lxc';
  return undefined;
}
