import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { row, rows, send } from './request.js';

let simulator: Simulator;
let production: SimulatedCluster;
let staging: SimulatedCluster;

beforeAll(async () => {
  simulator = await startSimulator({ authDelayMs: 0 });
  production = simulator.cluster('production');
  staging = simulator.cluster('staging');
});

afterAll(() => simulator.close());

function tokenWith(acl: Record<string, string[]>, name: string, cluster = production): string {
  const id = `tester@pve!${name}`;
  return `${id}=${cluster.addToken(id, acl)}`;
}

describe('authentication', () => {
  test.each([
    ['production', 'mcp@pve!main=wrong', 'Authentication failed!'],
    ['production', 'mcp@pve!other=x', 'Authentication failed!'],
    ['staging', 'mcp@pve!main=wrong', 'invalid token value!'],
    ['staging', 'mcp@pve!other=x', "no such token 'other' for user 'mcp@pve'"],
    ['staging', 'nobody@pve!any=x', "no such user ('nobody@pve')"],
  ])('on %s with %s', async (name, token, reason) => {
    const answer = await send(simulator.cluster(name), '/version', { token });
    expect(answer).toMatchObject({ status: 401, reason, text: '' });
  });

  test('without credentials there is no ticket', async () => {
    for (const cluster of simulator.clusters) {
      expect(await send(cluster, '/version', { token: false })).toMatchObject({ status: 401, reason: 'No ticket' });
    }
    expect((await send(production, '/access/domains', { token: false })).status).toBe(200);
  });

  test('takes a space for the first equals sign, and an encoded value', async () => {
    const value = `${production.tokenId}=${production.tokenSecret}`;
    for (const header of [`PVEAPIToken ${value}`, `PVEAPIToken=${encodeURIComponent(value)}`]) {
      const answer = await send(production, '/version', { token: false, headers: { Authorization: header } });
      expect(answer.status).toBe(200);
    }
  });

  test('lets a stale cookie beat a good token', async () => {
    const answer = await send(staging, '/version', { headers: { Cookie: 'PVEAuthCookie=stale' } });
    expect(answer).toMatchObject({ status: 401, reason: 'permission denied - invalid PVE ticket' });
  });

  test('holds a refusal back', async () => {
    const slow = await startSimulator({ world: 'single', authDelayMs: 150, http: true });
    const [cluster] = slow.clusters;
    if (cluster === undefined) throw new Error('no cluster');
    const begin = performance.now();
    await send(cluster, '/version', { token: false });
    expect(performance.now() - begin).toBeGreaterThan(140);
    await slow.close();
  });
});

