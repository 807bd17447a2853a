import { afterAll, beforeAll, expect, it } from 'vitest';
import { ClusterRegistry, MultiClusterProxmoxClient, parseEnv, requireConfig } from '../../src/index.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';

let simulator: Simulator;
let pve: MultiClusterProxmoxClient;

beforeAll(async () => {
  simulator = await startSimulator();
  pve = new MultiClusterProxmoxClient(new ClusterRegistry(requireConfig(parseEnv(simulator.env()))));
});
afterAll(async () => {
  await pve.close();
  await simulator.close();
});

const production = () => simulator.cluster('production');

it('are all done, however many a program makes: it limits them itself, and a cluster is asked no more at once', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, () => pve.listNodes({ cluster: 'production' })));
  expect(answers.filter(({ items }) => items.length > 0)).toHaveLength(300);
  expect(production().maxInFlight).toBeLessThanOrEqual(7);
});

it('take turns where they change one guest', async () => {
  production().setFault({ kind: 'slow', ms: 50 }, { method: 'GET', path: /\/102\/config$/ });
  const changes = [{ cores: 3 }, { onboot: true }, { name: 'by-a-program' }];
  await Promise.all(changes.map((params) => pve.configureVm({ vmid: 102, params })));
  const config = production().state.guests.find(({ vmid }) => vmid === 102)?.config;
  expect(config).toMatchObject({ cores: 3, onboot: 1, name: 'by-a-program' });
});
