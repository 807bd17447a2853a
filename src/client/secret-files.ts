import { type FileHandle, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '../tools/refused.js';
import { makeFolder } from './make-folder.js';

/** A secret was made and could not be kept. */
export class SecretLostError extends Error {
  override readonly name = 'SecretLostError';
  /** The system's code, such as `ENOSPC`. */
  readonly reason: string;
  /** Whether what has the secret was deleted again. */
  readonly undone: boolean;
  constructor(reason: string, undone: boolean) {
    super(`the new secret could not be written: ${reason}`);
    this.reason = reason;
    this.undone = undone;
  }
}

/** Room is taken before the secret is there, so that a full disk shows in time. */
const room = 256;
const mostOfOneName = 1000;

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

/**
 * Keeps the secret that `make` gives in a new file that its owner alone may read; no file is ever written over.
 * @param undo deletes what `make` made, should its secret then not be written
 * @returns the path of the file
 * @throws {Refused} before anything is made
 * @throws {SecretLostError} after it was
 */
export async function keepSecret(
  folder: string | undefined,
  label: string,
  make: () => Promise<string>,
  undo: () => Promise<unknown>,
): Promise<string> {
  const { path, handle } = await newFile(folder, label.replace(/[^\w.@-]+/g, '_'));
  try {
    const secret = await make();
    const reason = await fill(path, handle, secret);
    if (reason === undefined) return path;
    const undone = await undo().then(
      () => true,
      () => false,
    );
    throw new SecretLostError(reason, undone);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function newFile(folder: string | undefined, name: string): Promise<{ path: string; handle: FileHandle }> {
  if (folder === undefined)
    throw new Refused('There is no folder to keep a new secret in', 'Tell the user to set PROXMOX_SECRET_DIR.');
  try {
    makeFolder(folder, 0o700);
    return await reserve(folder, name);
  } catch (error) {
    throw new Refused(
      `A secret cannot be kept in '${folder}' (${codeOf(error)})`,
      'Tell the user to make that folder writable, or to set PROXMOX_SECRET_DIR to another.',
    );
  }
}

async function reserve(folder: string, name: string): Promise<{ path: string; handle: FileHandle }> {
  for (let count = 1; ; count += 1) {
    const path = join(folder, count === 1 ? name : `${name}.${count}`);
    const handle = await openNew(path, count < mostOfOneName);
    if (handle === undefined) continue;
    try {
      await handle.write(' '.repeat(room));
      return { path, handle };
    } catch (error) {
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
  }
}

/** Gives nothing where there is a file already and another name may be tried. */
async function openNew(path: string, mayTryOn: boolean): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && mayTryOn) return undefined;
    throw error;
  }
}

/** The code of what went wrong, if anything did. */
async function fill(path: string, handle: FileHandle, secret: string): Promise<string | undefined> {
  try {
    await handle.write(`${secret}\n`, 0);
    await handle.truncate(Buffer.byteLength(secret) + 1);
    await handle.sync();
    // A file that was removed meanwhile can still be written, and nobody will find it.
    await stat(path);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}
