import { certificatesFor } from './certificate.js';
import { realClock, type SimulatorClock } from './clock.js';
import { environmentFor } from './environment.js';
import { Mounts } from './mounts.js';
import { SimulatedCluster } from './simulated-cluster.js';
import type { PveVersion } from './state.js';
import { makeWorld, type WorldName } from './worlds/world.js';

export { ManualClock, type SimulatorClock } from './clock.js';
export type { RecordedRequest } from './exchange.js';
export type { Fault, FaultScope, MigrationStage } from './fault.js';
export type { SimulatedCluster, StartedTask } from './simulated-cluster.js';
export type { ClusterState, PveVersion } from './state.js';
export type { WorldName } from './worlds/world.js';

export interface SimulatorOptions {
  world?: WorldName;
  /** For `large` (default 20); `multi` takes the first N of its three and invents more beyond them. */
  clusters?: number;
  /** Guests of a cluster in `large` (default 500). */
  guests?: number;
  /** Of all clusters; else production 9.2, staging 8.4, all others 9.2. */
  version?: PveVersion;
  /** Plain HTTP. */
  http?: boolean;
  /** Of the first cluster, the following ones take the next; 0 (default) takes free ones. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Addresses of each cluster (default 1), each that of another node. */
  endpoints?: number;
  /** Default: real time. */
  clock?: SimulatorClock;
  /** How long a 401 is held back; default 3000, as on a real server. */
  authDelayMs?: number;
}

export interface Simulator {
  readonly clusters: readonly SimulatedCluster[];
  /** Throws when there is none of that name. */
  cluster(name: string): SimulatedCluster;
  env(): Record<string, string>;
  /** Destroys open connections too. */
  close(): Promise<void>;
}

/** Starts the clusters of a world, each on a port of its own. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    world: worldName = 'multi',
    host = '127.0.0.1',
    clock = realClock,
    port = 0,
    authDelayMs = 3000,
    endpoints = 1,
  } = options;
  const certificates = options.http === true ? undefined : await certificatesFor(host);
  const world = makeWorld(worldName, { ...options, now: Math.floor(clock.now() / 1000) });
  const clusters = world.clusters.map(
    ({ state, token }) => new SimulatedCluster({ state, token, clock, certificates, host, authDelayMs, endpoints }),
  );
  const mounts = new Mounts();
  for (const cluster of clusters) cluster.meet(clusters, mounts);
  const close = async () => {
    await Promise.all(clusters.map((cluster) => cluster.close()));
  };
  try {
    await Promise.all(clusters.map((cluster, at) => cluster.listen(port === 0 ? 0 : port + at * endpoints)));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    clusters,
    cluster: (name) => {
      const found = clusters.find((cluster) => cluster.name === name);
      if (found === undefined)
        throw new Error(`no simulated cluster '${name}': ${clusters.map((one) => one.name).join(', ')}`);
      return found;
    },
    env: () => environmentFor(worldName, world, clusters),
    close,
  };
}
