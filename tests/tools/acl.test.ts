import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let limited: Session;
const cluster = 'production';
const who = 'eyes@pve!only';

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  const env = { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' };
  session = await startSession(env);
  const secret = simulator.cluster(cluster).addToken(who, { '/': ['PVEAuditor'] });
  limited = await startSession({
    ...env,
    PROXMOX_CLUSTER_production_TOKEN_ID: who,
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});
afterAll(async () => {
  await Promise.all([session.close(), limited.close()]);
  await simulator.close();
});

const entries = (path: string) => simulator.cluster(cluster).state.acl.filter((entry) => entry.path === path);
const writes = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ method }) => method !== 'GET')).length;

let before = 0;
beforeEach(() => {
  before = writes();
});

describe('permissions', () => {
  const grant = { cluster, path: '/vms/100', roles: 'PVEVMUser', tokens: who };

  it('are given, and what that replaces is said', async () => {
    const plan = await session.call('proxmox-assign-permission', { ...grant, propagate: false, dry_run: true });
    expect(plan.data.plan).toMatchObject({
      writes: [
        {
          method: 'PUT',
          path: '/access/acl',
          parameters: { path: '/vms/100', roles: 'PVEVMUser', tokens: who, propagate: false },
        },
      ],
      notes: [expect.stringContaining(`replaces what ${who} inherits from /:`)],
    });
    expect(writes()).toBe(before);
    const { data } = await session.call('proxmox-assign-permission', grant);
    expect(data.result).toEqual({ path: '/vms/100', roles: ['PVEVMUser'], subjects: [who] });
    expect(entries('/vms/100')).toEqual([
      { path: '/vms/100', type: 'token', ugid: who, roleid: 'PVEVMUser', propagate: true },
    ]);
  });

  it('are listed, all or some', async () => {
    const { data } = await session.call('proxmox-list-acl', { cluster, path: '/vms/100', ugid: who });
    expect(data.items).toEqual([{ path: '/vms/100', type: 'token', ugid: who, roleid: 'PVEVMUser', propagate: true }]);
    const all = await session.call('proxmox-list-acl', { cluster });
    expect(all.data.total).toBe(simulator.cluster(cluster).state.acl.length);
  });

  it('come to what a token may do', async () => {
    const { data } = await session.call('proxmox-token-permissions', { cluster, userid: who, path: '/vms/100' });
    expect(data.items).toEqual([{ path: '/vms/100', privileges: expect.arrayContaining(['VM.Audit']) }]);
    const own = await limited.call('proxmox-token-permissions', { cluster });
    expect(own.data.items.map(({ path }: { path: string }) => path)).toContain('/');
  });

  it('are for somebody, by roles that are there', async () => {
    const nobody = await session.call('proxmox-assign-permission', { cluster, path: '/', roles: 'PVEAuditor' });
    const two = { path: '/', roles: 'PVEAuditor', users: 'ann\0bob@pve' };
    for (const { data } of [nobody, await session.call('proxmox-assign-permission', { cluster, ...two })])
      expect(data.error).toMatchObject({ code: 'INVALID_ARGUMENTS', arguments: [{ argument: 'users' }] });
    expect(writes()).toBe(before);
    const role = await session.call('proxmox-assign-permission', { ...grant, roles: 'Nope' });
    expect(role.isError).toBe(true);
    expect(role.text).toContain('Nope');
  });

  it('need the privilege to give them', async () => {
    const { data } = await limited.call('proxmox-assign-permission', grant);
    expect(data.error.code).toBe('PRIVILEGE_MISSING');
  });

  it('are taken back when confirmed', async () => {
    const plan = await session.call('proxmox-revoke-permission', grant);
    expect(plan.data.plan.writes).toEqual([
      {
        method: 'PUT',
        path: '/access/acl',
        parameters: { path: '/vms/100', roles: 'PVEVMUser', tokens: who, delete: true },
      },
    ]);
    expect(entries('/vms/100')).toHaveLength(1);
    await session.call('proxmox-revoke-permission', { ...grant, confirm: true });
    expect(entries('/vms/100')).toEqual([]);
    const sent = writes();
    const again = await session.call('proxmox-revoke-permission', { ...grant, confirm: true });
    expect(again.data.result).toMatchObject({ unchanged: expect.any(String) });
    expect(writes()).toBe(sent);
    await session.call('proxmox-assign-permission', grant);
    const both = { ...grant, roles: 'PVEVMUser,PVEVMAdmin', confirm: true };
    const part = await session.call('proxmox-revoke-permission', both);
    expect(part.data.notes).toEqual([expect.stringContaining('No PVEVMAdmin')]);
    expect(entries('/vms/100')).toEqual([]);
  });

  it.each(['NoAccess', 'PVEAuditor'])('of this server itself are not replaced by %s', async (roles) => {
    const own = simulator.env().PROXMOX_CLUSTER_production_TOKEN_ID;
    for (const who of [{ tokens: own }, { users: own?.replace(/!.*/, '') }]) {
      const args = { cluster, path: '/vms/100', roles, ...who };
      const { data } = await session.call('proxmox-assign-permission', args);
      expect(data.error).toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining("this server's own token"),
      });
    }
    expect(writes()).toBe(before);
  });
});
