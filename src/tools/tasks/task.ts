import { z } from 'zod';
import type { Call } from '../../pve/endpoint.js';
import { taskLog, taskOutcome, taskStatus } from '../../pve/task.js';
import { readProgress } from '../../pve/task-progress.js';
import { isNoLine } from '../../pve/task-wait.js';
import { isoTime } from '../../pve/time.js';
import { defineList, defineTool } from '../define.js';
import { nodeTasks, ownerOf } from './task-rows.js';

interface Task {
  readonly node: string;
  readonly upid: string;
}

const one = { effect: 'read', scope: 'task', toolset: 'tasks', privileges: ['Sys.Audit on /nodes'] } as const;

const tailLines = 20;

export default [
  defineTool({
    ...one,
    name: 'proxmox-task-status',
    title: 'Task status',
    description: 'State of a task (unknown: its node died), progress, last log lines.',
    input: {},
    output: z.object({
      upid: z.string(),
      node: z.string(),
      type: z.string(),
      id: z.string().optional(),
      user: z.string(),
      status: z.string(),
      state: z.string(),
      exitstatus: z.string().optional(),
      start: z.string(),
      runtime: z.number().optional(),
      percent: z.number().optional(),
      bytes_done: z.number().optional(),
      bytes_total: z.number().optional(),
      bytes_per_second: z.number().optional(),
      log: z.array(z.string()).optional(),
    }),
    calls: { status: taskStatus, log: taskLog, tasks: nodeTasks },
    run: async ({ target, call, now }) => {
      const { data } = await call.status(target);
      const outcome = taskOutcome(data);
      const running = outcome.state === 'running';
      const [runtime, log] = await Promise.all([
        running ? Math.max(0, Math.round(now / 1000 - data.starttime)) : durationOf(target, data, call.tasks),
        outcome.state === 'ok' ? undefined : tail(target, call.log),
      ]);
      const { type, id, status, starttime } = data;
      return {
        ...target,
        type,
        id: id || undefined,
        user: ownerOf(data),
        status,
        ...outcome,
        start: isoTime(starttime),
        runtime,
        ...(running ? progressIn(log ?? []) : {}),
        log: log?.length ? log : undefined,
      };
    },
  }),
  defineList({
    ...one,
    name: 'proxmox-task-log',
    title: 'Task log',
    description: 'Log of a task from its first line on.',
    input: {},
    output: z.object({ n: z.number(), t: z.string() }),
    calls: { log: taskLog },
    run: async ({ target, call, page }) => {
      const { data, total = 0 } = await call.log(target, { start: page.offset, limit: page.limit });
      if (page.offset === 0 && isEmptyLog(data, total))
        return { rows: [], total: 0, notes: ['The log is empty, or no longer kept.'] };
      return { rows: data.map(({ n, t }) => ({ n, t: t.slice(0, 2000) })), total };
    },
  }),
  defineTool({
    ...one,
    name: 'proxmox-wait-task',
    daily: true,
    title: 'Wait for task',
    description: 'Wait for a task to end; while its state is running, call again.',
    input: {
      timeout: z.int().min(0).max(3600).default(45).describe('Seconds'),
      poll_interval: z.number().min(0.5).max(60).optional().describe('Seconds'),
    },
    output: z.object({
      upid: z.string(),
      node: z.string(),
      state: z.string(),
      exitstatus: z.string().optional(),
      waited: z.number(),
      log: z.array(z.string()),
    }),
    calls: { status: taskStatus, log: taskLog },
    run: async ({ target, input: { timeout, poll_interval: interval }, wait }) => {
      const { log, ...outcome } = await wait(target, { timeout, ...(interval === undefined ? {} : { interval }) });
      return { ...target, ...outcome, log: [...log] };
    },
  }),
];

/** What the last line tells that tells of progress. */
function progressIn(log: readonly string[]) {
  const told = log.map(readProgress).findLast(({ percent, done }) => percent !== undefined || done !== undefined);
  return {
    percent: told?.percent,
    bytes_done: told?.done,
    bytes_total: told?.total,
    bytes_per_second: told?.rate,
  };
}

async function tail(task: Task, log: Call<typeof taskLog>): Promise<string[]> {
  const { data, total = 0 } = await log(task, { start: 0, limit: tailLines });
  const last = total > tailLines ? (await log(task, { start: total - tailLines, limit: tailLines })).data : data;
  return isEmptyLog(last, total) ? [] : last.map(({ t }) => t.slice(0, 2000)).filter((line) => line !== '');
}

/** A line that stands for a log without lines stands alone; among others it is what the task wrote. */
const isEmptyLog = (lines: readonly { readonly t: string }[], total: number) =>
  total <= 1 && lines.every(({ t }) => isNoLine(t));

/** The status of a task does not say when it ended; the list of tasks does, as long as it goes back that far. */
async function durationOf(
  { node, upid }: Task,
  { starttime, type }: { readonly starttime: number; readonly type: string },
  tasks: Call<typeof nodeTasks>,
): Promise<number | undefined> {
  const { data } = await tasks(
    { node },
    { source: 'all', since: starttime, until: starttime, typefilter: type, limit: 500 },
  );
  const endtime = data.find((task) => task.upid === upid)?.endtime;
  return endtime === undefined ? undefined : endtime - starttime;
}
