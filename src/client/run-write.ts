import { ClusterError } from '../clusters/errors.js';
import { attemptWait } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import type { WaitOptions, WaitResult } from '../pve/task-wait.js';
import { parseUpid } from '../pve/upid.js';
import type { ResultTool } from '../tools/define.js';
import { Refused } from '../tools/refused.js';
import { worksOnSeveral } from '../tools/scope.js';
import type { Arguments } from './input.js';
import { findGuest } from './inventory.js';
import type { ResultBody } from './outcome.js';

/** The guest that a destructive call is about, as it was found. */
interface Seen {
  readonly vmid: number;
  readonly node: string;
  readonly name?: string;
}

const isGuest = (target: object): target is Seen => 'vmid' in target && 'node' in target;

/** Reads the guest once more before the first request that destroys: another name or node, and nothing is sent. */
export function lastLook(
  client: () => ProxmoxClient,
  target: object,
  signal: AbortSignal | undefined,
): () => Promise<void> {
  let looked = !isGuest(target);
  return async () => {
    if (looked || !isGuest(target)) return;
    looked = true;
    const now = await findGuest(client(), { vmid: target.vmid }, 'guest', signal);
    // The list of guests does not know the name of one that was made within the last seconds.
    const isNamed = target.name === undefined || now.name === target.name;
    if (isNamed && now.node === target.node) return;
    throw new ClusterError(
      client().config.name,
      `guest ${target.vmid} is not what it was when this call began: its name or node has changed; nothing was sent`,
    );
  };
}

/** What a plan shows of where it would work. */
export function describeTarget(target: object): Record<string, unknown> {
  const shown = ['vmid', 'name', 'type', 'node', 'status', 'storage', 'volid', 'upid'];
  const place = Object.entries(target).filter(([key]) => shown.includes(key));
  return { ...Object.fromEntries(place), ...clustersOf(target) };
}

/** The clusters, where there are several. */
function clustersOf(target: object): Record<string, unknown> {
  const named = ([key, value]: [string, unknown]) => (isView(value) ? [[key, value.info.name]] : []);
  if (!('clusters' in target) || !Array.isArray(target.clusters))
    return Object.fromEntries(Object.entries(target).flatMap(named));
  return { clusters: target.clusters.filter(isView).map(({ info }) => info.name) };
}

const isView = (value: unknown): value is { readonly info: { readonly name: string } } =>
  typeof value === 'object' && value !== null && 'info' in value && 'check' in value;

type Wait = (task: { node: string; upid: string }, options: WaitOptions) => Promise<WaitResult>;

/** The result of a write, with the outcome of its task where there is one: success is what the task says. */
export async function withTask(
  tool: ResultTool,
  result: Record<string, unknown>,
  shared: Arguments['shared'],
  { wait, secondsLeft }: { readonly wait: Wait; readonly secondsLeft: () => number },
): Promise<ResultBody> {
  const upid = typeof result.upid === 'string' ? result.upid : undefined;
  const parsed = upid === undefined ? undefined : parseUpid(upid);
  const someFailed = typeof result.failed === 'number' && result.failed > 0;
  if (upid === undefined || parsed === undefined || !('upid' in tool.output.shape))
    return { kind: 'result', result, failed: someFailed };
  // The tool has waited itself, and looked at what came of it; of several clusters it alone knows which runs the task.
  if ('task' in result || worksOnSeveral(tool.scope)) return { kind: 'result', result, failed: someFailed };
  // Its state was not read, so none is told.
  if (!shared.wait) return { kind: 'result', result, notes: [goesOn], failed: someFailed };
  // The tool may have waited for other tasks before.
  const task = await wait({ node: parsed.node, upid }, { timeout: secondsLeft() });
  const failed = someFailed || task.state === 'failed' || task.state === 'unknown';
  const managed = asksTheManager(parsed.type) && task.state === 'ok';
  const notes = [...(managed ? [managerNote] : []), ...(task.state === 'running' ? [goesOn] : [])];
  return { kind: 'result', result: { ...result, task }, notes, failed };
}

const goesOn = 'The task goes on: proxmox-wait-task with its upid and this cluster tells how it ends.';

const managerNote =
  'The guest is under HA: the task has only asked the HA manager, which acts within some seconds. Whether it has shows in the status of the guest.';

/** These end as soon as the request is queued; of `hamigrate` the tools that migrate tell. */
const asksTheManager = (type: string) => type === 'hastart' || type === 'hastop';

/** A step of a call that has more of them did not end well, or not in time; what follows was not sent. */
export class StepError extends Error {
  override readonly name = 'StepError';
  readonly upid: string;
  readonly outcome: WaitResult;
  /** What the whole call had for its steps. */
  readonly seconds: number;
  constructor(upid: string, outcome: WaitResult, seconds: number) {
    super(`the task of a step is ${outcome.state}`);
    this.upid = upid;
    this.outcome = outcome;
    this.seconds = seconds;
  }
}

/** Waits for the tasks of steps; together they have as long as the call. */
export function stepFinisher(wait: Wait, clock: Clock, seconds: number): (upid: string) => Promise<void> {
  const end = clock.now() + seconds * 1000;
  return async (upid) => {
    const node = parseUpid(upid)?.node ?? '';
    const outcome = await wait({ node, upid }, { timeout: Math.max(1, (end - clock.now()) / 1000) });
    if (outcome.state !== 'ok' && outcome.state !== 'warnings') throw new StepError(upid, outcome, seconds);
  };
}

/** Waits for the task that another call has started, as long as this call may take; nothing was sent for it yet. */
export function turnWaiter(wait: Wait, clock: Clock, seconds: number): (upid: string) => Promise<void> {
  const end = clock.now() + seconds * 1000;
  return async (upid) => {
    const node = parseUpid(upid)?.node ?? '';
    // Whose end cannot be seen holds nobody up.
    const seen = await attemptWait(wait({ node, upid }, { timeout: Math.max(1, (end - clock.now()) / 1000) }));
    if ('error' in seen || seen.value.state !== 'running') return;
    throw new Refused(
      `the same is under way and must end first: ${upid}`,
      'Call again once proxmox-wait-task says that it is over.',
    );
  };
}
