import type { Permissions } from '../../pve/discovery.js';
import { holds } from '../../pve/privileges.js';

/** Whether a token sees and may read the backups of a guest that its cluster need not have (pve-storage, Storage.pm, check_volume_access). */
export function mayRead(granted: Permissions, storage: string, vmid: number): boolean {
  const allowed = (privilege: string, path: string) => holds(granted, { anyOf: [privilege], path });
  return (
    allowed('Datastore.Allocate', `/storage/${storage}`) ||
    (allowed('Datastore.AllocateSpace', `/storage/${storage}`) && allowed('VM.Backup', `/vms/${vmid}`))
  );
}
