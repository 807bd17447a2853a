import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import type { Answer, Endpoint } from '../pve/endpoint.js';
import { isLostReply, OutcomeUnknownError } from '../pve/lost-reply.js';
import type { Params } from '../pve/params.js';
import { expandPath, methodOf } from '../pve/route.js';
import { plannedUpid } from '../pve/upid.js';
import type { UploadFile } from '../pve/upload.js';
import type { CallRecord } from './audit/call-record.js';
import { isUpload, type WriteGate } from './calls.js';
import { taskLike } from './lost-task.js';
import { reconcile } from './reconcile.js';
import { hideSecretArguments } from './secret-arguments.js';
import { isSecretName } from './secret-names.js';
import type { StartedTasks } from './started-tasks.js';

/** One request that changes something: sent, or to be sent. */
export interface Write {
  /** Where, of a call that works on several clusters. */
  readonly cluster?: string;
  readonly method: string;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What goes with them; `size` in bytes. */
  readonly file?: { readonly name: string; readonly size: number };
  /** The task that it started. */
  readonly upid?: string;
  /** That it was done was seen by looking. */
  readonly reply?: 'lost';
}

interface Afterwards {
  readonly undo: readonly string[];
  readonly left?: string | undefined;
}

/** A tool stopped after it had changed something. */
export class PartialWriteError extends Error {
  override readonly name = 'PartialWriteError';
  override readonly cause: unknown;
  /** What was sent and accepted before, in order. */
  readonly done: readonly Write[];
  /** How that can be taken back. */
  readonly undo: readonly string[];
  /** What was still to be done. */
  readonly left: string | undefined;
  constructor(cause: unknown, done: readonly Write[], { undo, left }: Afterwards) {
    super('stopped half way');
    this.cause = cause;
    this.done = done;
    this.undo = undo;
    this.left = left;
  }
}

const longestShown = 1000;

/** A value, masked where its name or its form says that it may be secret. */
export function masked(name: string, value: unknown): unknown {
  if (isSecretName(name)) return '[not shown]';
  if (Array.isArray(value)) return value.map((one) => masked(name, one));
  return typeof value === 'string' ? withoutSecrets(name, value) : value;
}

/** A value of a plan: masked, and cut where it is very long. */
export function shown(name: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => shown(name, one));
  const kept = masked(name, value);
  if (typeof kept !== 'string' || kept.length <= longestShown) return kept;
  return `${kept.slice(0, 100)}... (${String(value).length} characters)`;
}

