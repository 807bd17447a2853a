import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import { configText, guestConfig } from '../pve/guest-config.js';
import { type GuestResource, guestResources } from '../pve/resources.js';
import type { ResultTool } from '../tools/define.js';
import { askInLine } from './ask-in-line.js';
import type { Surroundings } from './call-context.js';
import { type Confirmed, guestsIn } from './confirmed-gate.js';
import type { Execution } from './execution.js';
import { NotConfirmedError } from './not-confirmed.js';
import { differences, factsOf, type NamedGuest, type Planned, questionOf } from './question.js';

/** A destructive call, before anything of it is sent. */
export interface Unsent {
  readonly cluster: string;
  /** As a plan shows it. */
  readonly target: Readonly<Record<string, unknown>>;
  /** What would be sent, as things are now. */
  readonly plan: () => Promise<Pick<Planned, 'writes' | 'sent' | 'said'>>;
}

/**
 * Has the person confirm what a call would do. That it is still the same when the answer has come is looked at again.
 * Of several calls the next one is asked about when the one before was answered; nothing else waits for an answer.
 * @throws {NotConfirmedError}
 */
export async function confirmWrites(
  around: Surroundings,
  tool: ResultTool,
  unsent: Unsent,
  execution: Execution,
): Promise<Confirmed> {
  const { ask, record } = execution.options;
  if (ask === undefined) throw new NotConfirmedError('cannot ask');
  const look = () => planned(around, tool, unsent, execution);
  const shown = await look();
  const { cluster, writes, sent } = shown;
  // What does nothing needs no yes; what it then does is nothing.
  if (writes.length > 0) {
    await askInLine(around.turns, questionOf(shown, factsOf(shown)), {
      ask,
      clock: around.clock,
      signal: execution.options.signal,
      tell: execution.tell,
    });
    record?.confirmed('human');
    const changed = differences(shown, await look());
    if (changed.length > 0) throw new NotConfirmedError('changed', changed);
  }
  const { vmid } = unsent.target;
  return { cluster, writes, sent, vmid: typeof vmid === 'number' ? vmid : undefined };
}

async function planned(
  around: Surroundings,
  tool: ResultTool,
  { cluster, target, plan }: Unsent,
  execution: Execution,
): Promise<Planned> {
  const { writes, sent, said } = await plan();
  const { own, shared } = execution.arguments;
  const given = new Set([...stringsIn(own), ...stringsIn(shared)]);
  const about = { tool, cluster, target, writes, sent, given, said };
  return { ...about, guests: await guestsOf(around, about, execution.options.signal) };
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}

type About = Pick<Planned, 'cluster' | 'target' | 'writes' | 'sent'>;

/** Where a cluster cannot say what its guests are called, the question has their numbers alone. */
async function guestsOf(
  { registry }: Surroundings,
  { cluster, target, writes, sent }: About,
  signal: AbortSignal | undefined,
): Promise<NamedGuest[]> {
  const meant = new Map<string, Set<number>>();
  const add = (name: string, vmid: number) => meant.set(name, (meant.get(name) ?? new Set()).add(vmid));
  if (typeof target.vmid === 'number') add(cluster, target.vmid);
  for (const write of writes) for (const vmid of guestsIn(write, sent.get(write))) add(write.cluster ?? cluster, vmid);
  const found = await Promise.all(
    [...meant].map(async ([name, vmids]) => {
      const client = registry.getClient(name);
      const asked = await attempt(client.send(guestResources, {}, { type: 'vm' }, signal));
      const rows = 'error' in asked ? [] : asked.value.data.filter(({ vmid }) => vmids.has(vmid));
      return Promise.all(rows.map((row) => namedGuest(client, row, signal)));
    }),
  );
  return found.flat().sort((a, b) => a.cluster.localeCompare(b.cluster) || a.vmid - b.vmid);
}

/** The list does not know the name of a guest that was made within the last seconds. */
async function namedGuest(
  client: ProxmoxClient,
  { node, type, vmid, name }: GuestResource,
  signal: AbortSignal | undefined,
): Promise<NamedGuest> {
  const about = { cluster: client.config.name, vmid, node };
  if (name !== undefined) return { ...about, name };
  const asked = await attempt(client.send(guestConfig, { node, type, vmid }, { current: true }, signal));
  const config = 'error' in asked ? {} : asked.value.data;
  return { ...about, name: configText(config.name) ?? configText(config.hostname) };
}
