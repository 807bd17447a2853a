import { describe, expect, test } from 'vitest';
import { ManualClock, type SimulatorOptions, startSimulator } from '../../src/simulator/listen.js';
import { row, rows, send } from './request.js';

async function started<T>(
  options: SimulatorOptions,
  use: (simulator: Awaited<ReturnType<typeof startSimulator>>) => Promise<T>,
): Promise<T> {
  const simulator = await startSimulator({ http: true, authDelayMs: 0, clock: new ManualClock(), ...options });
  try {
    return await use(simulator);
  } finally {
    await simulator.close();
  }
}

describe('worlds', () => {
  test('are the same at each start', async () => {
    const look = () =>
      started({ world: 'multi', clusters: 4 }, async (simulator) =>
        JSON.stringify(simulator.clusters.map((cluster) => [cluster.tokenSecret, cluster.state])),
      );
    expect(await look()).toBe(await look());
  });

  test('single is a host that never joined a cluster', async () => {
    await started({ world: 'single', http: false }, async (simulator) => {
      const cluster = simulator.cluster('pve');
      expect(rows(await send(cluster, '/cluster/status'))).toMatchObject([{ type: 'node', name: 'pve', local: 1 }]);
      expect(simulator.env()).toEqual({
        PROXMOX_API_URL: cluster.url,
        PROXMOX_TOKEN_ID: 'mcp@pve!main',
        PROXMOX_TOKEN_SECRET: cluster.tokenSecret,
        PROXMOX_FINGERPRINT: cluster.fingerprint,
      });
      expect(cluster.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    });
  });

  test('multi has three clusters of two versions', async () => {
    await started({}, async (simulator) => {
      const names = simulator.clusters.map((cluster) => cluster.name);
      expect(names).toEqual(['production', 'staging', 'disaster-recovery']);
      expect(simulator.clusters.map((cluster) => cluster.state.version)).toEqual(['9.2', '8.4', '9.2']);
      const env = simulator.env();
      expect(env).toMatchObject({
        PROXMOX_CLUSTERS: 'production,staging,disaster-recovery',
        PROXMOX_CLUSTER_disaster_recovery_API_URL: simulator.cluster('disaster-recovery').url,
        PROXMOX_CLUSTER_production_TIER: 'production',
        PROXMOX_CLUSTER_PATTERNS: 'prod-:production,stg-:staging,dr-:disaster-recovery',
        PROXMOX_CLUSTER_VMID_MAP: '100-199:production,200-299:staging,900-999:disaster-recovery',
      });
      expect(Object.keys(env).some((key) => key.endsWith('_FINGERPRINT'))).toBe(false);
      expect(() => simulator.cluster('dr')).toThrow("no simulated cluster 'dr'");
    });
  });

  test('multi can be smaller or larger', async () => {
    await started({ clusters: 1 }, async (simulator) => expect(simulator.clusters).toHaveLength(1));
    await started({ clusters: 5, version: '8.4' }, async (simulator) => {
      expect(simulator.clusters.map((cluster) => cluster.name).slice(3)).toEqual(['cluster-4', 'cluster-5']);
      expect(simulator.clusters.every((cluster) => cluster.state.version === '8.4')).toBe(true);
      expect(simulator.env().PROXMOX_CLUSTER_PATTERNS).toContain('c4-:cluster-4');
    });
  });

  test('twins share VMIDs and names and nothing else', async () => {
    await started({ world: 'twins' }, async (simulator) => {
      const [east, west] = await Promise.all(
        ['east', 'west'].map(async (name) => row(await send(simulator.cluster(name), '/nodes/pve1/qemu/100/config'))),
      );
      expect(east?.name).toBe('web');
      expect(west?.name).toBe('web');
      expect(east?.net0).not.toBe(west?.net0);
      expect(east?.description).toBe('east: front end\n');
    });
  });

  test('large is as large as asked', async () => {
    await started({ world: 'large', http: false }, async (simulator) => {
      expect(simulator.clusters).toHaveLength(20);
      const guests = rows(await send(simulator.cluster('cluster-20'), '/cluster/resources?type=vm'));
      expect(guests).toHaveLength(500);
    });
  });

  test('have one VMID once a cluster, and every guest on a node that is there', async () => {
    for (const world of ['single', 'multi', 'twins', 'large'] as const) {
      await started({ world, ...(world === 'large' ? { clusters: 2 } : {}) }, async (simulator) => {
        for (const { state } of simulator.clusters) {
          const vmids = state.guests.map((guest) => guest.vmid);
          expect(new Set(vmids).size).toBe(vmids.length);
          const nodes = new Set(state.nodes.map((node) => node.node));
          expect(state.guests.filter((guest) => !nodes.has(guest.node))).toEqual([]);
          const upids = state.tasks.map((task) => task.upid);
          expect(new Set(upids).size).toBe(upids.length);
        }
      });
    }
  });
});
