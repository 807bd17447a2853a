import type { PveVersion } from '../state.js';
import { type ClusterSeed, clusterFromSeed, type SeededCluster } from './cluster-seed.js';
import { disasterRecovery } from './disaster-recovery.js';
import { generatedCluster } from './generated.js';
import { production } from './production.js';
import { single } from './single.js';
import { staging } from './staging.js';
import { twins } from './twins.js';

export type WorldName = 'single' | 'multi' | 'twins' | 'large';

export interface WorldOptions {
  readonly clusters?: number;
  readonly guests?: number;
  readonly version?: PveVersion;
  /** Seconds since 1970. */
  readonly now: number;
}

export interface World {
  readonly clusters: readonly SeededCluster[];
}

function multi(count: number): ClusterSeed[] {
  const known = [production, staging, disasterRecovery];
  const invented = Array.from({ length: Math.max(0, count - known.length) }, (_, at) =>
    generatedCluster(known.length + at + 1, { nodes: 2, guests: 12, firstVmid: 1000 + at * 100 }),
  );
  return [...known.slice(0, count), ...invented];
}

function seedsOf(name: WorldName, options: WorldOptions): ClusterSeed[] {
  switch (name) {
    case 'single':
      return [single];
    case 'multi':
      return multi(options.clusters ?? 3);
    case 'twins':
      return twins;
    case 'large':
      return Array.from({ length: options.clusters ?? 20 }, (_, at) =>
        generatedCluster(at + 1, { nodes: 3, guests: options.guests ?? 500, firstVmid: 100 }),
      );
  }
}

export function makeWorld(name: WorldName, options: WorldOptions): World {
  const seeds = seedsOf(name, options);
  const { version } = options;
  const chosen = version === undefined ? seeds : seeds.map((seed) => ({ ...seed, version }));
  return { clusters: chosen.map((seed) => clusterFromSeed(seed, options.now)) };
}
