import { readFileSync, statSync } from 'node:fs';
import { platform } from 'node:process';
import type { Exposure, SecretFile } from '../config/secret-access.js';

const largestSecret = 65_536;
const forOthers = { read: 0o044, write: 0o022 };

/** Reads a file that holds a secret. Only a plain file: to read a pipe could take for ever. */
export function readSecretFile(path: string): SecretFile {
  try {
    const state = statSync(path);
    if (state.isDirectory()) return { reason: 'EISDIR' };
    if (!state.isFile()) return { reason: 'NOT_A_FILE' };
    if (state.size > largestSecret) return { reason: 'TOO_LARGE' };
    const text = readFileSync(path, 'utf8');
    const exposed = exposureOf(state.mode);
    return exposed === undefined ? { text } : { text, exposed };
  } catch (error) {
    return { reason: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' };
  }
}

/** What a mode lets the group and others do; Windows has none. */
export function exposureOf(mode: number): Exposure | undefined {
  const readable = (mode & forOthers.read) !== 0;
  const writable = (mode & forOthers.write) !== 0;
  // Windows has rights of another kind, and Node makes up a mode.
  if (platform === 'win32' || !(readable || writable)) return undefined;
  return { readable, writable, mode: (mode & 0o777).toString(8).padStart(3, '0') };
}
