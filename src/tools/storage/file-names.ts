import { InvalidInput } from '../invalid-input.js';

/** What a file can be put on a storage as; disks, backups and snippets are not taken (Status.pm, upload). */
export const fileContents = ['iso', 'vztmpl', 'import'] as const;
export type FileContent = (typeof fileContents)[number];

const endings: Readonly<Record<FileContent, { readonly pattern: RegExp; readonly inWords: string }>> = {
  iso: { pattern: /\.(iso|img)$/i, inWords: '.iso or .img' },
  // `.tar` alone is an OCI image, which 9.1 and later take.
  vztmpl: { pattern: /\.tar(\.(gz|xz|zst|bz2))?$/i, inWords: '.tar.gz, .tar.xz, .tar.zst, .tar.bz2 or .tar' },
  import: { pattern: /\.(qcow2|raw|vmdk|ova)$/, inWords: '.qcow2, .raw, .vmdk or .ova' },
};

/** Whether it ends like any file that a storage takes: nothing else leaves this machine. */
export const isStorageFile = (name: string): boolean =>
  fileContents.some((content) => endings[content].pattern.test(name));

/** What its ending says that a file is. */
export const contentOf = (name: string): FileContent | undefined =>
  fileContents.find((content) => endings[content].pattern.test(name));

/** The name under which Proxmox keeps a file (pve-storage, Storage.pm, normalize_content_filename). */
export const storedName = (name: string): string => name.replace(/^.*[/\\]/, '').replace(/[^a-zA-Z0-9_.-]/g, '_');

/** @throws {InvalidInput} on `argument` where Proxmox would refuse the ending */
export function requireEnding(name: string, content: FileContent, argument: string): void {
  const { pattern, inWords } = endings[content];
  if (name.length > 255) throw new InvalidInput({ argument, message: 'longer than the 255 characters of a file name' });
  if (!pattern.test(name))
    throw new InvalidInput({ argument, message: `a file for '${content}' ends in ${inWords}; this is '${name}'` });
}
