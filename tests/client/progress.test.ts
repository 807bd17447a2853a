import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Progress } from '../../src/client/progress.js';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { ManualClock, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf } from '../clusters/simulated.js';
import { sleepless } from '../pve/one-cluster.js';
import { answer, writes } from './library.js';

let manual: ManualClock;
let simulator: Simulator;
let registry: ClusterRegistry;

beforeEach(async () => {
  manual = new ManualClock();
  simulator = await startSimulator({ world: 'twins', clock: manual, authDelayMs: 10 });
  registry = registryOf(simulator, {}, { clock: sleepless(manual) });
});
afterEach(async () => {
  await registry.close();
  await simulator.close();
});

const lines = [
  'create full clone of drive scsi0 (local-lvm:vm-100-disk-0)',
  'transferred 16.0 GiB of 32.0 GiB (50.00%)',
  'transferred 32.0 GiB of 32.0 GiB (100.00%)',
  'create full clone of drive scsi1 (local-lvm:vm-100-disk-1)',
  'transferred 1.0 GiB of 8.0 GiB (12.50%)',
];
const task = (duration: number) =>
  simulator
    .cluster('west')
    .startTask({ node: 'pve1', type: 'qmclone', id: '100', duration, log: lines, exitstatus: 'OK' });

const wait = (given: object, onProgress?: (progress: Progress) => Promise<void>) =>
  answer(registry, 'proxmox-wait-task', { cluster: 'west', ...given }, onProgress && { onProgress }, {
    clock: sleepless(manual),
  });

describe('a call that waits for a task', () => {
  it('tells how far it is in numbers that only rise, though a second disk begins anew', async () => {
    const told: Progress[] = [];
    const { result } = await wait({ upid: task(5) }, async (progress) => {
      told.push(progress);
    });
    expect(result).toMatchObject({ state: 'ok', node: 'pve1', waited: 5 });
    const numbers = told.map(({ progress }) => progress);
    expect(numbers.length).toBeGreaterThan(3);
    for (const [at, one] of numbers.entries()) if (at > 0) expect(one).toBeGreaterThan(numbers[at - 1] ?? 0);
    expect(told.find(({ progress }) => progress === 50)).toEqual({
      progress: 50,
      total: 100,
      message: `"${lines[1]}"`,
    });
  });

  it('answers with `running` at its time and leaves the task alone', async () => {
    const { result } = await wait({ upid: task(1000), timeout: 30 });
    expect(result).toMatchObject({ state: 'running', waited: 30 });
    expect(writes(simulator)).toEqual([]);
  });
});
