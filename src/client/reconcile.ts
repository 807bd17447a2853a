import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import type { Answer, Endpoint } from '../pve/endpoint.js';
import type { RequestError } from '../pve/errors.js';
import { firstOf } from '../pve/first-of.js';
import { type Finding, OutcomeUnknownError } from '../pve/lost-reply.js';
import type { Params } from '../pve/params.js';
import { lookAtObject, type ObjectLook } from './lost-object.js';
import { lookForTask, startsTask, type TaskLook } from './lost-task.js';
import type { StartedTasks } from './started-tasks.js';

/** A write that was sent, and whose reply did not come back. */
export interface LostWrite {
  readonly cluster: string;
  readonly client: () => ProxmoxClient;
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string | number>>;
  readonly params: Params;
  readonly isUpload: boolean;
  readonly error: RequestError;
  /** When it was sent, by our clock. */
  readonly began: number;
  /** How far the server's clock was ahead of it then, in milliseconds; where no answer had told, as it is now. */
  readonly clockOffset: number | undefined;
  readonly started: StartedTasks;
  /** Whether another write could have started the task that is found. */
  readonly isShared: () => boolean;
}

/** Milliseconds before each look. */
const looks = [0, 1000, 2000, 3000];
/** How long one look may take. */
const lookMs = 4000;

/**
 * Finds out whether a write whose reply was lost was done, by looking: it is never sent again. What was found is told
 * by `note`.
 * @throws {OutcomeUnknownError} when looking does not tell, or tells that it was not done so far
 */
export async function reconcile(
  lost: LostWrite,
  clock: Clock,
  signal: AbortSignal | undefined,
  note: (text: string) => void,
): Promise<Answer<unknown>> {
  const inTask = startsTask(lost.endpoint);
  const silent = lost.endpoint.data.safeParse(null);
  let task: TaskLook | undefined;
  let object: ObjectLook | undefined;
  for (const pause of looks) {
    if (pause > 0) await clock.sleep(pause, signal);
    if (inTask) {
      task = (await brief(clock, signal, (until) => lookForTask(lost, until))) ?? task;
      const answer = task === undefined ? undefined : adopted(task, lost, note);
      if (answer !== undefined) return answer;
      // There will not be fewer.
      if (task !== undefined && 'fitting' in task && task.fitting.length > 1 && !lost.isShared()) break;
    }
    if (inTask && !silent.success) continue;
    object = (await brief(clock, signal, (until) => lookAtObject(lost, until))) ?? object;
    if (object?.state === 'not told') break;
    if (object?.state !== 'done') continue;
    if (!silent.success) throw new OutcomeUnknownError(lost.error, withoutAnswer);
    note('The reply to this write was lost on the way; what was asked was read again and is so now.');
    return { data: silent.data };
  }
  throw new OutcomeUnknownError(lost.error, findingOf(task, object));
}

/** One look, which may take only so long; `undefined` when it took longer. */
async function brief<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  look: (until: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const late = clock.timeout(lookMs);
  try {
    return await look(signal === undefined ? late : firstOf(signal, late));
  } catch (error) {
    signal?.throwIfAborted();
    if (late.aborted) return undefined;
    throw error;
  }
}

function adopted(look: TaskLook, lost: LostWrite, note: (text: string) => void): Answer<unknown> | undefined {
  if (!('fitting' in look) || look.fitting.length !== 1 || lost.isShared()) return undefined;
  const [upid] = look.fitting;
  note(
    'The reply to this write was lost on the way; its task was found in the task list of the node and is told here.',
  );
  return { data: lost.endpoint.data.parse(upid) };
}

const withoutAnswer: Finding = {
  found: 'It is there now, but what the server answered is lost with the reply.',
  look: 'Read it. A secret that stood in the answer cannot be had again: delete it and make it anew.',
};

const tasksTell = 'Look at it, and at proxmox-list-tasks, before it is asked for again.';

function findingOf(task: TaskLook | undefined, object: ObjectLook | undefined): Finding {
  if (object?.state === 'not done') {
    const { seen, missing } = object;
    const part = missing.length > 0 ? { as_asked: seen, not_as_asked: missing } : {};
    const found =
      missing.length === 0
        ? 'Read again for some seconds, it was not done.'
        : seen.length === 0
          ? 'Read again for some seconds, nothing of it was seen.'
          : 'Read again, only a part of it was seen.';
    return {
      found,
      look: 'Read it once more; if nothing has changed by then, it may be asked for again.',
      facts: part,
    };
  }
  if (task !== undefined && 'fitting' in task && task.fitting.length > 0)
    return {
      found: 'More than one write or task fits, so that it cannot be told which belong together.',
      look: tasksTell,
      facts: { tasks: task.fitting },
    };
  if (task !== undefined && 'fitting' in task)
    return { found: 'For some seconds after it no task of it was in the task list.', look: tasksTell };
  const isUnseen = object === undefined ? true : object.state === 'unseen';
  return {
    found: isUnseen ? 'Nothing could be looked at afterwards.' : 'Nothing that can be read tells of it.',
    look: tasksTell,
  };
}
