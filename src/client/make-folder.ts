import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

/**
 * Makes a folder, and those above it that are missing. Node's own `recursive` never returns where a folder cannot be made
 * for `ENOENT`, such as /proc/x.
 * @throws the system's error
 */
export function makeFolder(folder: string, mode = 0o777): void {
  const error = tryToMake(folder, mode);
  if (error === undefined) return;
  const above = dirname(folder);
  if (codeOf(error) !== 'ENOENT' || above === folder) throw error;
  makeFolder(above, mode);
  const again = tryToMake(folder, mode);
  if (again !== undefined) throw again;
}

/** Nothing where the folder is there then, whoever made it. */
function tryToMake(folder: string, mode: number): unknown {
  try {
    mkdirSync(folder, { mode });
    return undefined;
  } catch (error) {
    return isFolder(folder) ? undefined : error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
