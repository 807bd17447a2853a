import type { Caller } from '../caller.js';
import type { Cluster } from '../cluster.js';
import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import type { ParameterSpec } from '../parameters.js';
import { forbidden, parameterError } from '../pve-error.js';
import { type Call, Envelope, type Route } from '../route.js';
import type { TaskState } from '../state.js';
import { parseUpid } from '../upid.js';
import { count, flag, node, optionalText, upid, vmid } from './common-parameters.js';

const perNodeInCluster = 25;

function ownerOf(task: TaskState): { user: string; tokenid: string | undefined } {
  const [user = '', tokenid] = task.user.split('!');
  return { user, tokenid };
}

/** A user sees what his tokens do; a token sees its own tasks only. */
function isOwn(caller: Caller, task: TaskState): boolean {
  if (caller.tokenid !== undefined) return task.user === caller.authid;
  return ownerOf(task).user === caller.user;
}

function taskRow(task: TaskState): JsonObject {
  return {
    upid: task.upid,
    node: task.node,
    pid: task.pid,
    pstart: task.pstart,
    type: task.type,
    id: task.id,
    ...ownerOf(task),
    starttime: task.starttime,
    endtime: task.endtime,
  };
}

/** The class of an exit status in the sense of `statusfilter`. */
function outcomeOf(task: TaskState): 'ok' | 'warning' | 'unknown' | 'error' {
  if (task.exitstatus === 'OK') return 'ok';
  if (/^WARNINGS: \d+$/.test(task.exitstatus)) return 'warning';
  return task.exitstatus === 'unexpected status' ? 'unknown' : 'error';
}

function matches({ params }: Call, task: TaskState): boolean {
  const source = params.optionalText('source') ?? 'archive';
  const running = task.endtime === undefined;
  if (source === 'archive' ? running : source === 'active' ? !running : false) return false;
  const owner = params.optionalInteger('vmid');
  if (owner !== undefined && task.id !== String(owner)) return false;
  const type = params.optionalText('typefilter');
  if (type !== undefined && task.type !== type) return false;
  const user = params.optionalText('userfilter');
  if (user !== undefined && !task.user.toLowerCase().includes(user.toLowerCase())) return false;
  const since = params.optionalInteger('since');
  if (since !== undefined && task.starttime < since) return false;
  const until = params.optionalInteger('until');
  if (until !== undefined && task.starttime > until) return false;
  const outcomes = splitList(params.optionalText('statusfilter') ?? '').map((outcome) => outcome.toLowerCase());
  if (outcomes.length > 0 && (running || !outcomes.includes(outcomeOf(task)))) return false;
  return !(params.flag('errors') && (running || outcomeOf(task) === 'ok'));
}

function listOnNode(call: Call) {
  const { cluster, caller, params } = call;
  const { node: name } = cluster.node(params.text('node'));
  const audit = caller.permissions.has(`/nodes/${name}`, 'Sys.Audit');
  const start = params.optionalInteger('start') ?? 0;
  const limit = params.optionalInteger('limit') ?? 50;
  const found = newestFirst(cluster.state.tasks).filter(
    (task) => task.node === name && (audit || isOwn(caller, task)) && matches(call, task),
  );
  const rows = found.slice(start, limit === 0 ? undefined : start + limit).map((task) => ({
    ...taskRow(task),
    status: task.endtime === undefined ? 'RUNNING' : task.exitstatus,
  }));
  return new Envelope(rows, { total: found.length });
}

function newestFirst(tasks: readonly TaskState[]): TaskState[] {
  return [...tasks].sort((a, b) => b.starttime - a.starttime);
}

function listInCluster({ cluster, caller }: Call) {
  const audit = caller.permissions.has('/', 'Sys.Audit');
  const recent = cluster.state.nodes.flatMap(({ node: name }) =>
    newestFirst(cluster.state.tasks.filter((task) => task.node === name)).slice(0, perNodeInCluster),
  );
  return (
    newestFirst(recent)
      // the split user is compared with the whole token id: so a token never finds its own tasks here
      .filter((task) => audit || ownerOf(task).user === caller.authid)
      .map((task) => ({
        ...taskRow(task),
        saved: task.endtime === undefined ? undefined : '1',
        status: task.endtime === undefined ? undefined : task.exitstatus,
      }))
  );
}

function taskOf(cluster: Cluster, call: Call, privilege: 'Sys.Audit' | 'Sys.Modify'): TaskState {
  const id = call.params.text('upid');
  const { node: name } = cluster.node(call.params.text('node'));
  if (parseUpid(id) === undefined) throw parameterError({ upid: `unable to parse worker upid '${id}'` });
  const task = cluster.state.tasks.find((entry) => entry.upid === id && entry.node === name);
  if (task === undefined) throw parameterError({ upid: 'no such task' });
  if (!isOwn(call.caller, task) && !call.caller.permissions.has(`/nodes/${name}`, privilege)) {
    throw forbidden(`/nodes/${name}, ${privilege}`);
  }
  return task;
}

function status(call: Call) {
  const task = taskOf(call.cluster, call, 'Sys.Audit');
  const { endtime: _, ...row } = taskRow(task);
  return task.endtime === undefined
    ? { ...row, status: 'running' }
    : { ...row, status: 'stopped', exitstatus: task.exitstatus };
}

function log(call: Call) {
  const task = taskOf(call.cluster, call, 'Sys.Audit');
  const lines = call.cluster.tasks.visibleLog(task);
  if (lines.length === 0) return new Envelope([{ n: 1, t: 'no content' }], { total: 1 });
  const start = call.params.optionalInteger('start') ?? 0;
  const limit = call.params.optionalInteger('limit') ?? 50;
  const rows = lines.map((t, at) => ({ n: at + 1, t }));
  return new Envelope(rows.slice(start, limit === 0 ? undefined : start + limit), { total: lines.length });
}

function stop(call: Call) {
  call.cluster.tasks.interrupt(taskOf(call.cluster, call, 'Sys.Modify'));
  return null;
}

const optionalInteger = { type: 'integer', optional: true } as const satisfies ParameterSpec;
const one = { node, upid } as const;

export const taskRoutes: readonly Route[] = [
  { route: 'GET /cluster/tasks', params: {}, permission: 'all', handler: listInCluster },
  {
    route: 'GET /nodes/{node}/tasks',
    params: {
      node,
      errors: flag,
      limit: count,
      since: optionalInteger,
      source: { type: 'string', optional: true, enum: ['archive', 'active', 'all'] },
      start: count,
      statusfilter: { type: 'string', optional: true, format: 'pve-task-status-type-list' },
      typefilter: optionalText,
      until: optionalInteger,
      userfilter: optionalText,
      vmid: { ...vmid, optional: true },
    },
    permission: 'all',
    handler: listOnNode,
  },
  { route: 'GET /nodes/{node}/tasks/{upid}/status', params: one, permission: 'all', handler: status },
  {
    route: 'GET /nodes/{node}/tasks/{upid}/log',
    params: { ...one, download: flag, limit: count, start: count },
    permission: 'all',
    handler: log,
  },
  { route: 'DELETE /nodes/{node}/tasks/{upid}', params: one, permission: 'all', handler: stop },
];
