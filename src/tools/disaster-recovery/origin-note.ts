/** Notes by which a backup can be told from one of a guest of the same VMID of another cluster; for `notes-template`. */
export const originTemplate = (cluster: string) => `{{guestname}} | cluster ${cluster}`;

/** The cluster that notes of ours name. */
export const originOf = (notes: string | undefined): string | undefined => mark.exec(notes ?? '')?.[1];

const mark = /\| cluster ([A-Za-z0-9_-]+)\s*$/m;

const part = /[^A-Za-z0-9.-]+/;

/** Whether notes name a guest: as a word of its own. */
export function namesGuest(notes: string | undefined, name: string | undefined): boolean {
  if (notes === undefined || name === undefined || name === '') return false;
  const words = notes.replace(mark, '').toLowerCase().split(part);
  return words.some((word) => word.replace(/\.+$/, '') === name.toLowerCase());
}
