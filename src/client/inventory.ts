import { AmbiguousGuestError, type GuestLocation, type GuestName, GuestNotFoundError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { firstOf } from '../pve/first-of.js';
import { type GuestResource, guestResources } from '../pve/resources.js';
import type { Tool } from '../tools/define.js';

export type GuestKind = 'vm' | 'lxc' | 'guest';

const typeOf = { vm: 'qemu', lxc: 'lxc', guest: undefined } as const;

/** The guests of that VMID and name. Names are those of DNS, where case does not count; one that is exact goes first. */
export function named(rows: readonly GuestResource[], { vmid, name }: GuestName): readonly GuestResource[] {
  const numbered = vmid === undefined ? rows : rows.filter((row) => row.vmid === vmid);
  if (name === undefined) return numbered;
  const exact = numbered.filter((row) => row.name === name);
  return exact.length > 0 ? exact : numbered.filter((row) => sameName(row, name));
}

const sameName = (row: GuestResource, name: string) => row.name?.toLowerCase() === name.toLowerCase();

const locate =
  (cluster: string) =>
  ({ node, type, vmid, name }: GuestResource): GuestLocation => ({ cluster, node, type, vmid, name });

/**
 * The guest of one cluster that a call names, on whichever node it is now.
 * @throws {GuestNotFoundError} also when it is there and of the other kind
 * @throws {AmbiguousGuestError} when a name belongs to several
 */
export async function findGuest(
  client: ProxmoxClient,
  guest: GuestName,
  kind: GuestKind,
  signal: AbortSignal | undefined,
): Promise<GuestResource> {
  const cluster = client.config.name;
  const { data } = await client.send(guestResources, {}, { type: 'vm' }, signal);
  const fitting = named(data, guest);
  const type = typeOf[kind];
  const found = fitting.filter((row) => type === undefined || row.type === type);
  const [only, another] = found;
  if (only === undefined) {
    // The VMID of one guest and the name of another: both are told.
    const near = fitting.length > 0 ? fitting : data.filter((row) => resembles(row, guest));
    throw new GuestNotFoundError(cluster, guest, kind, near.map(locate(cluster)));
  }
  if (another !== undefined) throw new AmbiguousGuestError(cluster, guest, found.map(locate(cluster)));
  return only;
}

/** Of a guest that is to be made: which one of its cluster has that name already. It is allowed, and seldom meant. */
export async function namesakeNotes(
  client: () => ProxmoxClient,
  { scope }: Tool,
  { name, hostname }: { readonly name?: string | undefined; readonly hostname?: string | undefined },
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const wanted = name ?? hostname;
  if (scope !== 'creation' || wanted === undefined) return [];
  const asked = await attempt(client().send(guestResources, {}, { type: 'vm' }, signal));
  const found = 'error' in asked ? [] : asked.value.data.filter((row) => sameName(row, wanted));
  if (found.length === 0) return [];
  return [`A guest of that name was on ${client().config.name} already: ${found.map(({ vmid }) => vmid).join(', ')}.`];
}

const elsewhereSeconds = 5;

/** Where else a guest of that VMID or that name is, and which clusters could not be asked. */
export async function lookElsewhere(
  registry: ClusterRegistry,
  clock: Clock,
  chosen: string,
  guest: GuestName,
  signal: AbortSignal | undefined,
): Promise<{ found: GuestLocation[]; unasked: string[] }> {
  const others = registry.listClusters().filter((name) => name !== chosen);
  // A cluster that hangs must not hold an answer about another for as long as a read may take.
  const patience = clock.timeout(elsewhereSeconds * 1000);
  const either = signal === undefined ? patience : firstOf(signal, patience);
  const asked = await Promise.all(
    others.map(async (name) => {
      try {
        const { data } = await registry.getClient(name).send(guestResources, {}, { type: 'vm' }, either);
        return { found: data.filter((row) => resembles(row, guest)).map(locate(name)), unasked: [] };
      } catch {
        signal?.throwIfAborted();
        return { found: [], unasked: [name] };
      }
    }),
  );
  return { found: asked.flatMap(({ found }) => found), unasked: asked.flatMap(({ unasked }) => unasked) };
}

const resembles = (row: GuestResource, guest: GuestName) =>
  (guest.vmid !== undefined && row.vmid === guest.vmid) || (guest.name !== undefined && sameName(row, guest.name));
