import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Endpoint } from '../pve/endpoint.js';
import { ApiError, type RequestError } from '../pve/errors.js';
import { configText, guestConfig, isDiskKey } from '../pve/guest-config.js';
import type { Params } from '../pve/params.js';
import { type Asked, isSet, readAsked, requestPattern } from '../pve/policy/asked.js';
import { propertyFlag } from '../pve/property-string.js';
import { guestResources } from '../pve/resources.js';
import { expandPath, methodOf } from '../pve/route.js';
import { ownersOf } from '../pve/volume-owner.js';
import { Refused } from '../tools/refused.js';

interface Guest {
  readonly node: string;
  readonly type: string;
  readonly vmid: string;
  /** Whether it is known to be on this node and of this type, if anywhere. */
  readonly placed: boolean;
}

type Groups = Readonly<Record<string, string>>;

/** A request by which a guest loses data: it goes, or a disk of it, it is set back, or another takes its place. */
interface Loss {
  readonly route: string;
  /** Whose data it is with these parameters; without this always that of the guest in the path. */
  readonly of?: (params: Params, groups: Groups) => readonly string[];
}

const own = (loses: boolean, { vmid = '' }: Groups) => (loses ? [vmid] : []);

const ofGuest = '/nodes/{node}/(?<type>qemu|lxc)';
const losses: readonly Loss[] = [
  { route: `DELETE ${ofGuest}/{vmid}` },
  { route: `POST ${ofGuest}/{vmid}/snapshot/{snapname}/rollback` },
  {
    route: `(?:PUT|POST) ${ofGuest}/{vmid}/(?:config|unlink)`,
    of: (params, path) => [...own(takesDisk(params), path), ...ownersOfAttached(params, path.vmid)],
  },
  {
    route: `POST ${ofGuest}/{vmid}/(?:move_disk|move_volume)`,
    of: ({ 'target-vmid': target }, path) => own(target !== undefined && Number(target) !== Number(path.vmid), path),
  },
  { route: `POST ${ofGuest}/{vmid}/remote_migrate`, of: (params, path) => own(isSet(params.delete), path) },
  {
    route: `POST ${ofGuest}`,
    of: (params) => [
      ...(isSet(params.force) ? [String(params.vmid)] : []),
      ...ownersOfAttached(params, String(params.vmid)),
    ],
  },
  { route: 'DELETE /nodes/{node}/storage/{storage}/content/{volume}', of: (_, { volume }) => ownersOfDisk(volume) },
];
const patterns = losses.map((loss) => ({ loss, pattern: requestPattern(loss.route) }));

/**
 * Stops what would lose data of a guest with the flag `protection`. Proxmox itself refuses a part of that, and only once
 * a plan was shown and agreed to.
 * @throws {Refused}
 * @throws {RequestError} where it cannot be read
 */
export async function refuseProtected(
  client: ProxmoxClient,
  { route }: Endpoint,
  path: Readonly<Record<string, unknown>>,
  params: Params = {},
  signal?: AbortSignal,
): Promise<void> {
  const asked = readAsked({ method: methodOf(route), path: expandPath(route, path) }, params);
  // What is no path that can be read is a loss of nobody knows whom.
  if (asked === undefined)
    throw new Refused('what the server would make of this path cannot be told', 'Write the names in it as listed.');
  for (const guest of losingGuests(asked)) {
    if (!(await isProtected(client, guest, signal))) continue;
    throw new Refused(
      `guest ${guest.vmid} has the flag 'protection'`,
      "Ask the user; proxmox-set-protection with 'on': false lifts it.",
    );
  }
}

/** Of a guest that is not there Proxmox has the last word; while the flag cannot be read, nothing of the guest is lost. */
async function isProtected(client: ProxmoxClient, guest: Guest, signal: AbortSignal | undefined): Promise<boolean> {
  const { node, type, vmid } = guest.placed ? guest : await placeOf(client, guest, signal);
  const read = await attempt(client.send(guestConfig, { node, type, vmid }, {}, signal));
  if (!('error' in read)) return propertyFlag(configText(read.value.data.protection)) === true;
  if (saysGone(read.error)) return false;
  throw read.error;
}

/** The guest that has a VMID. Of one that is not listed, asking the node tells whether the token may see it at all. */
async function placeOf(client: ProxmoxClient, guest: Guest, signal: AbortSignal | undefined): Promise<Guest> {
  const { data } = await client.send(guestResources, {}, { type: 'vm' }, signal);
  const row = data.find(({ vmid }) => String(vmid) === guest.vmid);
  return row === undefined ? guest : { ...guest, node: row.node, type: row.type };
}

/** The guests that a request would lose data of. */
function losingGuests({ request, params }: Asked): Guest[] {
  for (const { loss, pattern } of patterns) {
    const groups = pattern.exec(request)?.groups;
    if (groups === undefined) continue;
    const { node = '', type = 'qemu', vmid = '' } = groups;
    const vmids = new Set(loss.of?.(params, groups) ?? [vmid]);
    return [...vmids].map((one) => ({ node, type, vmid: one, placed: one === groups.vmid }));
  }
  return [];
}

const saysGone = (error: RequestError) =>
  error instanceof ApiError && (error.status === 404 || /does not exist/i.test(error.reason));

function takesDisk({ delete: taken, idlist }: Params): boolean {
  const keys = [taken, idlist].flat().filter((one) => one !== undefined);
  return keys.some((list) =>
    String(list)
      .split(/[\s,;\0]+/)
      .some(isDiskKey),
  );
}

/** Whose volumes a guest is given as disks; from there they could be moved, and deleted after a move. What is imported is copied. */
function ownersOfAttached(params: Params, vmid: string | undefined): string[] {
  const lines = Object.entries(params).flatMap(([key, value]) => (isDiskKey(key) ? [value].flat().map(String) : []));
  const volumes = lines.flatMap((line) => line.split(',')).map((part) => part.replace(/^(?:file|volume)=/, ''));
  return volumes
    .filter((volume) => !volume.includes('='))
    .flatMap(ownersOfDisk)
    .filter((owner) => owner !== vmid);
}

/** A backup is no disk of its guest, and has a protection of its own. */
function ownersOfDisk(volume = ''): string[] {
  return /^(?:[^/:]+:)?backup\//.test(volume) ? [] : ownersOf(volume).map(String);
}
