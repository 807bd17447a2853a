import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { registryOf, tokenEnv } from './simulated.js';

let simulator: Simulator;
let registry: ClusterRegistry;

beforeEach(async () => {
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
  registry = registryOf(simulator);
});
afterEach(async () => {
  await registry.close();
  await simulator.close();
});

/** A registry in which production is reached otherwise. */
const withEnv = async <T>(env: Record<string, string>, use: (other: ClusterRegistry) => Promise<T>) => {
  const other = registryOf(simulator, env);
  try {
    return await use(other);
  } finally {
    await other.close();
  }
};

describe('the check of a cluster', () => {
  it('tells version, nodes, quorum, token, privileges and latency', async () => {
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({
      cluster: 'production',
      reachable: true,
      tokenAccepted: true,
      clusterName: 'production',
      nodes: { online: ['pve1', 'pve2', 'pve3'], offline: [] },
      quorate: true,
      latency: expect.any(Number),
      checkedAt: expect.any(Number),
    });
    expect(health.version).toMatch(/^9\.2\.\d+$/);
    expect(health.privileges?.['/']?.['VM.Audit']).toBe(true);
    expect(health.failure).toBeUndefined();
    expect((await registry.validateCluster('staging')).version).toMatch(/^8\.4\.\d+$/);
  });

  it('tells that quorum is lost', async () => {
    simulator.cluster('production').setFault({ kind: 'no-quorum' });
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({ reachable: true, quorate: false });
  });

  it('tells which node is offline', async () => {
    simulator.cluster('production').setFault({ kind: 'unreachable' }, { node: 'pve2' });
    const health = await registry.validateCluster('production');
    expect(health.reachable).toBe(true);
    await expect
      .poll(async () => (await registry.validateCluster('production')).nodes)
      .toEqual({ online: ['pve1', 'pve3'], offline: ['pve2'] });
  });

  it('tells that the token is refused, by a cluster that is reachable', async () => {
    const env = tokenEnv('production', 'mcp@pve!main', '00000000-0000-0000-0000-000000000000');
    const health = await withEnv(env, (other) => other.validateCluster('production'));
    expect(health).toMatchObject({ reachable: true, tokenAccepted: false, failure: { name: 'UnauthorizedError' } });
    expect(health.version).toBeUndefined();
  });

  it('tells what a token lacks: no quorum is seen without Sys.Audit, and no more privileges than it has', async () => {
    const secret = simulator.cluster('production').addToken('reader@pve!mcp', { '/vms': ['VM.Audit'] });
    const env = tokenEnv('production', 'reader@pve!mcp', secret);
    const health = await withEnv(env, (other) => other.validateCluster('production'));
    expect(health).toMatchObject({ reachable: true, tokenAccepted: true });
    expect(health.quorate).toBeUndefined();
    expect(health.failure).toBeUndefined();
    expect(health.privileges?.['/vms']).toEqual({ 'VM.Audit': true });
    expect(health.privileges?.['/']).toBeUndefined();
  });

  it('tells why nothing answers', async () => {
    simulator.cluster('production').setFault({ kind: 'unreachable' });
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({ reachable: false, failure: { name: 'ConnectionError', code: 'ECONNREFUSED' } });
    expect(health.tokenAccepted).toBeUndefined();
    expect(health.latency).toBeUndefined();
  });

  it('tells the fingerprint of a certificate that is not the pinned one', async () => {
    simulator.cluster('production').setFault({ kind: 'certificate' });
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({
      reachable: false,
      failure: {
        name: 'CertificateError',
        code: 'FINGERPRINT_MISMATCH',
        fingerprint: expect.stringMatching(/^(..:){31}..$/),
      },
    });
  });

  it('tells that something else than Proxmox VE answers', async () => {
    simulator.cluster('production').setFault({ kind: 'garbage' });
    const health = await registry.validateCluster('production');
    expect(health.failure).toMatchObject({ name: 'ForeignAnswerError' });
    expect(health.version).toBeUndefined();
  });

  it('tells that a cluster answers, though with an error', async () => {
    simulator.cluster('production').setFault({ kind: 'status', status: 500, reason: 'cluster filesystem is down' });
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({ reachable: true, failure: { status: 500, reason: 'cluster filesystem is down' } });
    expect(health.tokenAccepted).toBeUndefined();
  });

  it('tells what it found when a later question fails', async () => {
    const fault = { kind: 'status', status: 500, reason: 'broken' } as const;
    simulator.cluster('production').setFault(fault, { path: /^\/nodes$/ });
    const health = await registry.validateCluster('production');
    expect(health).toMatchObject({ reachable: true, quorate: true, failure: { status: 500 } });
    expect(health.nodes).toBeUndefined();
  });

  it('is stopped by its signal', async () => {
    simulator.cluster('production').setFault({ kind: 'hung' });
    const stop = new AbortController();
    const checking = registry.validateCluster('production', stop.signal);
    await expect.poll(() => simulator.cluster('production').requests.length).toBe(1);
    stop.abort(new Error('enough'));
    await expect(checking).rejects.toThrow('enough');
  });

  it('is remembered, for listings that ask nothing', async () => {
    expect(registry.lastHealth('staging')).toBeUndefined();
    expect(registry.getClusterInfo('staging').health).toBeUndefined();
    const health = await registry.validateCluster('staging');
    expect(registry.lastHealth('staging')).toBe(health);
    expect(registry.getClusterInfo('staging').health).toBe(health);
    expect(registry.getClusterInfo('production').health).toBeUndefined();
  });

  it('has no secret in it', async () => {
    const { tokenSecret } = simulator.cluster('production');
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const found = await registry.validateAllClusters();
    const texts = found.map(
      (health) => JSON.stringify(health) + String(health.failure) + String(health.failure?.stack),
    );
    expect(texts.join('\n')).not.toContain(tokenSecret);
  });
});

describe('the check of all clusters', () => {
  it('costs a dead one its own entry and no other', async () => {
    simulator.cluster('staging').setFault({ kind: 'unreachable' });
    const found = await registry.validateAllClusters();
    expect(found.map(({ cluster, reachable }) => [cluster, reachable])).toEqual([
      ['production', true],
      ['staging', false],
      ['disaster-recovery', true],
    ]);
  });

  it('asks all at once: one that hangs holds up no other', async () => {
    simulator.cluster('production').setFault({ kind: 'hung' });
    const stop = new AbortController();
    const all = registry.validateAllClusters(stop.signal).catch((error: unknown) => error);
    await expect.poll(() => registry.lastHealth('disaster-recovery')?.reachable).toBe(true);
    await expect.poll(() => registry.lastHealth('staging')?.reachable).toBe(true);
    expect(registry.lastHealth('production')).toBeUndefined();
    stop.abort(new Error('enough'));
    expect(await all).toMatchObject({ message: 'enough' });
  });

  it('costs one whose CA file is gone its own entry and no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'proxmox-mcp-'));
    await rm(folder, { recursive: true });
    const env = {
      PROXMOX_CLUSTER_production_FINGERPRINT: '',
      PROXMOX_CLUSTER_production_CA_FILE: join(folder, 'ca.pem'),
    };
    const found = await withEnv(env, (other) => other.validateAllClusters());
    expect(found.map(({ cluster, reachable }) => [cluster, reachable])).toEqual([
      ['production', false],
      ['staging', true],
      ['disaster-recovery', true],
    ]);
    expect(found[0]?.failure).toMatchObject({ code: 'ENOENT' });
  });
});
