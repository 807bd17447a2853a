import { Refused } from '../refused.js';

/** How many slots there are of each kind. */
const slots: Readonly<Record<string, number>> = { ide: 4, sata: 6, scsi: 31, virtio: 16, mp: 256, net: 32 };

/** `scsi` -> `scsi2`: the first that is not taken, by nothing that is pending either. */
export function freeSlot(kind: string, taken: ReadonlySet<string>): string {
  const all = Array.from({ length: slots[kind] ?? 0 }, (_, index) => `${kind}${index}`);
  const free = all.find((slot) => !taken.has(slot));
  if (free === undefined) throw new Refused(`every ${kind} slot is taken`, 'Take another kind, or remove something.');
  return free;
}

/** For a CD drive: ide2 as the web interface does; of a q35 machine ide1 and ide3 come last. */
export function freeCdSlot(taken: ReadonlySet<string>): string {
  const free = ['ide2', 'ide0', 'ide1', 'ide3'].find((slot) => !taken.has(slot));
  return free ?? freeSlot('sata', taken);
}
