import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import type { Clock } from '../pve/clock.js';
import type { UploadFile } from '../pve/upload.js';
import type { Files } from '../tools/define.js';
import { InvalidInput } from '../tools/invalid-input.js';
import { toldOf } from './file-progress.js';
import type { Tell } from './progress.js';

const pieceBytes = 64 * 1024;

/** The file system, as far as tools may use it: they name a file, and get one that can be read. */
export function localFiles(clock: Clock, tell: Tell, signal: AbortSignal | undefined): Files {
  return {
    find: async (path, argument) => {
      if (!isAbsolute(path))
        throw new InvalidInput({ argument, message: 'give the whole path, from the root of the file system' });
      const size = await readableSize(path).catch((error: unknown) => {
        throw new InvalidInput({ argument, message: faultOf(error) });
      });
      if (size === undefined) throw new InvalidInput({ argument, message: 'that is no regular file' });
      if (size === 0) throw new InvalidInput({ argument, message: 'the file is empty' });
      const file: UploadFile = {
        name: basename(path),
        size,
        open: () => createReadStream(path, { highWaterMark: pieceBytes }),
      };
      return { ...file, sha256: () => digestOf(toldOf(clock, tell, 'checked')(file), signal) };
    },
  };
}

/** `undefined` of what is no regular file; a pipe must not be opened, as that would wait for its writer. */
async function readableSize(path: string): Promise<number | undefined> {
  const { size, isFile } = await stat(path).then((found) => ({ size: found.size, isFile: found.isFile() }));
  if (!isFile) return undefined;
  await (await open(path, 'r')).close();
  return size;
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file on the machine that this server runs on',
  ENOTDIR: 'there is no such file on the machine that this server runs on',
  EACCES: 'this server may not read that file',
  EPERM: 'this server may not read that file',
};

function faultOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  return faults[code] ?? `the file cannot be read (${code})`;
}

async function digestOf(file: UploadFile, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of file.open()) {
    signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest('hex');
}
