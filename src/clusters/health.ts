import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { clusterStatus, nodes, type Permissions, permissions, version } from '../pve/discovery.js';
import { ApiError, ForbiddenError, UnauthorizedError } from '../pve/errors.js';
import { type ClusterIdentity, readIdentity } from './identity.js';

/** What a check of one cluster found. */
export interface ClusterHealth {
  readonly cluster: string;
  /** Milliseconds since the epoch. */
  readonly checkedAt: number;
  /** Whether the API answered at all, be it with a refusal. */
  readonly reachable: boolean;
  /** Absent when the cluster did not answer, or with an error that does not tell. */
  readonly tokenAccepted?: boolean;
  /** Milliseconds of one `GET /version`. */
  readonly latency?: number;
  /** `9.2.3` */
  readonly version?: string;
  /** Proxmox's own name of the cluster; absent for a stand-alone host. */
  readonly clusterName?: string;
  /** Absent where the token may not see it (`Sys.Audit` on `/`). */
  readonly identity?: ClusterIdentity;
  readonly nodes?: { readonly online: readonly string[]; readonly offline: readonly string[] };
  /** Absent where the token may not see it (`Sys.Audit` on `/`) and on a stand-alone host. */
  readonly quorate?: boolean;
  /** What the token may do, by ACL path. */
  readonly privileges?: Permissions;
  /** Why the check ended early, or what it could not see. */
  readonly failure?: Error;
}

/** Asks a cluster how it is. Never rejects, unless by the signal: what went wrong stands in `failure`. */
export async function checkHealth(client: ProxmoxClient, clock: Clock, signal?: AbortSignal): Promise<ClusterHealth> {
  const cluster = client.config.name;
  const began = clock.now();
  const base = { cluster, checkedAt: began };
  try {
    await client.reopen(signal);
    const { data } = await client.send(version, {}, {}, signal);
    const answered = { ...base, reachable: true, tokenAccepted: true, latency: clock.now() - began };
    return { ...answered, version: data.version, ...(await look(client, signal)) };
  } catch (error) {
    signal?.throwIfAborted();
    const failure = error instanceof Error ? error : new Error(String(error));
    if (failure instanceof UnauthorizedError) return { ...base, reachable: true, tokenAccepted: false, failure };
    return { ...base, reachable: failure instanceof ApiError, failure };
  }
}

async function look(client: ProxmoxClient, signal?: AbortSignal) {
  const [nodeRows, status, granted] = await Promise.allSettled([
    client.send(nodes, {}, {}, signal),
    client.send(clusterStatus, {}, {}, signal),
    client.send(permissions, {}, {}, signal),
  ]);
  signal?.throwIfAborted();
  const failed = [nodeRows, status, granted].flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  const failure = failed.find((reason) => !(reason instanceof ForbiddenError));
  const rows = status.status === 'fulfilled' ? status.value.data : [];
  const row = rows.find(({ type }) => type === 'cluster');
  const identity = await readIdentity(client, rows, signal);
  return {
    ...(nodeRows.status === 'fulfilled' ? { nodes: byStatus(nodeRows.value.data) } : {}),
    ...(row === undefined ? {} : { clusterName: row.name }),
    ...(identity === undefined ? {} : { identity }),
    ...(row?.quorate === undefined ? {} : { quorate: row.quorate }),
    ...(granted.status === 'fulfilled' ? { privileges: granted.value.data } : {}),
    ...(failure instanceof Error ? { failure } : {}),
  };
}

function byStatus(rows: readonly { readonly node: string; readonly status: string }[]) {
  const named = (online: boolean) =>
    rows.filter(({ status }) => (status === 'online') === online).map(({ node }) => node);
  return { online: named(true).sort(), offline: named(false).sort() };
}
