import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/pve/clock.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { AnswerTimeoutError, ApiError, ConnectionError, PathValueError } from '../../src/pve/errors.js';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, configOf, rejection, rejectionOf } from './one-cluster.js';
import { type RawServer, startRawServer } from './raw-server.js';

const version = endpoint('GET /version', z.object({ version: z.string() }));
const nodes = endpoint('GET /nodes', z.array(z.object({ node: z.string() })));
const start = endpoint('POST /nodes/{node}/qemu/{vmid}/status/start', z.string());
const stopped = { node: 'pve3', vmid: 102 };

describe('what a request looks like', () => {
  let server: RawServer;
  const sent = () => server.requests.at(-1);

  beforeEach(async () => {
    server = await startRawServer((response) => response.end('{"data":"x","total":3}'));
  });
  afterEach(() => server.close());

  it('carries the token in its header', async () => {
    const client = clientFor(configOf(server.url));
    await client.send(endpoint('GET /version', z.string()), {});
    expect(sent()?.headers).toMatchObject({
      authorization: 'PVEAPIToken=mcp@pve!test=11111111-2222-3333-4444-555555555555',
      accept: 'application/json',
    });
    expect(sent()?.headers.cookie).toBeUndefined();
    await client.close();
  });

  it.each(['GET', 'DELETE'] as const)('%s has its parameters in the query and no body', async (method) => {
    const client = clientFor(configOf(server.url));
    await client.send(
      endpoint(`${method} /pools/{poolid}`, z.string()),
      { poolid: 'a b' },
      { force: true, tags: 'x;y' },
    );
    expect(sent()).toMatchObject({ method, target: '/api2/json/pools/a%20b?force=1&tags=x%3By', body: '' });
    expect(sent()?.headers['content-length'] ?? '0').toBe('0');
    expect(sent()?.headers['transfer-encoding']).toBeUndefined();
    expect(sent()?.headers['content-type']).toBeUndefined();
    await client.close();
  });

  it.each(['POST', 'PUT'] as const)('%s has its parameters in a form of known length', async (method) => {
    const client = clientFor(configOf(server.url));
    await client.send(endpoint(`${method} /pools`, z.string()), {}, { poolid: 'a b', list: ['1', '2'] });
    expect(sent()).toMatchObject({ method, target: '/api2/json/pools', body: 'poolid=a+b&list=1&list=2' });
    expect(sent()?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '24',
    });
    expect(sent()?.headers['transfer-encoding']).toBeUndefined();
    await client.close();
  });

  it('gives the data and the total of the envelope', async () => {
    const client = clientFor(configOf(server.url));
    expect(await client.send(endpoint('GET /nodes', z.string()), {})).toEqual({ data: 'x', total: 3 });
    await client.close();
  });

  it('is not sent when a path value is refused', async () => {
    const client = clientFor(configOf(server.url));
    await rejectionOf(client.send(endpoint('GET /nodes/{node}/status', z.string()), { node: '..' }), PathValueError);
    expect(server.requests).toEqual([]);
    await client.close();
  });

  it('does not follow a redirect', async () => {
    const elsewhere = await startRawServer((response) => response.end('{"data":"stolen"}'));
    const redirecting = await startRawServer((response) => {
      response.writeHead(301, { location: `${elsewhere.url}/api2/json/version` }).end();
    });
    const client = clientFor(configOf(redirecting.url));
    const error = await rejectionOf(client.send(version, {}), ApiError);
    expect(error.status).toBe(301);
    expect(elsewhere.requests).toEqual([]);
    await client.close();
    await Promise.all([elsewhere.close(), redirecting.close()]);
  });
});

