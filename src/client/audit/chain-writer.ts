import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { platform } from 'node:process';
import { promisify } from 'node:util';
import { exposureOf } from '../../clusters/secret-file.js';
import { exposureProblem } from '../../config/secret-access.js';
import type { Clock } from '../../pve/clock.js';
import type { Log } from '../../pve/log.js';
import { makeFolder } from '../make-folder.js';
import { LockTimeout, withLock } from './append-lock.js';
import { AuditError, reasonOf } from './audit-error.js';
import { type ChainEnd, chainStart, sealLine } from './audit-line.js';
import { nextRotated, rotatedFiles } from './chain-files.js';
import { readTail, type Tail } from './chain-tail.js';
import { Gap } from './gap.js';

interface Waiting {
  readonly json: string;
  readonly isFlushed: boolean;
  readonly done: () => void;
  readonly failed: (error: AuditError) => void;
}

/** What we wrote last, and how the file was then. */
interface Known extends ChainEnd {
  readonly inode: number;
  readonly size: number;
}

const flush = promisify(fdatasync);

interface End {
  readonly descriptor: number;
  readonly tail: Tail & { readonly size: number; readonly inode: number };
}

/**
 * Appends lines to a chain in a file, which other processes may append to as well. Each line is in the file before its
 * promise resolves, and on the disk too where that is asked for.
 */
export class ChainWriter {
  readonly #file: string;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #atWork: Promise<void> | undefined;
  #known: Known | undefined;
  readonly #gap: Gap;

  constructor(
    { file, maxBytes, required = true }: { file: string; maxBytes: number; required?: boolean },
    clock: Clock,
    log: Log,
  ) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    this.#gap = new Gap(required);
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Lines that wait are written together, in the order in which they came.
   * @param json of an object that is not empty
   * @param isFlushed whether it is to outlast a power cut
   * @throws {AuditError}
   */
  append(json: string, isFlushed = true): Promise<void> {
    const written = new Promise<void>((done, failed) => {
      this.#waiting.push({ json, isFlushed, done, failed });
    });
    this.#atWork ??= this.#work();
    return written;
  }

  /** When nothing waits any longer, and what is missing is told; the end of the chain as we know it, where we wrote any. */
  async settled(): Promise<ChainEnd | undefined> {
    await this.#atWork;
    if (this.#gap.note !== undefined) {
      this.#atWork ??= this.#tellGap();
      await this.#atWork;
    }
    return this.#known;
  }

