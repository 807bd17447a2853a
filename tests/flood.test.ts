import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/simulator/listen.js';
import { flood, isBusy, mostMemory } from './support/flood.js';
import { eventually, PipelinedClient, pause } from './support/pipelined-client.js';
import { builtServer } from './support/session.js';

let simulator: Simulator;
let client: PipelinedClient;

async function start(clusters: number, env: Record<string, string> = {}): Promise<void> {
  simulator = await startSimulator({ world: 'large', clusters, guests: 12, authDelayMs: 0 });
  client = new PipelinedClient(builtServer, { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false', ...env });
  await client.open();
  for (const { name } of simulator.clusters) await client.call('proxmox-list-nodes', { cluster: name });
}

afterEach(async () => {
  client?.child.kill('SIGKILL');
  await simulator?.close();
});

const read = (cluster: string) => client.send('proxmox-list-nodes', { cluster });
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);

it('answers each of five thousand requests that are written before one answer is read, and holds few of them', async () => {
  const figures = await flood({ server: builtServer, requests: 5000 });
  expect(figures).toMatchObject({ wrong: [], lost: 0 });
  expect(figures.answered + figures.busy).toBe(5000);
  // Most of them stood in the pipe until the answers were read.
  expect(figures.heldBack).toBeGreaterThan(1000);
  expect(figures.mostRequests).toBeLessThanOrEqual(8);
  const { memory } = figures;
  if (memory !== undefined) expect(memory.peak - memory.before).toBeLessThan(mostMemory);
}, 180_000);

it('refuses what is too much for one cluster at once, and serves the others', async () => {
  await start(2);
  const hung = simulator.cluster('cluster-1');
  hung.setFault({ kind: 'hung' });
  hung.requests.length = 0;
  const sent = times(200, () => read('cluster-1'));
  expect((await read('cluster-2').ending).state).toBe('answered');
  expect(await eventually(() => client.pending === 64, 10)).toBe(true);
  expect(hung.requests.length).toBe(7);
  for (const one of sent.slice(0, 64)) one.cancel();
  const endings = await Promise.all(sent.map(({ ending }) => ending));
  expect(endings.slice(0, 64).every(({ state }) => state === 'cancelled')).toBe(true);
  expect(endings.slice(64).every(isBusy)).toBe(true);
  expect(endings[64]?.data.error).toMatchObject({
    message: "Cluster 'cluster-1' has 64 calls under way, and takes no more; nothing was sent.",
    next: 'Let some of them end, or cancel them, then call again. Other clusters are not affected.',
    under_way: 64,
    most: 64,
  });
  // The places are free again.
  hung.setFault(undefined);
  const again = await Promise.all(times(60, () => read('cluster-1').ending));
  expect(again.every(({ state }) => state === 'answered')).toBe(true);
  expect(hung.requests.length).toBe(67);
}, 60_000);

it('tells them in the order in which they came that there is too much', async () => {
  await start(1);
  simulator.cluster('cluster-1').setFault({ kind: 'hung' });
  const told: number[] = [];
  const sent = times(200, () => read('cluster-1'));
  const refused = sent.slice(64).map(async ({ id, ending }) => {
    if (isBusy(await ending)) told.push(id);
  });
  await Promise.all(refused);
  expect(told).toEqual(sent.slice(64).map(({ id }) => id));
  expect(client.pending).toBe(64);
}, 60_000);

it('refuses what is too much in all', async () => {
  await start(5);
  for (const cluster of simulator.clusters) cluster.setFault({ kind: 'hung' });
  const sent = simulator.clusters.flatMap(({ name }) => times(60, () => read(name)));
  expect(await eventually(() => client.pending === 256, 10)).toBe(true);
  const refused = await Promise.all(sent.slice(256).map(({ ending }) => ending));
  expect(refused.every(isBusy)).toBe(true);
  expect(refused[0]?.data.error.message).toContain('This server has 256 calls under way');
  // What asks no cluster is answered while all of them wait.
  const { state, data } = await client.request('tools/list', {}).ending;
  expect(state).toBe('answered');
  expect(data.tools.length).toBeGreaterThan(200);
  expect((await client.request('ping', {}).ending).state).toBe('answered');
  expect(client.pending).toBe(256);
  for (const one of sent) one.cancel();
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
  expect((await read('cluster-3').ending).state).toBe('answered');
}, 60_000);

it('keeps places for reads however many calls wait', async () => {
  await start(1);
  const cluster = simulator.cluster('cluster-1');
  const upid = cluster.startTask({ node: 'c1-pve1', type: 'vzdump', duration: 1e6, log: ['begun'], exitstatus: 'OK' });
  const waits = times(60, () => client.send('proxmox-wait-task', { upid, timeout: 3600 }));
  expect(await eventually(() => client.pending === 48, 10)).toBe(true);
  const refused = await Promise.all(waits.slice(48).map(({ ending }) => ending));
  expect(refused.every(isBusy)).toBe(true);
  expect(refused[0]?.data.error.next).toContain('Reads go through meanwhile.');
  expect(isBusy(await client.call('proxmox-start-vm', { vmid: 107 }))).toBe(true);
  expect((await read('cluster-1').ending).state).toBe('answered');
  for (const one of waits) one.cancel();
  expect((await client.call('proxmox-wait-task', { upid, timeout: 0 })).state).toBe('answered');
}, 60_000);

it('asks a cluster no more at once when clients are made anew, the configuration is read again, or files are sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-flood-'));
  const file = join(folder, 'some.iso');
  writeFileSync(file, Buffer.alloc(100_000));
  try {
    await start(2, { PROXMOX_CLUSTER_CACHE_TTL: '1' });
    const cluster = simulator.cluster('cluster-1');
    cluster.setFault({ kind: 'slow', ms: 700 });
    const upload = (at: number) =>
      client.call('proxmox-upload-iso', {
        file_path: file,
        filename: `${at}.iso`,
        node: 'c1-pve1',
        storage: 'local',
        cluster: 'cluster-1',
      });
    const sent = [...times(6, () => 0).map((_, at) => upload(at)), ...times(20, () => read('cluster-1').ending)];
    await pause(1100);
    sent.push(...times(15, () => read('cluster-1').ending));
    expect((await client.call('proxmox-reload-configuration')).state).toBe('answered');
    sent.push(...times(15, () => read('cluster-1').ending));
    const endings = await Promise.all(sent);
    expect(endings.filter(({ state }) => state !== 'answered')).toEqual([]);
    expect(cluster.requests.filter(({ path }) => path.endsWith('/upload'))).toHaveLength(6);
    expect(cluster.maxInFlight).toBe(7);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 90_000);
