import type { VmidRange, VmidSpan } from '../config/cluster-config.js';
import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import { endpoint } from '../pve/endpoint.js';
import { ApiError, ParameterError } from '../pve/errors.js';
import { number } from '../pve/loose.js';
import { guestResources } from '../pve/resources.js';
import { Refused } from '../tools/refused.js';
import type { Turns } from './turns.js';

/** Where a VMID is looked for. */
export interface VmidClaim {
  readonly client: ProxmoxClient;
  readonly turns: Turns;
  readonly signal: AbortSignal | undefined;
  /** Which VMIDs mean which cluster. */
  readonly vmidMap: readonly VmidRange[];
  /** Taken where it is free and the map does not give it to another cluster. */
  readonly preferred?: number | undefined;
  note(text: string): void;
}

const nextId = endpoint('GET /cluster/nextid', number);
const mostTries = 5;
/** VMIDs that are asked about one by one; those of guests that the token sees are skipped before. */
const mostAsked = 50;
const lowest = 100;
const highest = 999_999_999;

/**
 * Makes something under a VMID: the one given, or the next free one. `/cluster/nextid` reserves nothing, so only one of
 * ours looks at a time, and an id that somebody else took meanwhile is left to him.
 */
export async function claimVmid<T>(
  claim: VmidClaim,
  given: number | undefined,
  make: (vmid: number) => Promise<T>,
): Promise<T> {
  const { client, turns } = claim;
  if (given !== undefined) {
    const owner = ownerOf(given, claim.vmidMap);
    if (owner !== undefined && owner !== client.config.name)
      claim.note(`VMID ${given} is mapped to cluster ${owner}: name '${client.config.name}' in every call about it.`);
    return make(given);
  }
  const inTurn = async () => {
    for (let tries = 1; ; tries += 1) {
      const vmid = await freeVmid(claim);
      try {
        return await make(vmid);
      } catch (error) {
        if (!(error instanceof ApiError) || !/already exists/.test(error.reason) || tries === mostTries) throw error;
      }
    }
  };
  return turns.take(`vmid of ${client.config.name}`, inTurn, claim.signal);
}

const ownerOf = (vmid: number, map: readonly VmidRange[]) =>
  map.find(({ from, to }) => from <= vmid && vmid <= to)?.cluster;

/** The lowest free VMID that a later call about it would be routed by to this cluster, or to none by the map, and that its rules allow. */
async function freeVmid(claim: VmidClaim): Promise<number> {
  const { client, vmidMap, signal, preferred } = claim;
  const { name } = client.config;
  const own = vmidMap.filter(({ cluster }) => cluster === name).toSorted((a, b) => a.from - b.from);
  const allowed = allowedSpans(client);
  const isAllowed = (id: number) => allowed.every((spans) => within(spans, id));
  const fits = preferred !== undefined && ownerOf(preferred, vmidMap) === (own.length > 0 ? name : undefined);
  if (fits && isAllowed(preferred) && (await isFree(claim, preferred))) return preferred;
  const { data: next } = await client.send(nextId, {}, {}, signal);
  const owner = ownerOf(next, vmidMap);
  if (isAllowed(next) && (owner === name || (owner === undefined && own.length === 0))) return next;
  const { data: guests } = await client.send(guestResources, {}, { type: 'vm' }, signal);
  const taken = new Set(guests.map(({ vmid }) => vmid));
  const free = [{ from: allowed.length > 0 ? lowest : next, to: highest }];
  const ranges = allowed.reduce<readonly VmidSpan[]>(overlap, own.length > 0 ? own : free);
  let asked = 0;
  for (const candidate of idsOf(ranges, own.length > 0 ? [] : vmidMap)) {
    if (taken.has(candidate)) continue;
    if (asked === mostAsked) break;
    asked += 1;
    if (await isFree(claim, candidate)) return candidate;
  }
  throw new Refused(
    allowed.length > 0
      ? `no free VMID was found among those that the rules of cluster '${name}' allow`
      : `no free VMID was found among those that PROXMOX_CLUSTER_VMID_MAP gives to cluster '${name}'`,
    allowed.length > 0 ? "Give 'vmid', or tell the user." : "Give 'vmid', or have the map changed.",
  );
}

const within = (spans: readonly VmidSpan[], id: number) => spans.some(({ from, to }) => from <= id && id <= to);

const overlap = (some: readonly VmidSpan[], others: readonly VmidSpan[]): readonly VmidSpan[] =>
  some
    .flatMap((one) => others.map((other) => ({ from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })))
    .filter(({ from, to }) => from <= to)
    .toSorted((a, b) => a.from - b.from);

const allowedSpans = ({ config }: ProxmoxClient): (readonly VmidSpan[])[] =>
  (config.policy ?? []).flatMap((rule) => (rule.kind === 'allow_vmids' ? [rule.value] : []));

const isTaken = (error: unknown) =>
  error instanceof ParameterError || (error instanceof ApiError && /already exists/.test(error.reason));

async function isFree({ client, signal }: VmidClaim, candidate: number): Promise<boolean> {
  const free = await attempt(client.send(nextId, {}, { vmid: candidate }, signal));
  // Any other answer says nothing of the id.
  if ('error' in free && !isTaken(free.error)) throw free.error;
  return !('error' in free);
}

/** The ids of ranges, in order, without those of other ranges. */
function* idsOf(
  ranges: readonly { readonly from: number; readonly to: number }[],
  without: readonly VmidRange[],
): Generator<number> {
  for (const { from, to } of ranges) {
    for (let id = Math.max(from, 100); id <= to; id += 1) {
      const foreign = without.find((range) => range.from <= id && id <= range.to);
      if (foreign === undefined) yield id;
      else id = foreign.to;
    }
  }
}
