import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { settle } from '../../pve/settle.js';
import { defineList, type Page } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { vmid } from '../scope.js';
import { nodeTasks, stateOf, taskRow, toTaskRow } from './task-rows.js';

const word = z.string().min(1).max(256).optional();

const filters = {
  node: word.describe('Node; default: all'),
  user: word.describe('Part of it'),
  vmid: vmid.optional().describe('VMID'),
  type: z.string().min(1).max(64).optional().describe('qmstart, vzdump, ...'),
  status: z.enum(['running', 'ok', 'warning', 'error']).optional().describe('Outcome'),
  since: z.coerce
    .string()
    .max(40)
    .refine((since) => secondsOf(since) !== undefined, 'neither ISO 8601 nor seconds since 1970')
    .optional()
    .describe('ISO time, or seconds since 1970'),
  source: z.enum(['all', 'active', 'archive']).optional().describe('Default all'),
};

type Filters = z.output<z.ZodObject<typeof filters>>;

const states = { running: 'running', ok: 'ok', warning: 'warnings', error: 'failed' } as const;

export default [
  defineList({
    name: 'proxmox-list-tasks',
    title: 'List tasks',
    description:
      'Tasks of all nodes of a cluster, newest first, running ones included; duration in s. state is running, ok, warnings, failed or unknown. Without Sys.Audit a token sees its own only. Then proxmox-task-log.',
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
      const query = queryOf(input, page);
      const { values, failed } = await settle(asked, (node) => call.tasks({ node }, query));
      const found = values.flatMap(({ value }) => value.data);
      const wanted = input.status === undefined ? undefined : states[input.status];
      const fitting = found.filter((task) => wanted === undefined || stateOf(task).state === wanted);
      const counted = values.reduce((sum, { value }) => sum + (value.total ?? value.data.length), 0);
      const silent = known.map(({ node }) => node).filter((node) => input.node === undefined && !asked.includes(node));
      const missing = [
        ...silent.map((node) => `${node} (offline)`),
        ...failed.map(({ key, reason }) => `${key} (${reason})`),
      ];
      return {
        rows: fitting
          .sort((a, b) => b.starttime - a.starttime || (a.upid < b.upid ? -1 : 1))
          .slice(page.offset, page.offset + page.limit)
          .map(toTaskRow),
        total: counted - (found.length - fitting.length),
        notes: missing.length > 0 ? [`The tasks of these nodes are missing: ${missing.join(', ')}.`] : [],
      };
    },
  }),
];

/** One node if it is named, be it offline: then the error says so. All that are online else. */
function nodesToAsk(known: readonly { node: string; status: string }[], named: string | undefined): string[] {
  const names = known.map(({ node }) => node).sort();
  if (named === undefined)
    return names.filter((name) => known.some(({ node, status }) => node === name && status === 'online'));
  if (names.includes(named)) return [named];
  throw new InvalidInput({ argument: 'node', message: `no such node; there are ${names.join(', ')}` });
}

function queryOf({ vmid: id, type, user, status, since, source }: Filters, { offset, limit }: Page) {
  return {
    // By default the server leaves out what is running.
    source: source ?? (status === 'running' ? 'active' : 'all'),
    // Any of the rows up to the end of the page may be this node's.
    limit: offset + limit,
    vmid: id,
    typefilter: type,
    userfilter: user,
    since: since === undefined ? undefined : secondsOf(since),
    statusfilter: status === 'running' ? undefined : status,
  };
}

function secondsOf(since: string): number | undefined {
  const seconds = /^\d{1,11}$/.test(since) ? Number(since) : Math.floor(Date.parse(since) / 1000);
  return Number.isNaN(seconds) ? undefined : seconds;
}
