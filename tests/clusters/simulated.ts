import { ClusterRegistry, type RegistryDependencies } from '../../src/clusters/registry.js';
import type { ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import type { Simulator } from '../../src/simulator/listen.js';

/** The configuration with which a user would reach a simulated world. */
export const configOf = (simulator: Simulator, more: Record<string, string> = {}): ClusterRegistryConfig =>
  requireConfig(parseEnv({ ...simulator.env(), ...more }));

export function registryOf(
  simulator: Simulator,
  more: Record<string, string> = {},
  dependencies: RegistryDependencies = {},
): ClusterRegistry {
  return new ClusterRegistry(configOf(simulator, more), dependencies);
}

/** The environment of a token on one cluster of a world. */
export const tokenEnv = (cluster: string, tokenId: string, secret: string): Record<string, string> => ({
  [`PROXMOX_CLUSTER_${cluster}_TOKEN_ID`]: tokenId,
  [`PROXMOX_CLUSTER_${cluster}_TOKEN_SECRET`]: secret,
});
