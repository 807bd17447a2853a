import { AmbiguousGuestError, type GuestLocation, type GuestName, GuestNotFoundError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { ProxmoxClient } from '../pve/client.js';
import { type GuestResource, guestResources } from '../pve/discovery.js';

export type GuestKind = 'vm' | 'lxc' | 'guest';

const typeOf = { vm: 'qemu', lxc: 'lxc', guest: undefined } as const;

const fits = (guest: GuestName) => (row: GuestResource) =>
  (guest.vmid === undefined || row.vmid === guest.vmid) && (guest.name === undefined || row.name === guest.name);

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
  const named = data.filter(fits(guest));
  const type = typeOf[kind];
  const found = named.filter((row) => type === undefined || row.type === type);
  const [only, another] = found;
  if (only === undefined) throw new GuestNotFoundError(cluster, guest, kind, named.map(locate(cluster)));
  if (another !== undefined) throw new AmbiguousGuestError(cluster, guest, found.map(locate(cluster)));
  return only;
}

/** Where else a guest of that VMID or that name is, and which clusters could not be asked. */
export async function lookElsewhere(
  registry: ClusterRegistry,
  chosen: string,
  guest: GuestName,
  signal: AbortSignal | undefined,
): Promise<{ found: GuestLocation[]; unasked: string[] }> {
  const others = registry.listClusters().filter((name) => name !== chosen);
  const asked = await Promise.all(
    others.map(async (name) => {
      try {
        const { data } = await registry.getClient(name).send(guestResources, {}, { type: 'vm' }, signal);
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
  (guest.vmid !== undefined && row.vmid === guest.vmid) || (guest.name !== undefined && row.name === guest.name);
