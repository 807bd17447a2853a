import type { Call } from '../../pve/endpoint.js';
import { isoTime } from '../../pve/time.js';
import { type NodeTask, type nodeTasks, ownerOf } from '../tasks/task-rows.js';
import { byTool, type Found } from './leftover.js';
import { lookAtEach } from './look-at-each.js';

/** Consoles: they run as long as somebody looks. */
const onlyLooks = /^(?:vnc|spice|term)/;

export interface Running extends Found {
  readonly tasks: readonly NodeTask[];
  /** Whether every node has told. */
  readonly whole: boolean;
}

/** A task, as what is left of a call and has to end first. */
export const toWaitFor = ({ upid, node, type, id, starttime }: NodeTask) => ({
  node,
  type,
  ...(id ? { id } : {}),
  upid,
  since: isoTime(starttime),
  take_back: byTool('proxmox-wait-task', { upid }),
});

/** The tasks that run now; those of our own token may be of a call that nobody waits for any more. */
export async function runningTasks(
  call: Call<typeof nodeTasks>,
  nodes: readonly string[],
  tokenId: string,
): Promise<Running> {
  const { values, failed } = await lookAtEach(nodes, (node) => call({ node }, { source: 'active', limit: 500 }));
  const tasks = values
    .flatMap(({ value }) => value.data)
    .filter(({ endtime, type }) => endtime === undefined && !onlyLooks.test(type));
  const rows = tasks
    .filter((task) => ownerOf(task) === tokenId)
    .map((task) => ({
      kind: 'running_task' as const,
      sure: 'certain' as const,
      what: 'A task of this token still runs: of a call under way, or of one that was stopped.',
      ...toWaitFor(task),
    }));
  const notes = failed.map(({ key, reason }) => `What runs on node ${key} is not known (${reason}).`);
  return { rows, notes, tasks, whole: failed.length === 0 };
}

/** Whether a task that runs explains the lock of a guest. */
export function holdsLock(
  task: NodeTask,
  guest: { readonly vmid: number; readonly node: string; lock: string },
): boolean {
  if (task.id === String(guest.vmid)) return true;
  // A clone's task has the number of its source, a backup of several guests none.
  if (/clone$/.test(task.type)) return guest.lock === 'clone' || guest.lock === 'create' || guest.lock === 'disk';
  return task.type === 'vzdump' && !task.id && task.node === guest.node && guest.lock === 'backup';
}
