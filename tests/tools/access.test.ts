import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let limited: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  const secret = simulator.cluster('production').addToken('few@pve!mcp', { '/vms': ['VM.Audit'] });
  limited = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});

afterAll(async () => {
  await Promise.all([session?.close(), limited?.close()]);
  await simulator?.close();
});

const stateOf = (cluster: string) => simulator.cluster(cluster).state;

describe('proxmox-list-pools', () => {
  it('lists the pools by name', async () => {
    const { data } = await session.call('proxmox-list-pools', { cluster: 'production' });
    const expected = stateOf('production').pools.map(({ poolid, comment }) => ({ poolid, comment }));
    expect(data.items).toEqual(expected.sort((a, b) => (a.poolid < b.poolid ? -1 : 1)));
  });

  it.each(['production', 'staging'])('gives one pool with its members, on %s', async (cluster) => {
    const pool = stateOf(cluster).pools.find(({ poolid }) => poolid === 'web');
    if (pool === undefined) throw new Error('no pool');
    pool.storages = ['nfs-shared'];
    const { data } = await session.call('proxmox-list-pools', { cluster, poolid: 'web' });
    const guests = stateOf(cluster).guests.filter(({ vmid }) => pool.vmids.includes(vmid));
    const [only] = data.items;
    expect(data.total).toBe(1);
    expect(only).toMatchObject({ poolid: 'web', comment: pool.comment });
    const members: Record<string, unknown>[] = only.members;
    expect(members.slice(0, guests.length)).toEqual(
      guests
        .sort((a, b) => a.vmid - b.vmid)
        .map(({ vmid, type, node, status, config }) => ({
          type,
          vmid,
          name: config.name ?? config.hostname,
          node,
          status,
        })),
    );
    expect(members.slice(guests.length).every(({ storage }) => storage === 'nfs-shared')).toBe(true);
    // The form that 8.1 brought; the old one cannot name a nested pool.
    expect(simulator.cluster(cluster).requests.at(-1)).toMatchObject({ path: '/pools', params: { poolid: 'web' } });
    pool.storages = [];
  });

  it('says what the server says of a pool that is not there', async () => {
    const { data, isError } = await session.call('proxmox-list-pools', { cluster: 'production', poolid: 'nope' });
    expect(isError).toBe(true);
    expect(data.error).toMatchObject({ code: 'PROXMOX_ERROR', proxmox_says: "pool 'nope' does not exist" });
  });

  it('names the privilege that an empty list may be for want of', async () => {
    const { data } = await limited.call('proxmox-list-pools', { cluster: 'production' });
    expect(data.items).toEqual([]);
    expect(data.notes).toEqual([expect.stringContaining('lacks Pool.Audit on /pool')]);
  });
});

describe('proxmox-list-users', () => {
  it('lists users with groups and tokens, and never a secret', async () => {
    const { data, text } = await session.call('proxmox-list-users', { cluster: 'production' });
    const { users, groups } = stateOf('production');
    expect(data.items.map(({ userid }: { userid: string }) => userid)).toEqual(
      users.map(({ userid }) => userid).sort(),
    );
    for (const row of data.items) {
      const user = users.find(({ userid }) => userid === row.userid);
      expect(row).toMatchObject({
        enabled: user?.enable,
        expire: null,
        realm: row.userid.split('@')[1],
        groups: groups.filter((group) => group.users.includes(row.userid)).map(({ groupid }) => groupid),
      });
      expect(row.tokens).toEqual(
        user?.tokens.map(({ tokenid, privsep, expire, comment }) => ({
          tokenid,
          privsep,
          expire: expire === 0 ? null : new Date(expire * 1000).toISOString().replace('.000Z', 'Z'),
          ...(comment === undefined ? {} : { comment }),
        })),
      );
    }
    for (const { secret } of users.flatMap(({ tokens }) => tokens)) expect(text).not.toContain(secret);
    const alice = data.items.find(({ userid }: { userid: string }) => userid === 'alice@pve');
    expect(alice).toMatchObject({ firstname: 'Alice', lastname: 'Keller', email: 'alice@example.com' });
  });

  it('names the privilege that an empty list may be for want of', async () => {
    const { data } = await limited.call('proxmox-list-users', { cluster: 'production' });
    expect(data.items).toEqual([]);
    expect(data.notes).toEqual([expect.stringContaining('User.Modify or Sys.Audit')]);
  });

  it('refuses an argument that it does not take', async () => {
    const { data, isError } = await session.call('proxmox-list-users', { clutser: 'staging' });
    expect(isError).toBe(true);
    expect(data.error.arguments[0].message).toContain("did you mean 'cluster'?");
  });
});

describe('proxmox-list-roles', () => {
  const rolesOn = async (cluster: string): Promise<Record<string, { special: boolean; privileges: string[] }>> => {
    const { data } = await session.call('proxmox-list-roles', { cluster, limit: 100 });
    return Object.fromEntries(data.items.map(({ roleid, ...rest }: Record<string, string>) => [roleid, rest]));
  };

  it('lists built-in roles and those of the administrator', async () => {
    const roles = await rolesOn('production');
    const own = stateOf('production').roles.find(({ roleid }) => roleid === 'Operator');
    expect(roles.Operator).toEqual({ special: false, privileges: own?.privileges });
    expect(roles.NoAccess).toEqual({ special: true, privileges: [] });
  });

  it('shows what a version knows: VM.Monitor went in 9, VM.GuestAgent.* came', async () => {
    const [old, present] = [await rolesOn('staging'), await rolesOn('production')];
    expect(old.Administrator?.privileges).toContain('VM.Monitor');
    expect(present.Administrator?.privileges).not.toContain('VM.Monitor');
    expect(present.Administrator?.privileges).toContain('VM.GuestAgent.Audit');
  });

  it('refuses a field that it does not have', async () => {
    const { data, isError } = await session.call('proxmox-list-roles', { fields: ['privs'] });
    expect(isError).toBe(true);
    expect(data.error.arguments[0]).toMatchObject({ argument: 'fields' });
  });
});
