import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Full files that were put aside, the oldest first: `FILE.000001`, `FILE.000002`, ... */
export function rotatedFiles(file: string): string[] {
  const prefix = `${basename(file)}.`;
  const folder = dirname(file);
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && /^\d{6,}$/.test(name.slice(prefix.length)))
    .sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => join(folder, name));
}

/** Where the file goes when it is full. */
export function nextRotated(file: string): string {
  const last = rotatedFiles(file).at(-1);
  return `${file}.${String((last === undefined ? 0 : numberOf(last)) + 1).padStart(6, '0')}`;
}

const numberOf = (name: string) => Number(name.slice(name.lastIndexOf('.') + 1));
