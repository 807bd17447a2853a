import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** What a file holds, and what it is to hold. */
export interface Replacement {
  /** Of the file itself, no link to it. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Replaces files in this order, each as a whole: every new one is on the disk before the first takes its place. An error
 * leaves all as they were; a process that is killed leaves each either as it was or new.
 */
export function replaceFiles(files: readonly Replacement[]): void {
  const staged: Replacement[] = [];
  try {
    for (const file of files) {
      stage(file);
      staged.push(file);
    }
    for (const file of files) checkUnchanged(file);
    putInPlace(files);
  } catch (error) {
    for (const { path } of staged) rmSync(besides(path), { force: true });
    throw error;
  }
}

/** One name for each file: of two at work at once, the second finds it taken. */
const besides = (path: string) => join(dirname(path), `.${basename(path)}.rotate-key`);

function stage({ path, after }: Replacement): void {
  const temporary = besides(path);
  const { mode, uid, gid } = statSync(path);
  const descriptor = create(temporary);
  try {
    const made = statSync(temporary);
    if (made.uid !== uid || made.gid !== gid) chownSync(temporary, uid, gid);
    // The mode that a file is opened with is narrowed by the umask.
    fchmodSync(descriptor, mode & 0o777);
    writeFileSync(descriptor, after);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function create(temporary: string): number {
  try {
    return openSync(temporary, 'wx', 0o600);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    throw new Error(
      `'${temporary}' is there: another rotate-key is at work, or one was ended half way; if none is, delete it. Nothing was changed`,
      { cause: error },
    );
  }
}

function checkUnchanged({ path, before }: Replacement): void {
  if (readFileSync(path, 'utf8') !== before)
    throw new Error(`'${path}' was changed meanwhile; nothing was changed here: run it again`);
}

function putInPlace(files: readonly Replacement[]): void {
  const done: Replacement[] = [];
  try {
    for (const file of files) {
      renameSync(besides(file.path), file.path);
      done.push(file);
      syncFolder(dirname(file.path));
    }
  } catch (error) {
    for (const { path, before, after } of done) {
      stage({ path, before: after, after: before });
      renameSync(besides(path), path);
    }
    throw error;
  }
}

/** Puts the new name itself on the disk; Windows opens no folder. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
