import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;
let narrow: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  session = await startSession(simulator.env());
  const secret = simulator.cluster('production').addToken('few@pve!mcp', { '/nodes/pve1': ['Sys.Audit'] });
  narrow = await startSession({
    ...simulator.env(),
    PROXMOX_CLUSTER_production_TOKEN_ID: 'few@pve!mcp',
    PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
  });
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

afterAll(async () => {
  await Promise.all([session?.close(), narrow?.close()]);
  await simulator?.close();
});

const nodesOf = (cluster: string) =>
  simulator.cluster(cluster).state.nodes.toSorted((a, b) => a.node.localeCompare(b.node));

it('lists the nodes with their load', async () => {
  const { data } = await session.call('proxmox-list-nodes', { cluster: 'production' });
  expect(data).toMatchObject({ cluster: 'production', via: 'explicit', total: 3 });
  expect(data.items).toEqual(
    nodesOf('production').map((node) => ({
      node: node.node,
      status: 'online',
      cpu: node.cpu,
      maxcpu: node.cpus,
      mem: node.memoryUsed,
      maxmem: node.memory,
      disk: node.rootUsed,
      maxdisk: node.rootDisk,
      uptime: expect.any(Number),
      level: node.level,
    })),
  );
});

it('shows an offline node without numbers', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve2' });
  const { data } = await session.call('proxmox-list-nodes', { cluster: 'production' });
  expect(data.items[1]).toEqual({ node: 'pve2', status: 'offline' });
  expect(data).not.toHaveProperty('notes');
});

it('says why numbers are missing', async () => {
  const { data } = await narrow.call('proxmox-list-nodes', { cluster: 'production' });
  expect(data.items.map(({ maxcpu }: { maxcpu?: number }) => maxcpu !== undefined)).toEqual([true, false, false]);
  expect(data.notes).toEqual(['No numbers for pve2, pve3: the token lacks Sys.Audit there.']);
});

it('lists the nodes of every cluster, and a dead one costs one entry', async () => {
  simulator.cluster('staging').setFault({ kind: 'unreachable' });
  const { data, isError } = await session.call('proxmox-list-all-nodes-from-all-clusters', { fields: ['node'] });
  expect(isError).toBe(false);
  const [production, staging, recovery] = data.clusters;
  expect(production.items).toEqual(nodesOf('production').map(({ node }) => ({ node })));
  expect(staging.error).toMatchObject({ code: 'CLUSTER_UNREACHABLE' });
  expect(recovery.items).toEqual(nodesOf('disaster-recovery').map(({ node }) => ({ node })));
});

it.each(['production', 'staging'])('describes a node of %s, 9.2 and 8.4 alike', async (cluster) => {
  const [node] = nodesOf(cluster);
  const { data } = await session.call('proxmox-node-status', { cluster, node: node?.node });
  expect(data).toMatchObject({ cluster, via: 'explicit' });
  expect(data.result).toMatchObject({
    node: node?.node,
    cpu: node?.cpu,
    memory: { used: node?.memoryUsed, total: node?.memory },
    rootfs: { used: node?.rootUsed, total: node?.rootDisk },
    cpuinfo: { model: node?.cpuModel, cpus: node?.cpus },
    loadavg: [expect.any(Number), expect.any(Number), expect.any(Number)],
  });
  expect(data.result.pveversion).toContain(`pve-manager/${simulator.cluster(cluster).state.version}`);
  expect(data.result.kernel).toMatch(/^\d+\.\d+\.\d+-\d+-pve$/);
  const age = Math.floor(Date.now() / 1000) - (node?.bootedAt ?? 0);
  expect(Math.abs(data.result.uptime - age)).toBeLessThan(10);
});

it('asks which node, and names them', async () => {
  const unnamed = await session.call('proxmox-node-status', { cluster: 'production' });
  expect(unnamed.isError).toBe(true);
  expect(unnamed.data.error).toMatchObject({ code: 'NODE_NOT_FOUND', known: ['pve1', 'pve2', 'pve3'] });
});

it('names the privilege that a node asks for', async () => {
  const { data } = await narrow.call('proxmox-node-status', { cluster: 'production', node: 'pve2' });
  expect(data.error).toMatchObject({ code: 'PRIVILEGE_MISSING', status: 403 });
  expect(data.error.next).toContain('pveum acl modify /nodes/pve2');
  const allowed = await narrow.call('proxmox-node-status', { cluster: 'production', node: 'pve1' });
  expect(allowed.isError).toBe(false);
});

it('says that a node is down', async () => {
  simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve3' });
  const { data } = await session.call('proxmox-node-status', { cluster: 'production', node: 'pve3' });
  expect(data.error).toMatchObject({ code: 'NODE_UNREACHABLE', status: 595 });
});