describe('permissions', () => {
  test('are checked before parameters and before the guest is looked up', async () => {
    const token = tokenWith({ '/vms/100': ['VM.Audit'] }, 'one');
    const path = '/nodes/pve1/qemu/999/config?nonsense=1';
    expect(await send(production, path, { token })).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/vms/999, VM.Audit)',
    });
    expect((await send(production, '/nodes/pve1/qemu/100/config', { token })).status).toBe(200);
    const power = await send(production, '/nodes/pve1/qemu/100/status/stop', { token, method: 'POST' });
    expect(power.reason).toBe('Permission check failed (/vms/100, VM.PowerMgmt)');
  });

  test('name alternatives', async () => {
    const token = tokenWith({}, 'none');
    expect((await send(production, '/nodes/pve1/storage/local/status', { token })).reason).toBe(
      'Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)',
    );
    const agent = '/qemu/0/agent/get-osinfo';
    expect((await send(production, `/nodes/pve1${agent.replace('0', '100')}`, { token })).reason).toBe(
      'Permission check failed (/vms/100, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)',
    );
    const old = tokenWith({}, 'none', staging);
    expect((await send(staging, `/nodes/pve-stg1${agent.replace('0', '200')}`, { token: old })).reason).toBe(
      'Permission check failed (/vms/200, VM.Monitor)',
    );
  });

  test('are those of the user and of the token both', async () => {
    const secret = production.addToken('monitoring@pve!greedy', { '/': ['Administrator'] });
    const token = `monitoring@pve!greedy=${secret}`;
    const granted = row(await send(production, '/access/permissions?path=/vms/100', { token }));
    expect(granted).toMatchObject({ '/vms/100': { 'VM.Audit': 1 } });
    expect(Object.keys(row({ ...(await send(production, '/version')), data: granted['/vms/100'] }))).not.toContain(
      'VM.Allocate',
    );
  });

  test('come from a pool, and a deeper entry replaces what is inherited', async () => {
    const pool = tokenWith({ '/pool/web': ['Operator'] }, 'pool');
    const guests = rows(await send(production, '/cluster/resources?type=vm', { token: pool }));
    expect(guests.map((guest) => guest.vmid)).toEqual([100, 101, 102, 107, 108]);
    expect(guests.every((guest) => guest.pool === undefined)).toBe(true);
    const barred = tokenWith({ '/': ['PVEVMAdmin'], '/vms/103': ['NoAccess'] }, 'barred');
    expect((await send(production, '/nodes/pve1/qemu/103/config', { token: barred })).status).toBe(403);
    expect((await send(production, '/nodes/pve1/qemu/100/config', { token: barred })).status).toBe(200);
  });

  test('show whether they propagate', async () => {
    const token = tokenWith({ '/vms/100': ['VM.Audit'] }, 'propagation');
    const entry = production.state.acl.find((one) => one.ugid === 'tester@pve!propagation');
    if (entry === undefined) throw new Error('no entry');
    entry.propagate = false;
    const own = await send(production, '/access/permissions', { token });
    expect(own.data).toEqual({ '/vms/100': { 'VM.Audit': 0 } });
    const other = await send(production, '/access/permissions?userid=root@pam', { token });
    expect(other.reason).toBe('Permission check failed (/access, Sys.Audit)');
  });

  test('are changed by PUT /access/acl', async () => {
    const token = tokenWith({}, 'later');
    const body = new URLSearchParams({ path: '/vms/100', roles: 'PVEAuditor', tokens: 'tester@pve!later' });
    const put = await send(production, '/access/acl', { method: 'PUT', body: body.toString() });
    expect(put.body).toEqual({ data: null });
    expect((await send(production, '/nodes/pve1/qemu/100/config', { token })).status).toBe(200);
    body.set('delete', '1');
    await send(production, '/access/acl', { method: 'PUT', body: body.toString() });
    expect((await send(production, '/nodes/pve1/qemu/100/config', { token })).status).toBe(403);
  });

  test('differ between the versions', async () => {
    const newer = row(await send(production, '/access/roles/PVEVMUser'));
    expect(newer).toHaveProperty(['VM.GuestAgent.FileRead']);
    const older = row(await send(staging, '/access/roles/PVEVMAdmin'));
    expect(older).toHaveProperty(['VM.Monitor']);
    expect(older).not.toHaveProperty(['VM.Replicate']);
  });
});

describe('lists leave out what may not be seen', () => {
  test.each([
    '/cluster/resources?type=vm',
    '/cluster/resources?type=storage',
    '/nodes/pve1/qemu',
    '/nodes/pve1/lxc',
    '/nodes/pve1/storage',
    '/nodes/pve1/tasks',
    '/nodes/pve1/network?type=any_bridge',
    '/storage',
    '/pools',
    '/cluster/tasks',
    '/access/users',
    '/access/groups',
    '/access/acl',
  ])('%s', async (path) => {
    const token = tokenWith({}, 'blind');
    const all = rows(await send(production, path));
    const seen = await send(production, path, { token });
    expect(all.length).toBeGreaterThan(0);
    expect(seen).toMatchObject({ status: 200, data: [] });
  });

  test('nodes are listed without numbers', async () => {
    const token = tokenWith({}, 'blind');
    const [node] = rows(await send(production, '/nodes', { token }));
    expect(node).toMatchObject({ node: 'pve1', status: 'online' });
    expect(node).not.toHaveProperty('maxmem');
  });

  test('archives take more than an audit', async () => {
    const audit = tokenWith({ '/': ['PVEAuditor'] }, 'auditor');
    const path = '/nodes/pve1/storage/pbs-backup/content?content=backup';
    expect(rows(await send(production, path, { token: audit }))).toEqual([]);
    expect(rows(await send(production, '/nodes/pve1/storage/local/content', { token: audit })).length).toBe(2);
    const one = tokenWith({ '/storage': ['PVEDatastoreUser'], '/vms/100': ['VM.Backup'] }, 'backup');
    const seen = rows(await send(production, path, { token: one }));
    expect(seen.map((volume) => volume.vmid)).toEqual([100, 100]);
  });
});
