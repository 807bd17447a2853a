import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { MultiClusterProxmoxClient } from '../../src/client/multi-cluster-client.js';
import { type Clock, systemClock } from '../../src/pve/clock.js';
import { type Fault, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';

const factor = 20;
const began = Date.now();
const now = () => began + (Date.now() - began) * factor;
/** Twenty times as fast as ours, for both sides; but an answer always has two seconds to come. */
const clock: Clock = {
  now,
  sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  timeout: (ms) => systemClock.timeout(Math.max(ms / factor, 2000)),
};

let simulator: Simulator;
let client: MultiClusterProxmoxClient;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'large', clusters: 10, guests: 8, authDelayMs: 10, clock: { now } });
  client = new MultiClusterProxmoxClient(registryOf(simulator, {}, { clock, random: () => 0.5 }), { clock });
});
afterAll(async () => {
  await client.close();
  await simulator.close();
});

afterEach(() => {
  for (const cluster of simulator.clusters) cluster.setFault(undefined);
});

const faults: readonly Fault[] = [
  { kind: 'hung' },
  { kind: 'unreachable' },
  { kind: 'garbage' },
  { kind: 'garbage', form: 'truncated' },
  { kind: 'reset' },
  { kind: 'lost' },
];
const names = Array.from({ length: 10 }, (_, at) => `cluster-${at + 1}`);

const vmOf = ({ state }: SimulatedCluster) => state.guests.find(({ type }) => type === 'qemu');
const starts = ({ requests }: SimulatedCluster, vmid: number) =>
  requests.filter(({ method, path }) => method === 'POST' && path.endsWith(`/qemu/${vmid}/status/start`));

/** What a call ends with: an answer, or the name of its error. */
const ending = (pending: Promise<unknown>) =>
  pending.then(
    () => 'answer',
    (error: Error) => error.name,
  );

/** A write must be told as what it was: done, not sent, or not certain; and it is sent once at most. */
async function startIn(cluster: SimulatedCluster): Promise<string> {
  const vm = vmOf(cluster);
  if (vm === undefined) throw new Error('no VM');
  vm.status = 'stopped';
  const sent = starts(cluster, vm.vmid).length;
  const tasks = cluster.state.tasks.length;
  const ended = await ending(client.startVm({ cluster: cluster.name, vmid: vm.vmid, timeout: 60 }));
  const wasSent = starts(cluster, vm.vmid).length - sent;
  const wasRun = cluster.state.tasks.length - tasks;
  expect(wasSent).toBeLessThanOrEqual(1);
  expect(wasRun).toBeLessThanOrEqual(1);
  if (ended === 'answer') expect(wasRun).toBe(1);
  if (ended === 'ClusterConnectionError' || ended === 'ForeignAnswerError') expect(wasRun).toBe(0);
  return ended;
}

it.each(names)(
  '%s hangs, dies, answers rubbish and recovers: no call is lost, and no other cluster waits',
  async (name) => {
    const sick = simulator.cluster(name);
    const healthy = names.filter((other) => other !== name);
    for (const fault of faults) {
      sick.setFault(fault);
      const reading = ending(client.listNodes({ cluster: name }));
      const writing = startIn(sick);
      const fleet = client.across(healthy.join(',')).listNodes();
      const elsewhere = simulator.cluster(healthy[faults.indexOf(fault)] ?? '');
      expect(await startIn(elsewhere)).toBe('answer');
      for (const entry of (await fleet).clusters) expect(entry).toMatchObject({ total: 3 });
      expect(await reading).not.toBe('answer');
      expect(await writing).not.toBe('answer');
      sick.setFault(undefined);
      expect(await client.registry.validateCluster(name)).toMatchObject({ reachable: true });
      expect(await ending(client.listNodes({ cluster: name }))).toBe('answer');
    }
    expect(await startIn(sick)).toBe('answer');
  },
  60_000,
);

it.each([
  [{ kind: 'lost' }, 'answer'],
  [{ kind: 'reset' }, 'answer'],
  [{ kind: 'status', status: 596, reason: 'Connection timed out' }, 'OutcomeUnknownError'],
  [{ kind: 'garbage' }, 'OutcomeUnknownError'],
  [{ kind: 'hung' }, 'OutcomeUnknownError'],
  [{ kind: 'status', status: 595, reason: 'No route to host' }, 'answer'],
] as const)(
  'a write that meets %o is told as what it was',
  async (fault, expected) => {
    const clusters = names.map((name) => simulator.cluster(name));
    for (const cluster of clusters) cluster.setFault(fault, { method: 'POST', times: 1 });
    if (fault.kind !== 'status' || fault.status !== 595)
      expect(await Promise.all(clusters.map(startIn))).toEqual(names.map(() => expected));
    else
      for (const cluster of clusters)
        expect(await ending(client.startVm({ cluster: cluster.name, vmid: vmOf(cluster)?.vmid }))).toBe(expected);
    for (const cluster of clusters) cluster.setFault(undefined);
  },
  60_000,
);