describe('on the wire', () => {
  let simulator: Simulator;
  let cluster: SimulatedCluster;
  const pathsSent = () => cluster.requests.map(({ method, path }) => `${method} ${path}`);

  beforeEach(async () => {
    simulator = await startSimulator({ world: 'multi', clusters: 1, authDelayMs: 10 });
    cluster = simulator.cluster('production');
  });
  afterEach(() => simulator.close());

  it('has at most 8 requests in flight, however many are asked for', async () => {
    cluster.setFault({ kind: 'slow', ms: 15 });
    const client = clientFor(configFor(cluster));
    const answers = await Promise.all(Array.from({ length: 40 }, () => client.send(version, {})));
    expect(answers).toHaveLength(40);
    expect(cluster.maxInFlight).toBeGreaterThan(1);
    expect(cluster.maxInFlight).toBeLessThanOrEqual(8);
    await client.close();
  });

  it('keeps its connections for reads that follow each other', async () => {
    const client = clientFor(configFor(cluster));
    for (let count = 0; count < 20; count += 1) await client.send(version, {});
    // A read that follows at once may come before undici has the first connection back.
    expect(cluster.connections).toBeLessThanOrEqual(2);
    await client.close();
  });

  it('lets go of its connections when it is closed', async () => {
    const client = clientFor(configFor(cluster));
    await client.send(version, {});
    await client.close();
    await expect.poll(() => cluster.connections).toBe(0);
  });

  it('sends a read once more when its reply broke off', async () => {
    cluster.setFault({ kind: 'reset' }, { times: 1 });
    const client = clientFor(configFor(cluster));
    expect((await client.send(version, {})).data.version).toMatch(/^9\.2/);
    expect(pathsSent()).toEqual(['GET /version', 'GET /version']);
    await client.close();
  });

  it('gives a read up when its reply broke off three times', async () => {
    cluster.setFault({ kind: 'reset' });
    const client = clientFor(configFor(cluster));
    const error = await rejectionOf(client.send(version, {}), ConnectionError);
    expect(error).toMatchObject({ cluster: 'production', sent: true, address: cluster.url });
    expect(error.code).not.toBe('');
    expect(pathsSent()).toEqual(['GET /version', 'GET /version', 'GET /version']);
    await client.close();
  });

  it('never sends a write twice: its reply is lost, and it may have run', async () => {
    cluster.setFault({ kind: 'reset' });
    const client = clientFor(configFor(cluster));
    const error = await rejectionOf(client.send(start, stopped), ConnectionError);
    expect(error).toMatchObject({ method: 'POST', sent: true });
    expect(pathsSent()).toEqual(['POST /nodes/pve3/qemu/102/status/start']);
    await client.close();
  });

  it('sends a read once more after a stale connection inside the cluster (599), a write never', async () => {
    cluster.setFault({ kind: 'status', status: 599, reason: 'Too many redirections' }, { times: 1 });
    const client = clientFor(configFor(cluster));
    await client.send(version, {});
    expect(pathsSent()).toEqual(['GET /version', 'GET /version']);
    cluster.setFault({ kind: 'status', status: 599, reason: 'Too many redirections' }, { times: 1 });
    expect((await rejectionOf(client.send(start, stopped), ApiError)).status).toBe(599);
    expect(pathsSent()).toHaveLength(3);
    await client.close();
  });

  it('rejects with the reason of the signal, and frees the connection', async () => {
    cluster.setFault({ kind: 'hung' });
    const client = clientFor(configFor(cluster));
    const stop = new AbortController();
    const hanging = Array.from({ length: 7 }, () => rejection(client.send(version, {}, {}, stop.signal)));
    await expect.poll(() => cluster.requests.length).toBe(7);
    const reason = new Error('changed my mind');
    stop.abort(reason);
    expect(await Promise.all(hanging)).toEqual(Array.from({ length: 7 }, () => reason));
    cluster.setFault(undefined);
    expect((await client.send(nodes, {})).data).toHaveLength(3);
    await client.close();
  });

  it('sends nothing for a signal that was aborted before', async () => {
    const client = clientFor(configFor(cluster));
    const reason = new Error('too late');
    expect(await rejection(client.send(version, {}, {}, AbortSignal.abort(reason)))).toBe(reason);
    expect(cluster.requests).toEqual([]);
    await client.close();
  });

  it('gives a read 30 s, a write 40 s and the probe after either 5 s for its answer, and asks once', async () => {
    cluster.setFault({ kind: 'hung' }, { path: /nodes/ });
    const asked: number[] = [];
    const clock = {
      ...systemClock,
      timeout: (ms: number) => {
        asked.push(ms);
        return AbortSignal.timeout(150);
      },
    };
    const client = clientFor(configFor(cluster), { clock });
    const facts = { code: 'TIMEOUT', sent: true, cluster: 'production', address: cluster.url };
    const read = await rejectionOf(client.send(nodes, {}), AnswerTimeoutError);
    expect(read).toMatchObject({ ...facts, method: 'GET', seconds: 30 });
    const write = await rejectionOf(client.send(start, stopped), AnswerTimeoutError);
    expect(write).toMatchObject({ ...facts, method: 'POST', seconds: 40 });
    await expect.poll(() => asked).toEqual([30_000, 5000, 40_000, 5000]);
    await expect
      .poll(pathsSent)
      .toEqual(['GET /nodes', 'GET /version', 'POST /nodes/pve3/qemu/102/status/start', 'GET /version']);
    await client.close();
  });
});
