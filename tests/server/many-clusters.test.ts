import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

let simulator: Simulator;
let session: Session;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'large', clusters: 40, guests: 4, http: true });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
});

it('pages through forty clusters, each guest once', async () => {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const args = { limit: 45, ...(cursor === undefined ? {} : { cursor }) };
    const { data, isError } = await session.call('proxmox-list-all-vms-from-all-clusters', args);
    expect(isError).toBe(false);
    for (const entry of data.clusters) for (const { vmid } of entry.items) seen.push(`${entry.cluster}/${vmid}`);
    cursor = data.next_cursor;
  } while (cursor !== undefined);
  const all = simulator.clusters.flatMap(({ name, state }) => state.guests.map(({ vmid }) => `${name}/${vmid}`));
  expect(seen.sort()).toEqual(all.sort());
});

it('gives a cursor to the call that it came from alone', async () => {
  const { data } = await session.call('proxmox-list-vms', { cluster: 'cluster-1', limit: 1 });
  const cursor = data.next_cursor;
  for (const [tool, args] of [
    ['proxmox-list-nodes', { cluster: 'cluster-1' }],
    ['proxmox-list-vms', { cluster: 'cluster-1', search: 'web' }],
    ['proxmox-list-vms', { cluster: 'cluster-1,cluster-2' }],
  ] as const) {
    const refused = await session.call(tool, { ...args, cursor });
    expect(refused.data.error).toMatchObject({ arguments: [{ argument: 'cursor' }] });
  }
  const other = await session.call('proxmox-list-vms', { cluster: 'cluster-1', limit: 2, fields: ['vmid'], cursor });
  expect(other.isError).toBe(false);
});

it('keeps the place of a cluster that fails on a later page', async () => {
  const args = { cluster: 'cluster-1,cluster-2,cluster-3', limit: 3 };
  const first = await session.call('proxmox-list-all-vms-from-all-clusters', args);
  simulator.cluster('cluster-2').setFault({ kind: 'status', status: 500, reason: 'out of order' });
  const broken = await session.call('proxmox-list-all-vms-from-all-clusters', {
    ...args,
    cursor: first.data.next_cursor,
  });
  simulator.cluster('cluster-2').setFault(undefined);
  expect(broken.data.clusters[1].error.code).toBe('PROXMOX_ERROR');
  const healed = await session.call('proxmox-list-all-vms-from-all-clusters', {
    ...args,
    cursor: broken.data.next_cursor,
  });
  const before = first.data.clusters[1].items[0].vmid;
  const after = healed.data.clusters.find(({ cluster }: { cluster: string }) => cluster === 'cluster-2').items[0].vmid;
  const vmids = simulator
    .cluster('cluster-2')
    .state.guests.map(({ vmid }) => vmid)
    .toSorted((a, b) => a - b);
  expect(vmids.indexOf(after)).toBe(vmids.indexOf(before) + 1);
});

it('tells all that is wrong with a hundred clusters in one answer that fits', async () => {
  const names = Array.from({ length: 100 }, (_, index) => `cluster-number-${index}`);
  const broken = await startSession({ PROXMOX_CLUSTERS: names.join(',') });
  const { text, data } = await broken.call('proxmox-list-nodes');
  await broken.close();
  expect(text.length).toBeLessThanOrEqual(25_000);
  expect(data.error.code).toBe('NOT_CONFIGURED');
  const many = Object.fromEntries(Array.from({ length: 900 }, (_, index) => [`argument_${index}`, 1]));
  const refused = await session.call('proxmox-list-nodes', many);
  expect(refused.text.length).toBeLessThanOrEqual(25_000);
  expect(refused.data.error.code).toBe('INVALID_ARGUMENTS');
});

it.each([
  ['proxmox-federated-view', { kind: 'pools' }],
  ['proxmox-fleet-action', { cluster: 'all', action: 'start', tag: 'k8s' }],
])('%s tells of a cluster whose CA file cannot be read in one line, be it the first', async (tool, args) => {
  const simulator = await startSimulator({ world: 'multi', authDelayMs: 0 });
  const { PROXMOX_CLUSTER_production_FINGERPRINT: _, ...env } = simulator.env();
  const session = await startSession({
    ...env,
    PROXMOX_CLUSTER_production_CA_FILE: '/nowhere/ca.pem',
    PROXMOX_CLUSTER_VALIDATION: 'false',
  });
  const { data, isError, text } = await session.call(tool, args);
  expect(isError, text).toBe(false);
  expect([data.notes ?? [], data.plan?.notes ?? []].flat().join()).toMatch(/production .*its CA file cannot be read/);
  expect(JSON.stringify(data)).toContain('staging');
  const alone = await session.call('proxmox-list-vms', { cluster: 'production' });
  expect(alone.data.error).toMatchObject({ code: 'CA_FILE_UNREADABLE', file: '/nowhere/ca.pem' });
  await session.close();
  await simulator.close();
});

it('keeps the names of forty clusters whose health is too long to be shown whole', async () => {
  for (const args of [{}, { privileges: true }]) {
    const { text, data } = await session.call('proxmox-cluster-health', args);
    expect(text.length).toBeLessThanOrEqual(25_000);
    const named = data.clusters.map(({ cluster }: { cluster: string }) => cluster);
    expect(named).toEqual(simulator.clusters.map(({ name }) => name));
    for (const { result } of data.clusters) expect(result).toMatchObject({ state: 'ok', reachable: true });
  }
});
