import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import type { ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { version } from '../../src/pve/discovery.js';
import { ConnectionError } from '../../src/pve/errors.js';
import { guestResources } from '../../src/pve/resources.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { send } from '../simulator/request.js';
import { cluster, config } from './routing-config.js';

let simulator: Simulator;
let registry: ClusterRegistry;
const asked: string[] = [];

/** Hands what comes for `{cluster}.example.com` to the simulated cluster of that name. */
const forwarding = http.all('https://:cluster.example.com:8006/api2/json/*', async ({ request, params }) => {
  const { pathname, search } = new URL(request.url);
  asked.push(`${request.method} ${request.url}`);
  const answer = await send(simulator.cluster(String(params.cluster)), `${pathname}${search}`, {
    method: request.method,
    token: request.headers.get('authorization')?.replace('PVEAPIToken=', '') ?? false,
    raw: true,
  });
  return new HttpResponse(answer.text, { status: answer.status, statusText: answer.reason });
});
/** The way from the handler to the simulator is watched too. */
const forwarded = http.all(/^http:\/\/127\.0\.0\.1:/, () => passthrough());
const network = setupServer(forwarding, forwarded);

beforeAll(async () => {
  simulator = await startSimulator({ world: 'twins', http: true, authDelayMs: 10 });
  network.listen({ onUnhandledRequest: 'error' });
  const clusters = simulator.clusters.map(({ name, tokenId, tokenSecret }) => cluster(name, { tokenId, tokenSecret }));
  const settings: ClusterRegistryConfig = config(clusters);
  registry = new ClusterRegistry(settings, {
    createTransport: () => ({ fetch: (url, init) => globalThis.fetch(url, init), close: async () => undefined }),
  });
});
afterEach(() => {
  network.resetHandlers();
  asked.length = 0;
});
afterAll(async () => {
  network.close();
  await registry.close();
  await simulator.close();
});

it('any fetch can be put in: the platform’s, watched by msw', async () => {
  const { data } = await registry.getClient('west').send(guestResources, {}, { type: 'vm' });
  expect(data.map(({ name }) => name)).toEqual(['web', 'db', 'cache', 'batch', 'mail']);
  expect(asked).toEqual(['GET https://west.example.com:8006/api2/json/cluster/resources?type=vm']);
  expect(simulator.cluster('west').requests).toHaveLength(1);
  expect(simulator.cluster('east').requests).toEqual([]);
});

it('what msw answers in place of the cluster is what the client sees', async () => {
  network.use(
    http.get('https://east.example.com:8006/api2/json/version', () =>
      HttpResponse.json({ data: { version: '7.4-3', release: '7.4' } }),
    ),
  );
  expect((await registry.getClient('east').send(version, {})).data.version).toBe('7.4-3');
});

it('a network that breaks is a ConnectionError', async () => {
  network.use(http.get('https://east.example.com:8006/api2/json/version', () => HttpResponse.error()));
  await expect(registry.getClient('east').send(version, {})).rejects.toBeInstanceOf(ConnectionError);
});
