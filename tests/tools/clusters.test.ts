import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let narrow: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  // A check of the start would come between those of the tests.
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const secret = simulator.cluster('production').addToken('few@pve!mcp', { '/vms/107': ['VM.Audit'] });
  narrow = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    PROXMOX_CLUSTER_staging_TOKEN_SECRET: '00000000-0000-0000-0000-000000000000',
  });
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

afterAll(async () => {
  await Promise.all([session?.close(), narrow?.close()]);
  await simulator?.close();
});

const names = ['production', 'staging', 'disaster-recovery'];
const stateOf = (cluster: string) => simulator.cluster(cluster).state;

function guestsOf(cluster: string, type: 'qemu' | 'lxc') {
  const guests = stateOf(cluster).guests.filter((guest) => guest.type === type);
  const plain = guests.filter(({ config }) => config.template !== 1);
  const running = plain.filter(({ status, qmpstatus }) => status === 'running' && qmpstatus === undefined).length;
  const stopped = plain.filter(({ status }) => status === 'stopped').length;
  const templates = guests.length - plain.length;
  return { running, stopped, other: plain.length - running - stopped, templates };
}

/** A shared storage once, any other once on each of its nodes. */
function storageOf(cluster: string) {
  const { storages, nodes } = stateOf(cluster);
  return storages.reduce(
    (sum, { shared, total, nodes: only }) => sum + total * (shared ? 1 : (only ?? nodes).length),
    0,
  );
}

it('sums a cluster up', async () => {
  const { data } = await session.call('proxmox-cluster-status', { cluster: 'production' });
  const { nodes } = stateOf('production');
  expect(data).toMatchObject({ cluster: 'production', via: 'explicit' });
  expect(data.result).toMatchObject({
    version: '9.2.3',
    cluster_name: 'production',
    quorate: true,
    nodes: { online: 3, total: 3, offline: [] },
    vms: guestsOf('production', 'qemu'),
    containers: guestsOf('production', 'lxc'),
    memory: {
      used: nodes.reduce((sum, { memoryUsed }) => sum + memoryUsed, 0),
      total: nodes.reduce((sum, { memory }) => sum + memory, 0),
    },
  });
  expect(data.result.cpu.total).toBe(nodes.reduce((sum, { cpus }) => sum + cpus, 0));
  expect(data.result.cpu.used).toBeCloseTo(
    nodes.reduce((sum, { cpu, cpus }) => sum + cpu * cpus, 0),
    1,
  );
  expect(data.result.storage.total).toBe(storageOf('production'));
  expect(data.result).not.toHaveProperty('missing_privileges');
});

it('names nodes that are away, and counts their guests apart', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
  simulator.cluster('production').setFault({ kind: 'no-quorum' });
  const { data } = await session.call('proxmox-cluster-status', { cluster: 'production' });
  expect(data.result).toMatchObject({ quorate: false, nodes: { online: 2, total: 3, offline: ['pve3'] } });
  const there = stateOf('production').guests.filter(({ node, type }) => node === 'pve3' && type === 'lxc');
  expect(data.result.containers).toMatchObject({ other: there.length });
});

it('says what the token cannot see', async () => {
  const { data } = await narrow.call('proxmox-cluster-status', { cluster: 'production' });
  expect(data.result).toMatchObject({
    nodes: { online: 3, total: 3 },
    vms: { running: 0 },
    containers: { running: 1, stopped: 0 },
    missing_privileges: ['Sys.Audit on /', 'VM.Audit on /vms', expect.stringContaining('Datastore.Audit')],
  });
  expect(data.result).not.toHaveProperty('quorate');
  expect(data.result).not.toHaveProperty('memory');
});

it('refuses a cluster that there is not', async () => {
  const { data, isError } = await session.call('proxmox-cluster-status', { cluster: 'produktion' });
  expect(isError).toBe(true);
  expect(data.error).toMatchObject({ code: 'CLUSTER_NOT_FOUND', known: names });
});

