import { ClusterConnectionError, UnnamedPrivilegeError } from '../../clusters/errors.js';
import { RequestError } from '../../pve/errors.js';
import type { Effect } from '../../tools/define.js';
import { describeError } from '../describe-error.js';
import type { Entry, Outcome } from '../outcome.js';
import type { Write } from '../write-gate.js';
import { maskParameters } from './mask-arguments.js';

/** How a call ended. */
export interface AuditOutcome {
  /** `refused`: by this server, before anything was sent. `running`: a task goes on. `planned`: shown, and not sent. */
  readonly outcome: 'ok' | 'warnings' | 'running' | 'planned' | 'failed' | 'refused' | 'cancelled';
  /** Of an error. */
  readonly code?: string;
  /** Of a refusal by a rule: the variable that holds it. */
  readonly set_by?: string;
  /** Of the task that the tool tells of. */
  readonly upid?: string;
  /** What the plan would send. */
  readonly planned?: unknown;
  /** Of several clusters, those that failed. */
  readonly failed?: readonly { readonly cluster: string; readonly code: string }[];
}

/** A call, as far as its outcome depends on it. */
interface Done {
  readonly effect: Effect;
  /** How many requests that change something were sent. */
  readonly sent: number;
}

/** @param sent how many requests that change something were sent */
export function outcomeOfError(error: unknown, sent: number): AuditOutcome {
  const { code, set_by } = describeError(error);
  if (code === 'CANCELLED') return { outcome: 'cancelled', code };
  const isTheirs = [RequestError, ClusterConnectionError, UnnamedPrivilegeError].some((kind) => error instanceof kind);
  const isOurs = sent === 0 && !isTheirs && code !== 'INTERNAL_ERROR';
  const from = typeof set_by === 'string' ? { set_by } : {};
  return { outcome: isOurs ? 'refused' : 'failed', code, ...from };
}

export function outcomeOf({ entries }: Outcome, done: Done): AuditOutcome {
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) return outcomeOfEntry(only, done);
  const failed = entries.flatMap((entry) =>
    'error' in entry ? [{ cluster: entry.cluster, code: describeError(entry.error).code }] : [],
  );
  if (failed.length === 0) return { outcome: 'ok' };
  return { outcome: failed.length === entries.length ? 'failed' : 'warnings', failed };
}

function outcomeOfEntry(entry: Entry, { effect, sent }: Done): AuditOutcome {
  if ('error' in entry) return outcomeOfError(entry.error, sent);
  const { body } = entry;
  if (body.kind === 'plan') {
    const { writes, refused } = body.plan;
    return refused === undefined ? { outcome: 'planned', planned: plannedWrites(writes) } : { outcome: 'refused' };
  }
  if (body.kind === 'list') return { outcome: 'ok' };
  if (body.failed === true) return { outcome: 'failed', ...upidOf(body.result) };
  return { outcome: effect === 'read' ? 'ok' : stateOf(body.result), ...upidOf(body.result) };
}

/** Many are told by their number alone. */
const mostPlanned = 100;

function plannedWrites(writes: unknown): unknown {
  if (!Array.isArray(writes)) return [];
  if (writes.length > mostPlanned) return `${writes.length} requests`;
  return writes.map((write: unknown) => (isWrite(write) ? masked(write) : write));
}

const isWrite = (value: unknown): value is Pick<Write, 'path' | 'parameters'> =>
  typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';

const masked = (write: Pick<Write, 'path' | 'parameters'>) =>
  write.parameters === undefined ? write : { ...write, parameters: maskParameters(write.path, write.parameters) };

const upidOf = ({ upid }: Readonly<Record<string, unknown>>) => (typeof upid === 'string' ? { upid } : {});

/** What a task that was waited for came to; one that was not waited for runs. */
function stateOf({ task, upid }: Readonly<Record<string, unknown>>): 'ok' | 'warnings' | 'running' {
  if (typeof task !== 'object' || task === null || !('state' in task))
    return typeof upid === 'string' ? 'running' : 'ok';
  return task.state === 'warnings' || task.state === 'running' ? task.state : 'ok';
}
