import { readSync } from 'node:fs';
import { AuditError } from './audit-error.js';
import { type ChainEnd, readLine, sha256 } from './audit-line.js';

/** What stands after the last line that is whole: torn by a crash where it has no end, else damaged by someone. */
export interface Remnant {
  readonly event: 'torn' | 'damaged';
  readonly bytes: number;
  readonly sha256: string;
}

export interface Tail {
  /** None where not one line is whole. */
  readonly last: ChainEnd | undefined;
  readonly remnant: Remnant | undefined;
  /** Whether what is appended must begin with the end of a line. */
  readonly open: boolean;
}

const windows = [65_536, 1_048_576, 16_777_216];
const lineEnd = 0x0a;

/**
 * Reads the end of an audit file.
 * @throws {AuditError} for a file that is something else
 */
export function readTail(file: string, descriptor: number, size: number): Tail {
  for (const window of windows) {
    const length = Math.min(window, size);
    const bytes = readEnd(descriptor, size, length);
    const tail = tailOf(bytes, length === size);
    if (tail !== undefined) return tail;
    if (length === size) break;
  }
  throw new AuditError(file, 'NOT_AN_AUDIT');
}

function readEnd(descriptor: number, size: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const read = readSync(descriptor, bytes, 0, length, size - length);
  return bytes.subarray(0, read);
}

/** `undefined` where no whole line was found. */
function tailOf(bytes: Buffer, isAll: boolean): Tail | undefined {
  const open = bytes.at(-1) !== lineEnd;
  let end = open ? bytes.length : bytes.length - 1;
  while (end >= 0) {
    const begin = end === 0 ? 0 : bytes.lastIndexOf(lineEnd, end - 1) + 1;
    if (begin === 0 && !isAll) return undefined;
    const last = readLine(bytes.subarray(begin, end));
    if (last !== undefined) return { last, remnant: remnantOf(bytes.subarray(end + 1)), open };
    if (begin === 0) break;
    end = begin - 1;
  }
  return isAll && isFirstPiece(bytes) ? { last: undefined, remnant: remnantOf(bytes), open } : undefined;
}

function remnantOf(bytes: Buffer): Remnant | undefined {
  if (bytes.length === 0) return undefined;
  const event = bytes.includes(lineEnd) ? 'damaged' : 'torn';
  return { event, bytes: bytes.length, sha256: sha256(bytes) };
}

/** Whether this can be the first line of an audit, cut off by a crash. */
function isFirstPiece(bytes: Buffer): boolean {
  const begin = '{"seq":';
  const text = bytes.subarray(0, begin.length).toString('latin1');
  return !bytes.includes(lineEnd) && begin.startsWith(text);
}
