import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { settle } from '../../pve/settle.js';
import type { CheckedCluster } from '../scope.js';
import { type nodeTasks, taskRow, toTaskRow } from '../tasks/task-rows.js';
import { lackOf, notSeen, unlistedNodes } from './not-seen.js';

export const tasksPart = z.object({
  /** Started within so many hours. */
  hours: z.number(),
  count: z.number().optional(),
  newest: z.array(taskRow).optional(),
  ...notSeen,
});

const hours = 24;
const most = 5;
const need = 'Sys.Audit on /nodes';

/** The tasks of the last day that failed, of all nodes that answer. */
export async function failedTasks(
  call: Call<typeof nodeTasks>,
  nodes: CheckedCluster['nodes'],
  now: number,
  granted: Permissions | undefined,
): Promise<z.input<typeof tasksPart>> {
  if (nodes === undefined) return { hours, not_seen: unlistedNodes };
  const since = Math.floor(now / 1000) - hours * 3600;
  const query = { source: 'archive', statusfilter: 'error', since, limit: most };
  const asked = await attempt(settle(nodes.online, (node) => call({ node }, query)));
  if ('error' in asked) return { hours, not_seen: `the nodes: ${failureInWords(asked.error)}` };
  const { values, failed } = asked.value;
  const count = values.reduce((sum, { value: { total, data } }) => sum + (total ?? data.length), 0);
  const lack = lackOf(granted, need);
  const own = lack && `${lack}: only its own tasks are seen`;
  if (count === 0 && own !== undefined) return { hours, not_seen: own };
  const silent = [...nodes.offline, ...failed.map(({ key, reason }) => `${key} (${reason})`)];
  const part = [...(own ? [own] : []), ...(silent.length > 0 ? [`without the tasks of ${silent.join(', ')}`] : [])];
  return {
    hours,
    count,
    newest: values
      .flatMap(({ value }) => value.data)
      .sort((a, b) => b.starttime - a.starttime)
      .slice(0, most)
      .map(toTaskRow),
    seen_in_part: part.length > 0 ? part.join('; ') : undefined,
  };
}