it('sums every cluster up, and a dead one costs one entry', async () => {
  simulator.cluster('staging').setFault({ kind: 'unreachable' });
  const { data, isError } = await session.call('proxmox-get-all-cluster-status');
  expect(isError).toBe(false);
  expect(data).toMatchObject({ cluster: 'all', via: 'all' });
  expect(data.clusters.map(({ cluster }: { cluster: string }) => cluster)).toEqual(names);
  const [production, staging, recovery] = data.clusters;
  expect(production.result.vms).toEqual(guestsOf('production', 'qemu'));
  expect(staging.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(recovery.result.storage.total).toBe(storageOf('disaster-recovery'));
});

it('finds healthy clusters healthy', async () => {
  const { data } = await session.call('proxmox-cluster-health');
  expect(data.clusters).toHaveLength(3);
  for (const { cluster, result } of data.clusters) {
    const { nodes, version } = stateOf(cluster);
    expect(result).toMatchObject({
      state: 'ok',
      problems: [],
      reachable: true,
      token_accepted: true,
      cluster_name: cluster,
      quorate: true,
      nodes: { online: nodes.map(({ node }) => node).sort(), offline: [] },
    });
    expect(result.version).toMatch(`${version}.`);
    expect(result.latency).toBeGreaterThanOrEqual(0);
    expect(Date.now() - Date.parse(result.checked_at)).toBeLessThan(60_000);
    expect(result).not.toHaveProperty('privileges');
  }
  const told = (await session.call('proxmox-cluster-health', { cluster: 'staging', privileges: true })).data;
  const { privileges } = told.clusters[0].result;
  // What a path inherits is not said twice.
  expect(Object.keys(privileges)).toEqual(['/']);
  expect(privileges['/']).toContain('VM.PowerMgmt');
});

it('says of a sick cluster what to do, and how it was before', async () => {
  const ask = () => session.call('proxmox-cluster-health', { cluster: 'disaster-recovery' });
  const before = (await ask()).data.clusters[0].result;
  simulator.cluster('disaster-recovery').setFault({ kind: 'no-quorum' });
  simulator.cluster('disaster-recovery').setFault({ kind: 'unreachable' }, { node: 'pve-dr2' });
  const sick = (await ask()).data.clusters[0].result;
  expect(sick).toMatchObject({
    state: 'warning',
    quorate: false,
    nodes: { offline: ['pve-dr2'] },
    previous_check: { at: before.checked_at, state: 'ok' },
  });
  expect(sick.problems.map(({ code }: { code: string }) => code)).toEqual(['NO_QUORUM', 'NODES_OFFLINE']);
  for (const { message, next } of sick.problems) expect(message.length * next.length).toBeGreaterThan(0);
  simulator.cluster('disaster-recovery').setFault({ kind: 'unreachable' });
  const dead = (await ask()).data.clusters[0].result;
  expect(dead).toMatchObject({ state: 'down', reachable: false, previous_check: { state: 'warning' } });
  expect(dead.problems).toMatchObject([{ code: 'CLUSTER_UNREACHABLE' }]);
  const { clusters } = (await session.call('proxmox-list-all-clusters')).data.result;
  const listed = clusters.find(({ name }: { name: string }) => name === 'disaster-recovery');
  const last = { at: dead.checked_at, state: 'down', reachable: false, code: 'CLUSTER_UNREACHABLE' };
  expect(listed.last_check).toEqual(last);
});

it('tells a refused token and missing privileges apart', async () => {
  const { data } = await narrow.call('proxmox-cluster-health', { cluster: 'production,staging' });
  const [production, staging] = data.clusters;
  expect(production.result).toMatchObject({
    state: 'warning',
    token_accepted: true,
  });
  const told = await narrow.call('proxmox-cluster-health', { cluster: 'production', privileges: true });
  expect(told.data.clusters[0].result.privileges).toMatchObject({ '/vms/107': ['VM.Audit'] });
  expect(production.result.problems.map(({ code }: { code: string }) => code)).toEqual([
    'PRIVILEGE_MISSING',
    'PRIVILEGE_MISSING',
    'PRIVILEGE_MISSING',
  ]);
  expect(production.result.problems[1].next).toMatch(/pveum acl modify \/vms .*--tokens 'few@pve!mcp'/);
  expect(staging.result).toMatchObject({ state: 'down', reachable: true, token_accepted: false });
  expect(staging.result.problems).toMatchObject([{ code: 'TOKEN_REFUSED' }]);
});

it('lists the clusters without asking any', async () => {
  const asked = simulator.clusters.map(({ requests }) => requests.length);
  const { data } = await session.call('proxmox-list-all-clusters');
  expect(simulator.clusters.map(({ requests }) => requests.length)).toEqual(asked);
  expect(data.result.default_cluster).toBe('production');
  expect(data.result.clusters.map(({ name }: { name: string }) => name)).toEqual(names);
  expect(data.result.clusters[0]).toMatchObject({
    urls: [simulator.cluster('production').url],
    token_id: simulator.cluster('production').tokenId,
    tls: 'fingerprint',
    tier: 'production',
  });
  expect(data.result.patterns).toContainEqual({ rule: 'prod-', cluster: 'production' });
  expect(data.result.vmid_map).toContainEqual({ rule: '100-199', cluster: 'production' });
  expect(JSON.stringify(data)).not.toContain(simulator.cluster('production').tokenSecret);
  const refused = await session.call('proxmox-list-all-clusters', { cluster: 'staging' });
  expect(refused.data.error).toMatchObject({ code: 'INVALID_ARGUMENTS' });
});
