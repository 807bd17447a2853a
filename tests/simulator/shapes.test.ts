import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { row, rows, send } from './request.js';

const clock = new ManualClock();
let simulator: Simulator;
let production: SimulatedCluster;
let staging: SimulatedCluster;

beforeAll(async () => {
  simulator = await startSimulator({ http: true, clock, authDelayMs: 0 });
  production = simulator.cluster('production');
  staging = simulator.cluster('staging');
});

afterAll(() => simulator.close());

async function resource(cluster: SimulatedCluster, id: string, query = ''): Promise<Record<string, unknown>> {
  const found = rows(await send(cluster, `/cluster/resources${query}`)).find((entry) => entry.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

describe('/cluster/resources', () => {
  test('has rows of every type, per version', async () => {
    const types = async (cluster: SimulatedCluster, query = '') =>
      [...new Set(rows(await send(cluster, `/cluster/resources${query}`)).map((entry) => entry.type))].sort();
    expect(await types(production)).toEqual(['lxc', 'network', 'node', 'pool', 'qemu', 'storage']);
    expect(await types(staging)).toEqual(['lxc', 'node', 'pool', 'qemu', 'sdn', 'storage']);
    expect(await types(production, '?type=vm')).toEqual(['lxc', 'qemu']);
    expect(await types(production, '?type=sdn')).toEqual([]);
    expect(await types(staging, '?type=sdn')).toEqual(['sdn']);
    expect((await send(production, '/cluster/resources?type=pool')).status).toBe(400);
  });

  test('has the QMP state, lock, pool and HA state of a guest', async () => {
    expect(await resource(production, 'qemu/146')).toMatchObject({ status: 'paused', disk: 0 });
    expect(await resource(production, 'qemu/104')).toMatchObject({ lock: 'backup', pool: 'data' });
    expect(await resource(production, 'qemu/103')).toMatchObject({ hastate: 'started', maxcpu: 8 });
    expect(await resource(production, 'qemu/103')).toHaveProperty('memhost');
    expect(await resource(staging, 'qemu/202')).not.toHaveProperty('memhost');
    expect(await resource(production, 'qemu/110')).toMatchObject({ template: 1, status: 'stopped' });
  });

  test('lists a shared storage once a node, and a pool with its slash', async () => {
    const list = rows(await send(production, '/cluster/resources?type=storage'));
    expect(list.filter((entry) => entry.storage === 'pbs-backup')).toHaveLength(3);
    expect(await resource(production, '/pool/web')).toEqual({ id: '/pool/web', pool: 'web', type: 'pool' });
  });

  test('knows no more than the place of a new guest until the next broadcast', async () => {
    const guest = production.state.guests.find((entry) => entry.vmid === 145);
    if (guest === undefined) throw new Error('no guest');
    guest.createdAt = clock.now();
    expect(await resource(production, 'qemu/145')).toEqual({
      id: 'qemu/145',
      vmid: 145,
      type: 'qemu',
      node: 'pve3',
      status: 'unknown',
      tags: 'legacy',
    });
    clock.advance(10);
    expect(await resource(production, 'qemu/145')).toMatchObject({ name: 'legacy-erp', status: 'stopped' });
  });
});

describe('guests', () => {
  test('have loose types', async () => {
    const [old] = rows(await send(staging, '/nodes/pve-stg1/lxc'));
    const [fresh] = rows(await send(production, '/nodes/pve1/lxc'));
    expect(typeof old?.vmid).toBe('string');
    expect(typeof fresh?.vmid).toBe('number');
    const config = row(await send(production, '/nodes/pve1/qemu/100/config'));
    expect(config).toMatchObject({ memory: '8192', cores: 4 });
    expect(config.net0).toMatch(/^virtio=BC:24:11(:[0-9A-F]{2}){3},bridge=vmbr0/);
    expect((await send(production, '/cluster/nextid')).data).toBe('109');
  });

  test('show pending changes as if they were made, unless asked for the live ones', async () => {
    const path = '/nodes/pve1/qemu/103';
    expect(row(await send(production, `${path}/config`)).cores).toBe(12);
    expect(row(await send(production, `${path}/config?current=1`)).cores).toBe(8);
    expect(rows(await send(production, `${path}/pending`))).toContainEqual({ key: 'cores', value: 8, pending: 12 });
  });

  test('list their snapshots and the present', async () => {
    const list = rows(await send(production, '/nodes/pve1/qemu/103/snapshot'));
    expect(list.map((entry) => entry.name)).toEqual(['before-pg17', 'after-pg17', 'current']);
    expect(list.at(-1)).toMatchObject({ running: 1, parent: 'after-pg17', description: 'You are here!' });
    const config = await send(production, '/nodes/pve1/qemu/103/config?snapshot=before-pg17');
    expect(config.data).toMatchObject({ name: 'prod-db-1' });
  });

  test('have an agent in four states', async () => {
    const ask = (node: string, vmid: number, call = 'get-osinfo') =>
      send(production, `/nodes/${node}/qemu/${vmid}/agent/${call}`);
    expect((await ask('pve1', 100)).data).toMatchObject({ result: { id: 'debian' } });
    expect((await ask('pve3', 146)).reason).toBe('No QEMU guest agent configured');
    expect((await ask('pve3', 102)).reason).toBe('VM 102 is not running');
    expect((await ask('pve2', 122)).reason).toBe('QEMU guest agent is not running');
    const interfaces = await ask('pve1', 112, 'network-get-interfaces');
    expect(interfaces.text).toContain('"name":"docker0","hardware-address":"02:42:3a:11:9c:0d","statistics"');
  });

  test('tell the addresses of containers, more on 9.x', async () => {
    const [, fresh] = rows(await send(production, '/nodes/pve1/lxc/107/interfaces'));
    const [, old] = rows(await send(staging, '/nodes/pve-stg1/lxc/205/interfaces'));
    expect(fresh).toHaveProperty('ip-addresses');
    expect(old).toMatchObject({ name: 'eth0', inet: '10.30.1.25/16' });
    expect(old).not.toHaveProperty('ip-addresses');
  });
});

describe('RRD data', () => {
  test.each([
    ['hour', 60, 60],
    ['day', 70, 1440],
    ['year', 70, 1440],
  ])('of a %s has %i points on 8.4 and %i on 9.2', async (timeframe, old, fresh) => {
    const query = `/rrddata?timeframe=${timeframe}`;
    expect(rows(await send(staging, `/nodes/pve-stg1${query}`))).toHaveLength(old);
    expect(rows(await send(production, `/nodes/pve1${query}`))).toHaveLength(fresh);
    expect(rows(await send(production, `/nodes/pve1/storage/local${query}`))).toHaveLength(fresh);
  });

  test('has gaps, keys of its version, and is always the same', async () => {
    const path = '/nodes/pve1/qemu/100/rrddata?timeframe=day';
    const list = rows(await send(production, path));
    expect(list.some((point) => Object.keys(point).join() === 'time')).toBe(true);
    expect(list.find((point) => 'cpu' in point)).toHaveProperty('pressurecpusome');
    expect(rows(await send(production, path))).toEqual(list);
    const old = rows(await send(staging, '/nodes/pve-stg1/qemu/200/rrddata?timeframe=day&cf=MAX'));
    expect(old.find((point) => 'cpu' in point)).not.toHaveProperty('memhost');
  });
});

describe('the rest', () => {
  test.each([
    '/nodes/pve1/version',
    '/nodes/pve1/network',
    '/nodes/pve1/network?type=bond',
    '/cluster/ha/status/current',
    '/cluster/backup',
    '/cluster/backup-info/not-backed-up',
    '/storage/local',
    '/storage?type=nfs',
    '/nodes/pve1/storage?content=backup&enabled=1',
    '/nodes/pve1/storage/local/status',
    '/nodes/pve1/storage/local-lvm/content?vmid=100',
    '/pools/web',
    '/pools?poolid=web&type=storage',
    '/access/users?full=1',
    '/access/roles',
    '/access/acl',
    '/access/groups',
    '/access/domains',
  ])('%s answers with something', async (path) => {
    const answer = await send(production, path);
    expect(answer.status).toBe(200);
    expect(answer.text.length).toBeGreaterThan('{"data":[]}'.length);
  });

  test('an inactive storage has no numbers', async () => {
    const nfs = production.state.storages.find((entry) => entry.storage === 'nfs-shared');
    nfs?.inactiveOn.push('pve1');
    expect((await send(production, '/nodes/pve1/storage/nfs-shared/status')).data).toMatchObject({
      active: 0,
      total: 0,
      used: 0,
    });
    expect(await resource(production, 'storage/pve1/nfs-shared')).toMatchObject({ status: 'unknown' });
    expect(await resource(production, 'storage/pve2/nfs-shared')).toMatchObject({ status: 'available' });
  });
});
