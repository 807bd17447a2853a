import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TlsConfig } from '../../src/config/cluster-config.js';
import { readCertificate } from '../../src/pve/certificate.js';
import { endpoint } from '../../src/pve/endpoint.js';
import { CertificateError, ConnectionError } from '../../src/pve/errors.js';
import { type SimulatedCluster, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { clientFor, configFor, configOf, rejection, rejectionOf } from './one-cluster.js';
import { refusedAddress } from './raw-server.js';

const version = endpoint('GET /version', z.object({ version: z.string() }));
const unseen = Array.from({ length: 32 }, () => 'AB').join(':');

let folder: string;
let caFile: string;
let simulator: Simulator;
let cluster: SimulatedCluster;
let pinned: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxmox-mcp-tls-'));
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  simulator = await startSimulator({ world: 'single', authDelayMs: 10 });
  cluster = simulator.cluster('pve');
  pinned = cluster.fingerprint ?? '';
  caFile = join(folder, 'ca.pem');
  await writeFile(caFile, cluster.caPem ?? '');
  return () => simulator.close();
});

async function ask(tls: TlsConfig) {
  const client = clientFor(configFor(cluster, { tls }));
  try {
    return await client.send(version, {});
  } finally {
    await client.close();
  }
}

describe('a certificate is accepted', () => {
  it('by the file of its authority', async () => {
    expect((await ask({ mode: 'ca', caFile })).data.version).toMatch(/^9\.2/);
  });

  it('by its fingerprint, also beside others', async () => {
    expect(pinned).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect((await ask({ mode: 'fingerprint', fingerprints: [pinned] })).data.version).toMatch(/^9\.2/);
    expect((await ask({ mode: 'fingerprint', fingerprints: [unseen, pinned] })).data.version).toMatch(/^9\.2/);
  });

  it('by nothing at all when checking is off', async () => {
    expect((await ask({ mode: 'off' })).data.version).toMatch(/^9\.2/);
  });
});

describe('a certificate is refused, its fingerprint is told, and nothing reaches the server', () => {
  const refused = async (tls: TlsConfig) => {
    const error = await rejectionOf(ask(tls), CertificateError);
    expect(error).toMatchObject({ fingerprint: pinned, address: cluster.url, cluster: 'pve', sent: false });
    expect(cluster.requests).toEqual([]);
    return error;
  };

  it('when the system’s authorities do not know its own', async () => {
    expect((await refused({ mode: 'system' })).code).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('when another fingerprint is pinned', async () => {
    expect((await refused({ mode: 'fingerprint', fingerprints: [unseen] })).code).toBe('FINGERPRINT_MISMATCH');
  });

  it('when another authority is trusted', async () => {
    const other = await generate([{ name: 'commonName', value: 'Other CA' }], {
      extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
    });
    await writeFile(caFile, other.cert);
    await refused({ mode: 'ca', caFile });
  });

  it('for writes as for reads', async () => {
    const client = clientFor(configFor(cluster, { tls: { mode: 'fingerprint', fingerprints: [unseen] } }));
    const start = endpoint('POST /nodes/{node}/qemu/{vmid}/status/start', z.string());
    await rejectionOf(client.send(start, { node: 'pve', vmid: 106 }), CertificateError);
    expect(cluster.requests).toEqual([]);
    await client.close();
  });

  it('when it changes while the client runs', async () => {
    const client = clientFor(configFor(cluster));
    await client.send(version, {});
    cluster.setFault({ kind: 'certificate' });
    const error = await rejectionOf(client.send(version, {}), CertificateError);
    expect(error.code).toBe('FINGERPRINT_MISMATCH');
    expect(error.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(error.fingerprint).not.toBe(pinned);
    expect(cluster.requests).toHaveLength(1);
    cluster.setFault(undefined);
    await client.send(version, {});
    await client.close();
  });
});

describe('the name of the host', () => {
  it('must stand in a certificate that its authority vouches for', async () => {
    const made = await generate([{ name: 'commonName', value: 'pve1.example.com' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'pve1.example.com' }] }],
    });
    let requests = 0;
    const server = createServer({ key: made.private, cert: made.cert }, (_, response) => {
      requests += 1;
      response.end('{"data":{"version":"9.2"}}');
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    await writeFile(caFile, made.cert);
    for (const host of ['127.0.0.1', 'localhost']) {
      const client = clientFor(configOf(`https://${host}:${port}`, { tls: { mode: 'ca', caFile } }));
      const error = await rejectionOf(client.send(version, {}), CertificateError);
      expect(error.code).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
      await client.close();
    }
    expect(requests).toBe(0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a look at the certificate, as doctor takes it', () => {
  it('tells fingerprint, subject and why it is not trusted, and sends nothing', async () => {
    const seen = await readCertificate(cluster.url, 2000);
    expect(seen).toMatchObject({
      fingerprint: pinned,
      subject: 'pve.example',
      trusted: false,
      reason: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    expect(Date.parse(seen.validTo)).toBeGreaterThan(Date.now());
    expect(cluster.requests).toEqual([]);
  });

  it('rejects with the code of what went wrong', async () => {
    expect(await rejection(readCertificate(await refusedAddress(), 2000))).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('gives up on a server that does not shake hands', async () => {
    const server = createTcpServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
    expect(await rejection(readCertificate(`https://127.0.0.1:${port}`, 50))).toMatchObject({ code: 'ETIMEDOUT' });
    server.close();
  });
});

describe('https and http', () => {
  it('are not taken for each other', async () => {
    const client = clientFor(configFor(cluster, { apiUrls: [cluster.url.replace('https:', 'http:')] }));
    await rejectionOf(client.send(version, {}), ConnectionError);
    expect(cluster.requests).toEqual([]);
    await client.close();
  });
});
