import type { Cluster } from '../cluster.js';
import { splitList } from '../parameter-format.js';
import { died, forbidden } from '../pve-error.js';
import type { Call } from '../route.js';
import type { PoolState } from '../state.js';
import type { Handler } from './declaration.js';
import { poolNamed } from './pools.js';

function create({ cluster, params }: Call) {
  const poolid = params.text('poolid');
  const { pools } = cluster.state;
  if (pools.some((pool) => pool.poolid === poolid)) throw died(`create pool failed: pool '${poolid}' already exists`);
  const parent = poolid.includes('/') ? poolid.replace(/\/[^/]+$/, '') : undefined;
  if (parent !== undefined && !pools.some((pool) => pool.poolid === parent)) {
    throw died(`create pool failed: parent '${parent}' of pool '${poolid}' does not exist`);
  }
  pools.push({ poolid, comment: params.optionalText('comment') ?? '', vmids: [], storages: [] });
  return null;
}

function requireOver({ caller }: Call, path: string, privilege: string): void {
  if (!caller.permissions.hasAny(path, ['Permissions.Modify', privilege])) throw forbidden(`${path}, ${privilege}`);
}

function addGuest({ cluster, params }: Call, pool: PoolState, vmid: number): void {
  if (!cluster.state.guests.some((guest) => guest.vmid === vmid)) {
    throw died(`update pools failed: no such VM ('${vmid}')`);
  }
  const holder = cluster.state.pools.find((entry) => entry.vmids.includes(vmid));
  if (holder === pool) throw died(`update pools failed: VM ${vmid} is already a pool member`);
  if (holder !== undefined && !params.flag('allow-move')) {
    throw died(
      `update pools failed: VM ${vmid} belongs already to pool '${holder.poolid}' and 'allow-move' is not set`,
    );
  }
  if (holder !== undefined) holder.vmids = holder.vmids.filter((one) => one !== vmid);
  pool.vmids.push(vmid);
}

function addStorage(cluster: Cluster, pool: PoolState, storage: string): void {
  if (!cluster.state.storages.some((entry) => entry.storage === storage)) {
    throw died(`update pools failed: storage '${storage}' does not exist`);
  }
  if (pool.storages.includes(storage)) throw died(`update pools failed: Storage '${storage}' is already a pool member`);
  pool.storages.push(storage);
}

function removeGuest(pool: PoolState, vmid: number): void {
  if (!pool.vmids.includes(vmid)) throw died(`update pools failed: VM ${vmid} is not a pool member`);
  pool.vmids = pool.vmids.filter((one) => one !== vmid);
}

function removeStorage(pool: PoolState, storage: string): void {
  if (!pool.storages.includes(storage)) throw died(`update pools failed: Storage '${storage}' is not a pool member`);
  pool.storages = pool.storages.filter((one) => one !== storage);
}

function change(call: Call) {
  const { cluster, params } = call;
  const pool = poolNamed(cluster, params.text('poolid'));
  const vmids = splitList(params.optionalText('vms') ?? '').map(Number);
  const storages = splitList(params.optionalText('storage') ?? '');
  for (const vmid of vmids) requireOver(call, `/vms/${vmid}`, 'VM.Allocate');
  for (const storage of storages) requireOver(call, `/storage/${storage}`, 'Datastore.Allocate');
  const gone = params.flag('delete');
  for (const vmid of vmids) gone ? removeGuest(pool, vmid) : addGuest(call, pool, vmid);
  for (const storage of storages) gone ? removeStorage(pool, storage) : addStorage(cluster, pool, storage);
  pool.comment = params.optionalText('comment') ?? pool.comment;
  return null;
}

function remove({ cluster, params }: Call) {
  const poolid = params.text('poolid');
  const { state } = cluster;
  const pool = poolNamed(cluster, poolid);
  const child = state.pools.find((entry) => entry.poolid.startsWith(`${poolid}/`));
  const refuse = (why: string) => died(`delete pool failed: ${why}`);
  if (child !== undefined) throw refuse(`pool '${poolid}' is not empty (contains pool '${child.poolid}')`);
  const [vmid] = pool.vmids;
  if (vmid !== undefined) throw refuse(`pool '${poolid}' is not empty (contains VM ${vmid})`);
  const [storage] = pool.storages;
  if (storage !== undefined) throw refuse(`pool '${poolid}' is not empty (contains storage '${storage}')`);
  state.pools = state.pools.filter((entry) => entry !== pool);
  state.acl = state.acl.filter((entry) => entry.path !== `/pool/${poolid}`);
  return null;
}

export const poolChangeHandlers: Readonly<Record<string, Handler>> = {
  'POST /pools': create,
  'PUT /pools': change,
  'DELETE /pools': remove,
  'PUT /pools/{poolid}': change,
  'DELETE /pools/{poolid}': remove,
};
