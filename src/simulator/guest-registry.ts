import type { Cluster } from './cluster.js';
import { maxMemory, sidOf } from './guest.js';
import { died, forbidden } from './pve-error.js';
import type { Call } from './route.js';
import type { GuestState, GuestType } from './state.js';

export function guestWith(cluster: Cluster, vmid: number): GuestState | undefined {
  return cluster.state.guests.find((guest) => guest.vmid === vmid);
}

export function alreadyExists(guest: GuestState): string {
  return `${guest.type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid} already exists on node '${guest.node}'`;
}

/** A guest that is in the making: others see nothing of it but its lock. */
export function registerGuest(
  cluster: Cluster,
  place: { readonly type: GuestType; readonly vmid: number; readonly node: string },
  lock: string,
): GuestState {
  const guest: GuestState = {
    ...place,
    status: 'stopped',
    createdAt: cluster.clock.now(),
    config: { lock },
    pending: {},
    snapshots: [],
    load: { cpu: 0.01, memory: 0, disk: 0, netin: 400, netout: 250, diskread: 0, diskwrite: 4_000 },
  };
  cluster.state.guests.push(guest);
  return guest;
}

/** What a guest measures once it has a configuration. */
export function settleLoad(guest: GuestState): void {
  guest.load.memory = Math.floor(maxMemory(guest) * 0.35);
  if (guest.type === 'lxc') guest.load.disk = 420 * 1024 ** 2;
}

/** Its ACL entries and its place in a pool go with a guest. */
export function forgetGuest(cluster: Cluster, guest: GuestState): void {
  const { state } = cluster;
  state.guests = state.guests.filter((entry) => entry !== guest);
  state.acl = state.acl.filter((entry) => entry.path !== `/vms/${guest.vmid}`);
  for (const pool of state.pools) pool.vmids = pool.vmids.filter((vmid) => vmid !== guest.vmid);
}

/** What `purge` removes besides: from backup jobs, replication and high availability. */
export function purgeGuest(cluster: Cluster, guest: GuestState): void {
  const { state } = cluster;
  for (const job of state.backupJobs) {
    job.vmids = job.vmids.filter((vmid) => vmid !== guest.vmid);
    job.exclude = job.exclude.filter((vmid) => vmid !== guest.vmid);
  }
  state.haResources = state.haResources.filter((resource) => resource.sid !== sidOf(guest));
  const { configuration } = state;
  configuration.replication = configuration.replication.filter((job) => !job.id.startsWith(`${guest.vmid}-`));
}

export function joinPool(cluster: Cluster, poolid: string | undefined, vmid: number): void {
  if (poolid === undefined) return;
  const pool = cluster.state.pools.find((entry) => entry.poolid === poolid);
  if (pool !== undefined && !pool.vmids.includes(vmid)) pool.vmids.push(vmid);
}

export function requirePool({ cluster }: Call, poolid: string | undefined): void {
  if (poolid === undefined || cluster.state.pools.some((pool) => pool.poolid === poolid)) return;
  throw died(`pool '${poolid}' does not exist`);
}

/** A new guest takes the right to make it where it will be: by its number, or by its pool. */
export function requireAllocate(call: Call, vmid: number, pool: string | undefined): void {
  const { permissions } = call.caller;
  if (permissions.has(`/vms/${vmid}`, 'VM.Allocate')) return;
  if (pool !== undefined && permissions.has(`/pool/${pool}`, 'VM.Allocate')) return;
  throw forbidden();
}

export function requireOn(call: Call, path: string, privilege: string): void {
  if (!call.caller.permissions.has(path, privilege)) throw forbidden(`${path}, ${privilege}`);
}
