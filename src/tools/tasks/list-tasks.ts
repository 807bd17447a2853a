import { z } from 'zod';
import { type NodeRow, nodes } from '../../pve/discovery.js';
import type { Call } from '../../pve/endpoint.js';
import { settle } from '../../pve/settle.js';
import { defineList, type Page } from '../define.js';
import { Refused } from '../refused.js';
import { vmid } from '../scope.js';
import { type NodeTask, nodeTasks, stateOf, taskRow, toTaskRow } from './task-rows.js';

const word = z.string().min(1).max(256).optional();

const filters = {
  status: z.enum(['running', 'ok', 'warning', 'error']).optional().describe('Outcome'),
  vmid: vmid.optional().describe('VMID'),
  type: z.string().min(1).max(64).optional().describe('qmstart, vzdump, ...'),
  since: z.coerce
    .string()
    .max(40)
    .refine(
      (since) => secondsOf(since) !== undefined,
      'give a date as 2026-06-01 (UTC), a time as 2026-06-01T12:00Z or with +02:00, or seconds since 1970',
    )
    .optional()
    .describe('ISO, or epoch s'),
  node: word.describe('Default: all'),
  user: word.describe('Part of it'),
  source: z.enum(['all', 'active', 'archive']).optional().describe('Default all'),
};

type Filters = z.output<z.ZodObject<typeof filters>>;

const states = { running: 'running', ok: 'ok', warning: 'warnings', error: 'failed' } as const;

export default [
  defineList({
    name: 'proxmox-list-tasks',
    daily: true,
    title: 'List tasks',
    description: 'Tasks of all nodes, newest first, running ones too; without Sys.Audit only own.',
    effect: 'read',
    scope: 'cluster',
    toolset: 'tasks',
    input: filters,
    output: taskRow,
    calls: { nodes, tasks: nodeTasks },
    privileges: ['Sys.Audit on /nodes'],
    run: async ({ call, input, page }) => {
      const known = (await call.nodes({})).data;
      const asked = nodesToAsk(known, input.node);
      const { values, failed } = await settle(asked, (node) => tasksOf(node, input, page, call.tasks));
      const silent = input.node === undefined ? known.filter(({ node }) => !asked.includes(node)) : [];
      const missing = [
        ...silent.map(({ node, status }) => `${node} (${status})`),
        ...failed.map(({ key, reason }) => `${key} (${reason})`),
      ];
      return {
        rows: values
          .flatMap(({ value }) => value.tasks)
          .sort((a, b) => b.starttime - a.starttime || (a.upid < b.upid ? -1 : 1))
          .slice(page.offset, page.offset + page.limit)
          .map(toTaskRow),
        total: values.reduce((sum, { value }) => sum + value.total, 0),
        notes: missing.length > 0 ? [`The tasks of these nodes are missing: ${missing.join(', ')}.`] : [],
      };
    },
  }),
];

/** One node if it is named, be it offline: then the error says so. All that are online else. */
function nodesToAsk(known: readonly NodeRow[], named: string | undefined): string[] {
  const online = known.filter(({ status }) => status === 'online');
  if (named === undefined) return online.map(({ node }) => node).sort();
  const names = known.map(({ node }) => node).sort();
  if (names.includes(named)) return [named];
  throw new Refused('This cluster has no such node', `Call again with one of its nodes: ${names.join(', ')}.`);
}

/**
 * A node's tasks up to the end of the page, as any of its rows may be this node's, and how many there are: those that
 * fit, and those not read yet.
 */
async function tasksOf(node: string, filters: Filters, { offset, limit }: Page, tasks: Call<typeof nodeTasks>) {
  const wanted = filters.status === undefined ? undefined : states[filters.status];
  const found: NodeTask[] = [];
  for (let read = 0; ; ) {
    const { data, total = 0 } = await tasks({ node }, { ...queryOf(filters), start: read, limit: offset + limit });
    // The server's own filter is coarser: what is `active` may have ended just now.
    found.push(...data.filter((task) => wanted === undefined || stateOf(task).state === wanted));
    read += data.length;
    const unread = data.length === 0 ? 0 : Math.max(0, total - read);
    if (unread === 0 || found.length >= offset + limit) return { tasks: found, total: found.length + unread };
  }
}

const queryOf = ({ vmid: id, type, user, status, since, source }: Filters) => ({
  // By default the server leaves out what is running.
  source: source ?? (status === 'running' ? 'active' : 'all'),
  vmid: id,
  typefilter: type,
  userfilter: user,
  since: since === undefined ? undefined : secondsOf(since),
  statusfilter: status === 'running' ? undefined : status,
});

/** A day, a time to the second or finer, or one to the minute: those that name their zone, where a day is UTC's. */
const isoTimes = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: -1 }),
]);

function secondsOf(since: string): number | undefined {
  if (/^\d{9,11}$/.test(since)) return Number(since);
  return isoTimes.safeParse(since).success ? Math.floor(Date.parse(since) / 1000) : undefined;
}
