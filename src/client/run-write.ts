import { ClusterError } from '../clusters/errors.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { WaitOptions, WaitResult } from '../pve/task-wait.js';
import { parseUpid } from '../pve/upid.js';
import type { ResultTool } from '../tools/define.js';
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
export function lastLook(client: ProxmoxClient, target: object, signal: AbortSignal | undefined): () => Promise<void> {
  let looked = !isGuest(target);
  return async () => {
    if (looked || !isGuest(target)) return;
    looked = true;
    const now = await findGuest(client, { vmid: target.vmid }, 'guest', signal);
    if (now.name === target.name && now.node === target.node) return;
    throw new ClusterError(
      client.config.name,
      `guest ${target.vmid} is not what it was when this call began: its name or node has changed; nothing was sent`,
    );
  };
}

/** What a plan shows of where it would work. */
export function describeTarget(target: object): Record<string, unknown> {
  const shown = ['vmid', 'name', 'type', 'node', 'status', 'storage', 'upid'];
  return Object.fromEntries(Object.entries(target).filter(([key]) => shown.includes(key)));
}

type Wait = (task: { node: string; upid: string }, options: WaitOptions) => Promise<WaitResult>;

/** The result of a write, with the outcome of its task where there is one: success is what the task says. */
export async function withTask(
  tool: ResultTool,
  result: Record<string, unknown>,
  shared: Arguments['shared'],
  wait: Wait,
): Promise<ResultBody> {
  const upid = typeof result.upid === 'string' ? result.upid : undefined;
  const parsed = upid === undefined ? undefined : parseUpid(upid);
  if (upid === undefined || parsed === undefined || !('upid' in tool.output.shape)) return { kind: 'result', result };
  // Its state was not read, so none is told.
  if (!shared.wait) return { kind: 'result', result };
  const task = await wait({ node: parsed.node, upid }, { timeout: shared.timeout });
  return { kind: 'result', result: { ...result, task }, failed: task.state === 'failed' || task.state === 'unknown' };
}
