import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { kill, pid, platform } from 'node:process';
import { threadId } from 'node:worker_threads';
import type { Clock } from '../../pve/clock.js';
import { reasonOf } from './audit-error.js';

/** Milliseconds of waiting after which one who still has the lock is taken to be gone, and where it runs no more. */
const patience = { living: 5000, dead: 100 };
/** Milliseconds after which nobody waits any longer. */
const longestWait = 12_000;

/** The lock was not to be had in time. */
export class LockTimeout extends Error {
  override readonly name = 'LockTimeout';
  readonly code = 'LOCKED';
}

/**
 * Runs `work` while no other process does. It is held without a pause, so for a moment only: one who keeps it was killed
 * in the middle, and it is taken from him. Time is that of our own waiting: a machine that slept lets all go on first.
 * @param work is given a look whether the lock is still ours
 */
export async function withLock<T>(file: string, clock: Clock, work: (isOurs: () => boolean) => T): Promise<T> {
  const mark = `${pid}.${threadId} ${hostname()} ${randomBytes(8).toString('hex')}`;
  let seen: string | undefined;
  let unchanged = 0;
  for (let waited = 0; waited < longestWait; ) {
    if (take(file, mark)) {
      try {
        return work(() => contentOf(file) === mark);
      } finally {
        if (contentOf(file) === mark) remove(file);
      }
    }
    const holder = contentOf(file);
    if (holder !== seen) unchanged = 0;
    seen = holder;
    if (holder !== undefined && unchanged >= (isGone(holder) ? patience.dead : patience.living))
      breakLock(file, holder, unchanged > 2 * patience.living);
    const pause = 2 + (randomBytes(1)[0] ?? 0) / 12;
    await clock.sleep(pause);
    waited += pause;
    unchanged += pause;
  }
  throw new LockTimeout('the lock was not to be had in time');
}

/** Whether it was free, and is ours now. */
function take(file: string, mark: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'wx', 0o600);
  } catch (error) {
    const reason = reasonOf(error);
    // On Windows so is one that is just being deleted.
    if (reason === 'EEXIST' || (platform === 'win32' && reason === 'EPERM')) return false;
    throw error;
  }
  try {
    writeSync(descriptor, mark);
    return true;
  } catch (error) {
    unlinkSync(file);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}

/** Whether the process that wrote this mark surely runs no more; of another machine that cannot be known. */
function isGone(mark: string): boolean {
  const [, number, thread, host] = /^(\d+)\.(\d+) (\S+) [0-9a-f]{16}$/.exec(mark) ?? [];
  if (host !== hostname()) return false;
  // Ours holds it without a pause, so this one had the same number before a restart, as in a container.
  if (Number(number) === pid) return Number(thread) === threadId;
  try {
    kill(Number(number), 0);
    return false;
  } catch (error) {
    return reasonOf(error) === 'ESRCH';
  }
}

/** Removes the lock if it is still the one that was seen; of several who try that, one at a time. */
function breakLock(file: string, seen: string, alsoBreaker: boolean): void {
  const breaker = `${file}.break`;
  if (alsoBreaker) remove(breaker);
  if (!take(breaker, '')) return;
  try {
    if (contentOf(file) === seen) remove(file);
  } finally {
    remove(breaker);
  }
}

/** Another may have done so meanwhile. */
function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (reasonOf(error) !== 'ENOENT') throw error;
  }
}