  /** Nothing may follow that would tell of it. */
  async #tellGap(): Promise<void> {
    try {
      await this.#write([], true);
    } catch {
      this.#log.error({ file: this.#file, ...this.#gap.note }, 'the audit has a gap that could not be told in it');
    }
    await this.#work();
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What is appended right after goes with it.
      await undefined;
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(
          batch.map(({ json }) => json),
          batch.some(({ isFlushed }) => isFlushed),
        );
        for (const { done } of batch) done();
      } catch (error) {
        const told = error instanceof AuditError ? error : new AuditError(this.#file, reasonOf(error));
        for (const { failed } of batch) failed(told);
      }
    }
    this.#atWork = undefined;
  }

  async #write(lines: readonly string[], isFlushed: boolean): Promise<void> {
    const descriptor = await this.#append(lines);
    try {
      if (isFlushed) await flush(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** The descriptor is left open, to be flushed when the lock is given back. */
  async #append(lines: readonly string[]): Promise<number> {
    let isIn = false;
    try {
      makeFolder(dirname(this.#file), 0o700);
      return await withLock(`${this.#file}.lock`, this.#clock, (isOurs) => {
        const descriptor = this.#appendLocked(lines, isOurs);
        isIn = true;
        return descriptor;
      });
    } catch (error) {
      if (!isIn) this.#gap.add(lines, reasonOf(error));
      throw error;
    }
  }

  #appendLocked(lines: readonly string[], isOurs: () => boolean): number {
    const { descriptor, tail } = this.#openEnd();
    try {
      const { size, inode } = tail;
      const { text, end } = this.#sealed(lines, tail);
      if (!isOurs()) throw new LockTimeout('the lock was taken from us');
      const written = writeWhole(descriptor, Buffer.from(`${tail.open ? '\n' : ''}${text}`), size);
      if (size === 0) flushFolder(dirname(this.#file));
      this.#known = { ...end, inode, size: size + written };
      const gap = this.#gap.note;
      if (gap !== undefined) this.#log.warn({ file: this.#file, ...gap }, 'the audit has a gap, and goes on after it');
      this.#gap.told();
      return descriptor;
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** Of a file that is full, another goes on. */
  #openEnd(): End {
    const first = this.#read();
    if (first.tail.size < this.#maxBytes || first.tail.remnant !== undefined || first.tail.open) return first;
    closeSync(first.descriptor);
    renameSync(this.#file, nextRotated(this.#file));
    const { descriptor, tail } = this.#read();
    return { descriptor, tail: { ...tail, last: first.tail.last } };
  }

  #read(): End {
    const descriptor = this.#open();
    try {
      return { descriptor, tail: this.#tailOf(descriptor) };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  #open(): number {
    // A pipe that nobody reads would never open.
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NONBLOCK ?? 0);
    return openSync(this.#file, flags, 0o600);
  }

  #tailOf(descriptor: number): End['tail'] {
    const state = fstatSync(descriptor);
    if (!state.isFile()) throw new AuditError(this.#file, 'NOT_A_FILE');
    const { size, ino: inode } = state;
    if (this.#known === undefined) this.#warnOf(state);
    if (this.#known?.inode === inode && this.#known.size === size && size > 0)
      return { size, inode, last: this.#known, remnant: undefined, open: false };
    if (size > 0) return { size, inode, ...readTail(this.#file, descriptor, size) };
    return { size, inode, last: undefined, remnant: undefined, open: false };
  }

  /** The lines as they are written, after words about what is not as we left it. */
  #sealed(lines: readonly string[], { last, remnant }: Tail) {
    const known = this.#known;
    let end = last ?? this.#endBefore();
    const notes: object[] = [];
    if (remnant !== undefined) notes.push(remnant);
    if (known !== undefined && (end.seq < known.seq || isOther(end, known)))
      notes.push({ event: 'cut', had: { seq: known.seq, hash: known.hash } });
    const time = new Date(this.#clock.now()).toISOString();
    const gap = this.#gap.note;
    const marks = [...notes, ...(gap === undefined ? [] : [gap])].map((note) => JSON.stringify({ time, ...note }));
    if (known === undefined) this.#log.info({ file: this.#file, ...place(end) }, 'the audit goes on after this line');
    for (const note of notes) this.#log.error({ file: this.#file, ...note }, 'the audit is not as it was left');
    let text = '';
    for (const json of [...marks, ...lines]) {
      const line = sealLine(json, end);
      text += `${line.text}\n`;
      end = line;
    }
    return { text, end: place(end) };
  }

  /** What the first line of a new file follows. The one before was put aside by us, or moved away by someone else. */
  #endBefore(): ChainEnd {
    const known = this.#known ?? chainStart;
    const rotated = this.#endOfRotated() ?? chainStart;
    return rotated.seq > known.seq ? rotated : known;
  }

  #endOfRotated(): ChainEnd | undefined {
    const file = rotatedFiles(this.#file).at(-1);
    if (file === undefined) return undefined;
    const descriptor = openSync(file, 'r');
    try {
      return readTail(file, descriptor, fstatSync(descriptor).size).last;
    } finally {
      closeSync(descriptor);
    }
  }

  #warnOf({ mode }: Stats): void {
    const problem = exposureProblem(exposureOf(mode), true);
    const variable = 'PROXMOX_AUDIT_FILE';
    if (problem !== undefined) this.#log.warn({ variable, file: this.#file }, `is a file ${problem}`);
  }
}

const place = ({ seq, hash }: ChainEnd): ChainEnd => ({ seq, hash });
const isOther = (a: ChainEnd, b: ChainEnd) => a.seq === b.seq && a.hash !== b.hash;

/** All or nothing: a full disk may take a part. */
function writeWhole(descriptor: number, bytes: Buffer, size: number): number {
  try {
    for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from);
    return bytes.length;
  } catch (error) {
    takeBack(descriptor, size);
    throw error;
  }
}

/** What cannot be taken back is found as torn by the next line. */
function takeBack(descriptor: number, size: number): void {
  try {
    ftruncateSync(descriptor, size);
  } catch {
    // The error that is told is the one of before.
  }
}

/** A new file's name is on the disk only then. */
function flushFolder(folder: string): void {
  // Windows opens no folder.
  if (platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