/** The endpoint of another cluster holds its token; a webhook's header may carry one; a URL a user and a password, or a token in its query. */
function withoutSecrets(name: string, value: string): string {
  if (name === 'target-endpoint') return value.replace(/apitoken=[^,]*/, 'apitoken=[not shown]');
  if (name === 'header') return value.replace(/value=.*/s, 'value=[not shown]');
  if (!/^https?:/i.test(value)) return value;
  return value.replace(/^(https?:\/\/)[^/?#]*@/i, '$1[not shown]@').replace(/([?&][^=&#]*=)[^&#]*/g, '$1[not shown]');
}

export function describeWrite(
  endpoint: Endpoint,
  path: Readonly<Record<string, unknown>>,
  params: Params = {},
  file?: UploadFile,
): Write {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const parameters = Object.fromEntries(given.map(([name, value]) => [name, shown(name, value)]));
  const sent = file === undefined ? {} : { file: { name: file.name, size: file.size } };
  const head = { method: methodOf(endpoint.route), path: expandPath(endpoint.route, path), ...sent };
  return given.length === 0 ? head : { ...head, parameters };
}

const on = (cluster: string | undefined) => (cluster === undefined ? {} : { cluster });

/** Stands in for what a write would answer, so that the steps after it can be seen too. */
const placeholders = (node: unknown, planned: unknown) => [planned, null, plannedUpid(String(node)), {}, [], 0];

/**
 * Records every write, and sends none.
 * @param sent gets the parameters of each as they would be sent, with what is masked
 */
export function recordingGate(writes: Write[], cluster?: string, sent?: Map<Write, Params>): WriteGate {
  return {
    before: async () => {},
    send: async (endpoint, path, params, file) => {
      const write = { ...on(cluster), ...describeWrite(endpoint, path, params, file) };
      writes.push(write);
      sent?.set(write, params ?? {});
      for (const placeholder of placeholders(path.node ?? 'planned', endpoint.planned)) {
        const fitting = endpoint.data.safeParse(placeholder);
        if (fitting.success) return { data: fitting.data };
      }
      throw new Error(`no placeholder fits what ${endpoint.route} answers`);
    },
  };
}

/** What the writes of one call go through. */
export interface Sending {
  /** Asked for at each write: while a long call goes on, it may be replaced. */
  readonly client: () => ProxmoxClient;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** What was accepted, in order. */
  readonly done: Write[];
  /** May still refuse it. */
  readonly before: () => Promise<void>;
  readonly watched: (file: UploadFile) => UploadFile;
  readonly note: (text: string) => void;
  /** Where each goes, of a call that works on several clusters. */
  readonly label: string | undefined;
  readonly started: StartedTasks;
  readonly record: CallRecord | undefined;
  /** Told of a secret that a cluster has made. */
  readonly hide: (secret: string) => void;
  /** What is sent as a secret may come back in any words. */
  readonly hideSent: (secret: string) => void;
}

/** Sends every write once, and keeps what was accepted; where the reply is lost it is looked for. */
export function sendingGate(sending: Sending): WriteGate {
  const { client, done, before, started, label, record } = sending;
  return {
    before,
    send: async (endpoint, path, params = {}, file) => {
      const { name: cluster } = client().config;
      hideSecretArguments(params, sending.hideSent);
      const like = taskLike({ cluster, endpoint, path, params });
      const write = describeWrite(endpoint, path, params, file);
      const number = record === undefined ? undefined : await record.sending(cluster, write);
      return started.starting(like, async (isShared) => {
        const sent = sendOnce(sending, isShared, { endpoint, path, params, file });
        const { answer, isLost } = await sent.catch((error: unknown) => {
          if (number !== undefined) record?.answered(number, { error });
          throw error;
        });
        const { data } = answer;
        hideMade(endpoint, data, sending.hide);
        const upid = typeof data === 'string' && data.startsWith('UPID:') ? data : undefined;
        if (upid !== undefined) started.add(cluster, upid);
        const task = { ...(upid === undefined ? {} : { upid }), ...(isLost ? { reply: 'lost' as const } : {}) };
        if (number !== undefined) record?.answered(number, task);
        done.push({ ...on(label), ...write, ...task });
        return answer;
      });
    },
  };
}

/** Proxmox tells the secret of a token in the answer to its creation, and never again. */
function hideMade({ route }: Endpoint, data: unknown, hide: (secret: string) => void): void {
  if (!route.includes('/token/') || typeof data !== 'object' || data === null || !('value' in data)) return;
  if (typeof data.value === 'string') hide(data.value);
}

interface Outgoing {
  readonly endpoint: Endpoint;
  readonly path: Readonly<Record<string, string | number>>;
  readonly params: Params;
  readonly file: UploadFile | undefined;
}

async function sendOnce(
  { client, clock, signal, watched, note, started }: Sending,
  isShared: () => boolean,
  { endpoint, path, params, file }: Outgoing,
): Promise<{ readonly answer: Answer<unknown>; readonly isLost: boolean }> {
  const began = clock.now();
  const { clockOffset } = client();
  try {
    const answer =
      file !== undefined && isUpload(endpoint)
        ? await client().upload(endpoint, path, params, watched(file), signal)
        : await client().send(endpoint, path, params, signal);
    return { answer, isLost: false };
  } catch (error) {
    if (!isLostReply(error)) throw error;
    const { cluster } = error;
    const about = { cluster, client, endpoint, path, params, isUpload: file !== undefined, isShared };
    const lost = { ...about, error, began, clockOffset, started };
    const { parameters } = describeWrite(endpoint, path, params, file);
    const answer = await reconcile(lost, clock, signal, note).catch((unknown) => {
      throw saying(unknown, parameters);
    });
    return { answer, isLost: true };
  }
}

/** What may have come of it bears the names that were asked for, some of which were chosen here. */
const saying = (error: unknown, parameters: Write['parameters']) =>
  error instanceof OutcomeUnknownError && parameters !== undefined
    ? new OutcomeUnknownError(error.cause, { ...error.finding, facts: { parameters, ...error.finding.facts } })
    : error;
