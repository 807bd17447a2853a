import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../../src/pve/endpoint.js';
import { BreakerOpenError, CertificateError, ConnectionError, ServerError } from '../../src/pve/errors.js';
import { createTransport, type Transport } from '../../src/pve/transport.js';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, rejection, rejectionOf } from './one-cluster.js';
import { refusedAddress, startRawServer } from './raw-server.js';

const version = endpoint('GET /version', z.object({ version: z.string() }));
const start = endpoint('POST /nodes/{node}/qemu/{vmid}/status/start', z.string());

let simulator: Simulator;
let cluster: SimulatedCluster;
let dead: string;

beforeEach(async () => {
  simulator = await startSimulator({ world: 'multi', clusters: 2, authDelayMs: 10 });
  cluster = simulator.cluster('production');
  dead = await refusedAddress();
});
afterEach(() => simulator.close());

/** The real transport, and the addresses that it was asked for. */
function watched(more: Parameters<typeof configFor>[1]) {
  const config = configFor(cluster, more);
  const real = createTransport(config.tls);
  const asked: string[] = [];
  const transport: Transport = {
    fetch: (url, init) => {
      asked.push(new URL(url).origin);
      return real.fetch(url, init);
    },
    close: () => real.close(),
  };
  return { client: clientFor(config, { transport }), asked };
}

describe('a cluster with several addresses', () => {
  it('is asked at the next one when a connection is refused, and stays there', async () => {
    const { client, asked } = watched({ apiUrls: [dead, cluster.url] });
    await client.send(version, {});
    await client.send(version, {});
    expect(asked).toEqual([dead, cluster.url, cluster.url]);
    await client.close();
  });

  it('gets a write at the next one too, once: nothing of it was sent', async () => {
    const { client } = watched({ apiUrls: [dead, cluster.url] });
    expect((await client.send(start, { node: 'pve3', vmid: 102 })).data).toMatch(/^UPID:pve3:/);
    expect(cluster.requests.map(({ method }) => method)).toEqual(['POST']);
    await client.close();
  });

  it.each([
    { code: 'EHOSTUNREACH', syscall: 'read' },
    { code: 'EPROTO', syscall: 'read' },
    { code: 'ERR_SSL_WRONG_VERSION_NUMBER' },
  ])('gets no write again that had left when the connection ended with %j', async (facts) => {
    let asked = 0;
    const transport: Transport = {
      fetch: async () => {
        asked += 1;
        throw Object.assign(new Error(facts.code), facts);
      },
      close: async () => undefined,
    };
    const client = clientFor(configFor(cluster, { apiUrls: [cluster.url, dead] }), { transport });
    const error = await rejectionOf(client.send(start, { node: 'pve3', vmid: 102 }), ConnectionError);
    expect(error).toMatchObject({ code: facts.code, sent: true });
    expect(asked).toBe(1);
  });

  it('comes back to the first when the last one is gone', async () => {
    const { client, asked } = watched({ apiUrls: [dead, cluster.url] });
    await client.send(version, {});
    cluster.setFault({ kind: 'unreachable' });
    await rejectionOf(client.send(version, {}), ConnectionError);
    expect(asked.slice(2)).toEqual([cluster.url, dead, cluster.url]);
    await client.close();
  });

  it('asks a name that cannot be resolved no longer than the next address', async () => {
    const { client } = watched({ apiUrls: ['https://no-such-host.invalid:8006', cluster.url] });
    expect((await client.send(version, {})).data.version).toMatch(/^9\.2/);
    await client.close();
  });

  it('is not asked elsewhere after an answer that is an error', async () => {
    cluster.setFault({ kind: 'status', status: 500, reason: 'storage is offline' });
    const { client, asked } = watched({ apiUrls: [cluster.url, dead] });
    await rejectionOf(client.send(version, {}), ServerError);
    expect(asked).toEqual([cluster.url]);
    await client.close();
  });

  it('is not asked elsewhere after a certificate that was not accepted', async () => {
    const wrong = Array.from({ length: 32 }, () => 'AB').join(':');
    const { client, asked } = watched({
      apiUrls: [cluster.url, dead],
      tls: { mode: 'fingerprint', fingerprints: [wrong] },
    });
    await rejectionOf(client.send(version, {}), CertificateError);
    expect(asked).toEqual([cluster.url]);
    await client.close();
  });

  it('finds the living one for many requests at once', async () => {
    const { client } = watched({ apiUrls: [dead, cluster.url] });
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send(version, {})));
    expect(answers).toHaveLength(20);
    expect(cluster.requests).toHaveLength(20);
    await client.close();
  });

  it('is unreachable when all refuse: with the code and the address', async () => {
    const other = await refusedAddress();
    const { client, asked } = watched({ apiUrls: [dead, other] });
    const error = await rejectionOf(client.send(version, {}), ConnectionError);
    expect(error).toMatchObject({ cluster: 'production', code: 'ECONNREFUSED', sent: false, address: dead });
    expect(error.message).toContain('ECONNREFUSED');
    expect(asked).toEqual([dead, other, dead]);
    await client.close();
  });
});

describe('a cluster with one address', () => {
  it('is asked up to three times when it refuses, as one does that restarts, and after a while no more', async () => {
    const { client, asked } = watched({ apiUrls: [dead] });
    const error = await rejectionOf(client.send(version, {}), ConnectionError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', sent: false, address: dead });
    expect(asked).toEqual([dead, dead, dead]);
    await rejectionOf(client.send(start, { node: 'pve1', vmid: 100 }), ConnectionError);
    expect(asked).toEqual([dead, dead, dead, dead, dead, dead]);
    await expect.poll(() => rejection(client.send(version, {})), { timeout: 8000 }).toBeInstanceOf(BreakerOpenError);
    const { length } = asked;
    const refused = await rejectionOf(client.send(version, {}), BreakerOpenError);
    expect(refused).toMatchObject({ code: 'ECONNREFUSED', sent: false, reason: error.message });
    expect(asked).toHaveLength(length);
    await client.close();
  });

  it('is reached again as soon as it is back', async () => {
    const { client } = watched({});
    cluster.setFault({ kind: 'unreachable' });
    await rejectionOf(client.send(version, {}), ConnectionError);
    cluster.setFault(undefined);
    expect((await client.send(version, {})).data.version).toMatch(/^9\.2/);
    await client.close();
  });
});

it('knows that a write did not leave where what listens speaks no TLS', async () => {
  const plain = await startRawServer((response) => response.end());
  const address = plain.url.replace('http:', 'https:');
  const client = clientFor(configFor(cluster, { apiUrls: [address, cluster.url] }));
  expect((await client.send(start, { node: 'pve3', vmid: 102 })).data).toMatch(/^UPID:pve3:/);
  expect(plain.requests).toEqual([]);
  await client.close();
  await plain.close();
});
