import type { GuestType } from '../../pve/config-keys/find-key.js';
import { isDiskKey } from '../../pve/guest-config.js';
import { Refused } from '../refused.js';

const kind = { qemu: 'vm', lxc: 'lxc' } as const;

/** Refuses what takes something away from a guest, or cannot be taken back: that has tools which ask first. */
export function refuseOtherTools(type: GuestType, set: readonly string[], remove: readonly string[]): void {
  if ([...set, ...remove].includes('template'))
    throw new Refused('a guest is made a template for good', `Use proxmox-template-${kind[type]}, which asks first.`);
  for (const key of remove) {
    if (/^unused\d+$/.test(key))
      throw new Refused(
        `unsetting ${key} would destroy its volume`,
        'If that is meant, use proxmox-delete-disk, which asks first.',
      );
    if (isDiskKey(key) || (key === 'cdrom' && type === 'qemu'))
      throw new Refused(
        `unsetting ${key} would take a disk away`,
        'Use proxmox-detach-disk, or proxmox-delete-disk for its data too; both ask first.',
      );
    if (/^net\d+$/.test(key))
      throw new Refused(
        `unsetting ${key} would take a network card away`,
        `Use proxmox-${kind[type]}-nic-remove, which asks first.`,
      );
  }
}
