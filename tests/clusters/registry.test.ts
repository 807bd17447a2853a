import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterNotFoundError } from '../../src/clusters/errors.js';
import type { ClusterRegistry } from '../../src/clusters/registry.js';
import { type Clock, systemClock } from '../../src/pve/clock.js';
import { version } from '../../src/pve/discovery.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { configOf, registryOf } from './simulated.js';

let simulator: Simulator;
let registry: ClusterRegistry;
let now: number;
const clock: Clock = { ...systemClock, now: () => now };

beforeEach(async () => {
  now = 1_700_000_000_000;
  simulator = await startSimulator({ world: 'multi', authDelayMs: 10 });
  registry = registryOf(simulator, { PROXMOX_CLUSTER_CACHE_TTL: '60' }, { clock });
});
afterEach(async () => {
  await registry.close();
  await simulator.close();
});

const connections = (name: string) => simulator.cluster(name).connections;
const ask = (name?: string) => registry.getClient(name).send(version, {});

describe('the clients of a registry', () => {
  it('are made on first use: nothing is connected before', async () => {
    expect(simulator.clusters.map(({ connections: open }) => open)).toEqual([0, 0, 0]);
    await ask('staging');
    expect(simulator.clusters.map(({ connections: open }) => open)).toEqual([0, 1, 0]);
  });

  it('are kept for the time that is set, and then made anew with the old connections closed', async () => {
    const first = registry.getClient('production');
    await ask('production');
    now += 59_999;
    expect(registry.getClient('production')).toBe(first);
    now += 1;
    const second = registry.getClient('production');
    expect(second).not.toBe(first);
    await expect.poll(() => connections('production')).toBe(0);
    await ask('production');
    expect(registry.getClient('production')).toBe(second);
  });

  it('finish what is in flight when they are replaced', async () => {
    simulator.cluster('production').setFault({ kind: 'slow', ms: 60 });
    const pending = ask('production');
    now += 60_000;
    registry.getClient('production');
    expect((await pending).data.version).toMatch(/^9\.2/);
  });

  it('are one a cluster, the default one’s when no name is given', () => {
    expect(registry.getClient()).toBe(registry.getClient('production'));
    expect(registry.getClient().config.name).toBe('production');
    expect(registry.getClient('disaster-recovery').config.name).toBe('disaster-recovery');
  });

  it('are made anew after clearCache, for one cluster or for all', async () => {
    const clients = () => registry.listClusters().map((name) => registry.getClient(name));
    const before = clients();
    await ask('staging');
    registry.clearCache('staging');
    await expect.poll(() => connections('staging')).toBe(0);
    expect(clients().map((client, at) => client === before[at])).toEqual([true, false, true]);
    registry.clearCache();
    expect(clients().map((client, at) => client === before[at])).toEqual([false, false, false]);
  });

  it('let go of every connection on close', async () => {
    await Promise.all(registry.listClusters().map((name) => ask(name)));
    await registry.close();
    await expect.poll(() => simulator.clusters.map(({ connections: open }) => open)).toEqual([0, 0, 0]);
  });

  it('are made by the factory that is given, with the cluster’s configuration', async () => {
    const made: string[] = [];
    const own = registryOf(
      simulator,
      {},
      {
        createTransport: (config) => {
          made.push(config.name);
          const body = '{"data":{"version":"7.4-3","release":"7.4"}}';
          return {
            fetch: async () => ({ status: 200, statusText: 'OK', text: async () => body }),
            close: async () => undefined,
          };
        },
      },
    );
    const { data } = await own.getClient('staging').send(version, {});
    expect(data.version).toBe('7.4-3');
    expect(made).toEqual(['staging']);
    expect(simulator.cluster('staging').requests).toEqual([]);
  });
});

describe('a cluster that is not there', () => {
  it('is an error that names those there are and the nearest', () => {
    for (const run of [
      () => registry.getClient('prodution'),
      () => registry.getClusterConfig('prodution'),
      () => registry.getClusterInfo('prodution'),
      () => registry.clearCache('prodution'),
    ]) {
      expect(run).toThrow(ClusterNotFoundError);
      expect(run).toThrow(/no cluster is named 'prodution'/);
    }
  });

  it('rejects a check of it', async () => {
    await expect(registry.validateCluster('prodution')).rejects.toMatchObject({
      name: 'ClusterNotFoundError',
      cluster: 'prodution',
      known: ['production', 'staging', 'disaster-recovery'],
      nearest: 'production',
    });
  });
});

describe('what a registry knows without asking', () => {
  it('is the names, in the order of the configuration', () => {
    expect(registry.listClusters()).toEqual(['production', 'staging', 'disaster-recovery']);
  });

  it('is the configuration of each', () => {
    expect(registry.getClusterConfig('staging')).toMatchObject({ name: 'staging', tokenId: 'mcp@pve!main' });
  });

  it.each([
    ['prod-web-9', 'production'],
    ['stg-anything', 'staging'],
    ['staging-vm-12', 'staging'],
    ['whatever', 'production'],
  ])('is that a guest called %s is looked for on %s', (name, cluster) => {
    expect(registry.selectClusterForResource(name)).toBe(cluster);
  });

  it('is the cluster of a pattern', () => {
    expect(registry.getClusterByPattern('stg-')).toBe('staging');
    expect(registry.getClusterByPattern('stg-web')).toBeUndefined();
  });

  it('is what may be shown of each, without its secret', () => {
    const info = registry.getClusterInfo('staging');
    const { url, tokenSecret } = simulator.cluster('staging');
    expect(info).toMatchObject({
      name: 'staging',
      urls: [url],
      isDefault: false,
      tls: 'fingerprint',
      tokenId: 'mcp@pve!main',
      group: 'core',
    });
    expect(info).not.toHaveProperty('tokenSecret');
    expect(JSON.stringify(registry.listAllClustersInfo())).not.toContain(tokenSecret);
    expect(registry.listAllClustersInfo().map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ['production', true],
      ['staging', false],
      ['disaster-recovery', false],
    ]);
    expect(registry.getClusterInfo().name).toBe('production');
    expect(simulator.clusters.flatMap(({ requests }) => requests)).toEqual([]);
  });

  it('is the default cluster that was set', () => {
    const config = configOf(simulator, { PROXMOX_DEFAULT_CLUSTER: 'staging' });
    expect(config.defaultCluster).toBe('staging');
  });
});
