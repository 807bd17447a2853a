import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Executor } from '../../src/client/execute.js';
import { systemClock } from '../../src/pve/clock.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { silentLog } from '../../src/pve/log.js';
import { startedUpid } from '../../src/pve/upid.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { defineTool } from '../../src/tools/define.js';
import { registryOf } from '../clusters/simulated.js';
import { asked } from './library.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
});
afterAll(() => simulator.close());

it('waits nowhere for a task whose cluster only the tool knows', async () => {
  const tool = defineTool({
    name: 'proxmox-start-there',
    title: 'Start there',
    description: 'Starts a guest of the other cluster.',
    effect: 'write',
    scope: 'between',
    toolset: 'federation',
    input: {},
    output: z.object({ upid: z.string() }),
    calls: { start: endpoint('POST /nodes/{node}/lxc/{vmid}/status/start', startedUpid) },
    privileges: [],
    run: async ({ target, at }) => {
      const { data: upid } = await at(target.destination).call.start({ node: stopped().node, vmid: stopped().vmid });
      return { upid };
    },
  });
  const stopped = () => {
    const [one] = simulator.cluster('staging').state.guests.filter(({ type }) => type === 'lxc');
    if (one === undefined) throw new Error('staging has no container');
    return one;
  };
  stopped().status = 'stopped';
  const executor = new Executor(registryOf(simulator), systemClock, silentLog);
  const { entries } = await executor.execute(tool, { cluster: 'production', target_cluster: 'staging' });
  expect(entries).toMatchObject([{ body: { result: { upid: expect.stringContaining(':vzstart:') } } }]);
  expect(asked(simulator).filter((line) => line.includes('/tasks/'))).toEqual([]);
});
