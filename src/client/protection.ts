import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Endpoint } from '../pve/endpoint.js';
import { ApiError, type RequestError } from '../pve/errors.js';
import { configText, guestConfig, isDiskKey } from '../pve/guest-config.js';
import type { Params } from '../pve/params.js';
import { propertyFlag } from '../pve/property-string.js';
import { expandPath, methodOf } from '../pve/route.js';
import { Refused } from '../tools/refused.js';

interface Guest {
  readonly node: string;
  readonly type: string;
  readonly vmid: string;
}

const guestPath = '/nodes/(?<node>[^/]+)/(?<type>qemu|lxc)';
/** What loses data of a guest: it goes, it is set back, or another takes its place. */
const losses = [
  new RegExp(`^DELETE ${guestPath}/(?<vmid>\\d+)$`),
  new RegExp(`^POST ${guestPath}/(?<vmid>\\d+)/snapshot/[^/]+/rollback$`),
];
const change = new RegExp(`^(?:PUT|POST) ${guestPath}/(?<vmid>\\d+)/(?:config|unlink)$`);
const creation = new RegExp(`^POST ${guestPath}$`);

/**
 * Stops what would lose data of a guest with the flag `protection`. Proxmox itself refuses most of that, but only once a
 * plan was shown and agreed to.
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
  const guest = losingGuest(`${methodOf(route)} ${expandPath(route, path)}`, params);
  if (guest === undefined) return;
  const read = await attempt(client.send(guestConfig, { ...guest }, {}, signal));
  // Of a guest that is not there Proxmox has the last word; while its flag cannot be read, nothing of it is lost.
  if ('error' in read) {
    if (saysGone(read.error)) return;
    throw read.error;
  }
  if (!propertyFlag(configText(read.value.data.protection))) return;
  throw new Refused(
    `guest ${guest.vmid} has the flag 'protection'`,
    "Ask the user; proxmox-set-protection with 'on': false lifts it.",
  );
}

/** The guest that a request would lose data of. */
function losingGuest(request: string, params: Params): Guest | undefined {
  const loss = losses.map((pattern) => pattern.exec(request)?.groups).find((groups) => groups !== undefined);
  if (loss !== undefined) return guestOf(loss, loss.vmid);
  const changed = change.exec(request)?.groups;
  if (changed !== undefined) return takesDisk(params) ? guestOf(changed, changed.vmid) : undefined;
  const made = creation.exec(request)?.groups;
  return made !== undefined && params.force ? guestOf(made, String(params.vmid)) : undefined;
}

const guestOf = ({ node = '', type = '' }: Readonly<Record<string, string>>, vmid = ''): Guest => ({
  node,
  type,
  vmid,
});

const saysGone = (error: RequestError) =>
  error instanceof ApiError && (error.status === 404 || /does not exist/i.test(error.reason));

const takesDisk = ({ delete: taken, idlist }: Params) =>
  [taken, idlist].flat().some(
    (keys) =>
      keys !== undefined &&
      String(keys)
        .split(/[\s,;]+/)
        .some(isDiskKey),
  );
