import type { Cluster } from '../cluster.js';
import { isTemplate, maxCpu, maxDisk, maxMemory, nameOf } from '../guest.js';
import { measuredOf } from '../guest-statistics.js';
import type { JsonObject } from '../json.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { PoolState } from '../state.js';
import { isActive, isOnNode, usedOn } from '../storage.js';

function guestMembers(cluster: Cluster, pool: PoolState): JsonObject[] {
  return cluster.state.guests
    .filter((guest) => pool.vmids.includes(guest.vmid))
    .map((guest) => ({
      id: `${guest.type}/${guest.vmid}`,
      vmid: guest.vmid,
      type: guest.type,
      node: guest.node,
      name: nameOf(guest),
      status: guest.status,
      template: isTemplate(guest) ? 1 : 0,
      maxcpu: maxCpu(guest),
      maxmem: maxMemory(guest),
      maxdisk: maxDisk(guest),
      ...measuredOf(cluster, guest),
    }));
}

function storageMembers(cluster: Cluster, pool: PoolState): JsonObject[] {
  return cluster.state.storages
    .filter((entry) => pool.storages.includes(entry.storage))
    .flatMap((entry) =>
      cluster.state.nodes
        .filter(({ node }) => isOnNode(entry, node))
        .map(({ node }) => ({
          id: `storage/${node}/${entry.storage}`,
          type: 'storage',
          storage: entry.storage,
          node,
          content: entry.content.join(','),
          plugintype: entry.type,
          shared: entry.shared ? 1 : 0,
          status: isActive(entry, node) ? 'available' : 'unknown',
          disk: usedOn(entry, node),
          maxdisk: entry.total,
        })),
    );
}

function membersOf(cluster: Cluster, pool: PoolState, type: string | undefined): JsonObject[] {
  const guests = type === 'storage' ? [] : guestMembers(cluster, pool);
  const storages = type === undefined || type === 'storage' ? storageMembers(cluster, pool) : [];
  return [...guests.filter((guest) => type === undefined || guest.type === type), ...storages];
}

export function poolNamed(cluster: Cluster, poolid: string): PoolState {
  const pool = cluster.state.pools.find((entry) => entry.poolid === poolid);
  if (pool === undefined) throw died(`pool '${poolid}' does not exist`);
  return pool;
}

function commentOf(pool: PoolState): string | undefined {
  return pool.comment === '' ? undefined : pool.comment;
}

function listPools({ cluster, caller, params }: Call) {
  const poolid = params.optionalText('poolid');
  if (poolid !== undefined) {
    // no test of Pool.Audit: the real server makes one and forgets its result
    const pool = poolNamed(cluster, poolid);
    return [{ poolid, comment: commentOf(pool), members: membersOf(cluster, pool, params.optionalText('type')) }];
  }
  return cluster.state.pools
    .filter((pool) => caller.permissions.has(`/pool/${pool.poolid}`, 'Pool.Audit'))
    .map((pool) => ({ poolid: pool.poolid, comment: commentOf(pool) }));
}

function onePool({ cluster, params }: Call) {
  const pool = poolNamed(cluster, params.text('poolid'));
  return { comment: commentOf(pool), members: membersOf(cluster, pool, params.optionalText('type')) };
}

const memberTypes = { type: 'string', optional: true, enum: ['qemu', 'lxc', 'storage'] } as const;
const poolid = { type: 'string', format: 'pve-poolid' } as const;

export const poolRoutes: readonly Route[] = [
  {
    route: 'GET /pools',
    params: { poolid: { ...poolid, optional: true }, type: { ...memberTypes, requires: 'poolid' } },
    permission: 'all',
    handler: listPools,
  },
  {
    route: 'GET /pools/{poolid}',
    params: { poolid, type: memberTypes },
    permission: { path: '/pool/{poolid}', privileges: ['Pool.Audit'] },
    handler: onePool,
  },
];
