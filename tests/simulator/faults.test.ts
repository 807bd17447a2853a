import { Agent } from 'node:https';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock, type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { rows, send } from './request.js';

let clock: ManualClock;
let simulator: Simulator;
let production: SimulatedCluster;

beforeEach(async () => {
  clock = new ManualClock();
  simulator = await startSimulator({ clock, authDelayMs: 0 });
  production = simulator.cluster('production');
});

afterEach(() => simulator.close());

async function failure(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
  return 'none';
}

describe('a whole cluster', () => {
  test('unreachable refuses connections and comes back on the same port', async () => {
    const { port } = production;
    production.setFault({ kind: 'unreachable' });
    expect(await failure(send(production, '/version'))).toBe('ECONNREFUSED');
    expect((await send(simulator.cluster('staging'), '/version')).status).toBe(200);
    production.setFault(undefined);
    expect((await send(production, '/version')).status).toBe(200);
    expect(production.port).toBe(port);
  });

  test('unreachable for a number of times', async () => {
    production.setFault({ kind: 'unreachable' }, { times: 2 });
    expect(await failure(send(production, '/version'))).toBe('ECONNRESET');
    expect(await failure(send(production, '/version'))).toBe('ECONNRESET');
    expect((await send(production, '/version')).status).toBe(200);
  });

  test('hung never answers', async () => {
    production.setFault({ kind: 'hung' });
    const signal = AbortSignal.timeout(80);
    expect(await failure(send(production, '/version', { options: { signal } }))).toBe('ABORT_ERR');
    expect(production.requests.at(-1)).toMatchObject({ path: '/version', status: 0 });
  });

  test('slow answers later', async () => {
    production.setFault({ kind: 'slow', ms: 60 });
    const begin = performance.now();
    expect((await send(production, '/version')).status).toBe(200);
    expect(performance.now() - begin).toBeGreaterThan(55);
  });

  test.each([
    [500, 'got timeout'],
    [596, 'Connection timed out'],
    [599, 'Too many redirections'],
  ])('answers %i', async (status, reason) => {
    production.setFault({ kind: 'status', status, reason }, { path: /^\/nodes/, times: 1 });
    expect((await send(production, '/version')).status).toBe(200);
    const answer = await send(production, '/nodes');
    expect(answer).toMatchObject({ status, reason });
    expect(answer.headers.connection).toBe('close');
    expect((await send(production, '/nodes')).status).toBe(200);
  });

  test('breaks off in the middle of a reply', async () => {
    production.setFault({ kind: 'reset' });
    expect(await failure(send(production, '/cluster/resources'))).toBe('ECONNRESET');
  });

  test('runs a request and sends nothing back', async () => {
    production.setFault({ kind: 'lost' }, { method: 'POST' });
    expect(await failure(send(production, path, start))).toBe('ECONNRESET');
    expect(production.state.tasks.at(-1)).toMatchObject({ type: 'qmstart', id: '102', user: production.tokenId });
    expect((await send(production, '/version')).status).toBe(200);
  });

  const start = { method: 'POST' };
  const path = '/nodes/pve3/qemu/102/status/start';
  const started = () => production.state.tasks.filter(({ type, id }) => type === 'qmstart' && id === '102').length;

  test('runs a request and never answers', async () => {
    const before = started();
    production.setFault({ kind: 'late' }, { method: 'POST', times: 1 });
    const signal = AbortSignal.timeout(200);
    expect(await failure(send(production, path, { ...start, options: { signal } }))).toBe('ABORT_ERR');
    expect(started()).toBe(before + 1);
    expect(production.requests.at(-1)).toMatchObject({ status: 0, ran: true, inside: 200, fault: 'late' });
  });

  test('answers something else, though the request ran or did not', async () => {
    const before = started();
    const late = { kind: 'status', status: 597, reason: 'Broken pipe' } as const;
    production.setFault(late, { method: 'POST', times: 1 });
    expect((await send(production, path, start)).status).toBe(597);
    expect(started()).toBe(before);
    production.setFault({ ...late, ran: true }, { method: 'POST', times: 1 });
    expect((await send(production, path, start)).status).toBe(597);
    expect(started()).toBe(before + 1);
    expect(production.requests.at(-1)).toMatchObject({ status: 597, ran: true, inside: 200, fault: 'status' });
    production.setFault({ kind: 'redirect', location: 'https://127.0.0.1:1/' }, { times: 1 });
    const moved = await send(production, '/version');
    expect(moved).toMatchObject({ status: 302, headers: { location: 'https://127.0.0.1:1/' } });
  });

  test('meets one request after so many of its kind, and counts what it met', async () => {
    production.setFault(
      { kind: 'status', status: 500, reason: 'got timeout' },
      { path: /^\/nodes$/, skip: 1, times: 1 },
    );
    expect((await send(production, '/nodes')).status).toBe(200);
    expect(production.faultHits).toBe(0);
    expect((await send(production, '/nodes')).status).toBe(500);
    expect((await send(production, '/nodes')).status).toBe(200);
    expect(production.faultHits).toBe(1);
  });

  test('lets a task go on for ever', async () => {
    production.setFault({ kind: 'stuck' }, { times: 1 });
    const { data } = await send(production, path, start);
    clock.advance(86_400);
    const task = production.state.tasks.find(({ upid }) => upid === data);
    expect(task).toMatchObject({ type: 'qmstart', id: '102' });
    expect(task?.endtime).toBeUndefined();
  });

  test.each([
    ['truncated', /^\{"data":\[/],
    ['foreign', /^\{"status"/],
  ] as const)('answers garbage that is %s JSON', async (form, text) => {
    production.setFault({ kind: 'garbage', form });
    const answer = await send(production, '/version');
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(text);
  });

  test('tells the time of its own clock', async () => {
    clock.advance(3600);
    const { headers } = await send(production, '/version');
    expect(Date.parse(String(headers.date))).toBe(Math.floor(clock.now() / 1000) * 1000);
  });

  test('answers garbage', async () => {
    production.setFault({ kind: 'garbage' });
    const answer = await send(production, '/version');
    expect(answer).toMatchObject({ status: 200, body: {} });
    expect(answer.text).toContain('<html>');
  });

  test('serves another certificate', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const options = { agent, ca: production.caPem };
    await send(production, '/version', { options });
    production.setFault({ kind: 'certificate' });
    expect(await failure(send(production, '/version'))).not.toBe('none');
    expect(await servedFingerprint()).not.toBe(production.fingerprint);
    production.setFault(undefined);
    expect(await servedFingerprint()).toBe(production.fingerprint);
    agent.destroy();
  });

  function servedFingerprint(): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: production.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  }

  test('without quorum takes no writes', async () => {
    production.setFault({ kind: 'no-quorum' });
    const [cluster] = rows(await send(production, '/cluster/status'));
    expect(cluster).toMatchObject({ type: 'cluster', quorate: 0 });
    const write = await send(production, '/nodes/pve3/qemu/102/status/start', { method: 'POST' });
    expect(write).toMatchObject({ status: 500, reason: 'cluster not ready - no quorum?' });
    expect((await send(production, '/nodes')).status).toBe(200);
  });
});

describe('a node', () => {
  test('unreachable is offline, answers 595, and its guests are forgotten after five minutes', async () => {
    production.setFault({ kind: 'unreachable' }, { node: 'pve2' });
    expect(await send(production, '/nodes/pve2/status')).toMatchObject({ status: 595, reason: 'No route to host' });
    expect((await send(production, '/nodes/pve1/status')).status).toBe(200);
    const node = rows(await send(production, '/nodes')).find((entry) => entry.node === 'pve2');
    expect(node?.status).toBe('offline');
    const guest = async () => {
      const list = rows(await send(production, '/cluster/resources'));
      return list.find((entry) => entry.vmid === 101);
    };
    expect(await guest()).toMatchObject({ status: 'running', name: 'prod-web-2' });
    clock.advance(301);
    expect(await guest()).toMatchObject({ status: 'unknown', node: 'pve2' });
    expect(await guest()).not.toHaveProperty('name');
    production.setFault(undefined);
    expect(await guest()).toMatchObject({ status: 'running' });
  });

  test('hung answers 596 after thirty seconds, and has done what was asked', async () => {
    production.setFault({ kind: 'hung' }, { node: 'pve3' });
    const waiting = send(production, '/nodes/pve3/qemu/102/status/start', { method: 'POST' });
    const untilAsked = async () => {
      while (!production.state.tasks.some((task) => task.type === 'qmstart' && task.endtime === undefined)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await untilAsked();
    clock.advance(30);
    expect(await waiting).toMatchObject({ status: 596, reason: 'Connection timed out' });
    expect(production.state.guests.find((guest) => guest.vmid === 102)?.status).toBe('running');
  });

  test('has its RRD files on all the others', async () => {
    production.setFault({ kind: 'unreachable' }, { node: 'pve2' });
    expect((await send(production, '/nodes/pve2/rrddata?timeframe=hour')).status).toBe(200);
  });
});

test('requests at a time are counted', async () => {
  production.setFault({ kind: 'slow', ms: 50 });
  await Promise.all(Array.from({ length: 5 }, () => send(production, '/version')));
  expect(production.maxInFlight).toBe(5);
});

test('close ends hung connections', async () => {
  production.setFault({ kind: 'hung' });
  const hanging = failure(send(production, '/version'));
  while (production.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(production.connections).toBe(1);
  await simulator.close();
  expect(await hanging).toBe('ECONNRESET');
  production.setFault(undefined);
  expect(await failure(send(production, '/version'))).toBe('ECONNREFUSED');
});

describe('a cluster with several addresses', () => {
  let cluster: SimulatedCluster;
  beforeEach(async () => {
    await simulator.close();
    simulator = await startSimulator({ clock, authDelayMs: 0, endpoints: 3 });
    cluster = simulator.cluster('production');
  });
  /** The node that answers at each address; the code where none does. */
  const locals = () =>
    Promise.all(
      cluster.urls.map(async (url) => {
        const options = { port: new URL(url).port };
        const asked = send(cluster, '/cluster/status', { options });
        return asked.then(
          (answer) => rows(answer).find(({ local }) => local === 1)?.name,
          (error) => error.code,
        );
      }),
    );

  test('answers at each as another node, and names them all to its clients', async () => {
    expect(await locals()).toEqual(['pve1', 'pve2', 'pve3']);
    expect(simulator.env().PROXMOX_CLUSTER_production_API_URL).toBe(cluster.urls.join(','));
    expect(cluster.requests.map(({ endpoint }) => endpoint).sort()).toEqual([0, 1, 2]);
  });

  test('loses one and gets it back', async () => {
    const urls = [...cluster.urls];
    cluster.setFault({ kind: 'unreachable' }, { endpoint: 1 });
    cluster.setFault({ kind: 'garbage' }, { endpoint: 2, path: /version/ });
    expect(await locals()).toEqual(['pve1', 'ECONNREFUSED', 'pve3']);
    cluster.setFault(undefined, { endpoint: 1 });
    expect(await locals()).toEqual(['pve1', 'pve2', 'pve3']);
    expect(cluster.urls).toEqual(urls);
  });
});
