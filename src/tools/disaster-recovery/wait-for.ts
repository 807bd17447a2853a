import { attemptWait } from '../../pve/attempt.js';
import { isPlanned, parseUpid } from '../../pve/upid.js';
import type { CopyResult, CopySide } from './copy-calls.js';

type Task = NonNullable<CopyResult['task']>;
export interface Ended {
  readonly outcome: 'ok' | 'failed' | 'running' | 'unseen';
  readonly task?: Task;
}

/** Waits for a task, and never fails over it. */
export async function waitFor(side: CopySide, upid: string, timeout: number): Promise<Ended> {
  const node = parseUpid(upid)?.node ?? '';
  if (timeout <= 0 && !isPlanned(upid)) return { outcome: 'running' };
  const seen = await attemptWait(side.wait({ node, upid }, { timeout }));
  if ('error' in seen) return { outcome: 'unseen' };
  const { state, exitstatus, waited, log } = seen.value;
  const task = { state, exitstatus, waited, log: [...log] };
  if (state === 'running') return { outcome: 'running', task };
  return { outcome: state === 'ok' || state === 'warnings' ? 'ok' : 'failed', task };
}

/** What stands as a task that was not read: without one in the result it would be waited for again, and on the first cluster. */
export const taskOf = ({ outcome, task }: Ended): Task =>
  task ?? { state: outcome === 'running' ? 'running' : 'unknown', waited: 0, log: [] };
