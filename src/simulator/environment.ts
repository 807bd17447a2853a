import type { SimulatedCluster } from './simulated-cluster.js';
import type { World, WorldName } from './worlds/world.js';

function single(cluster: SimulatedCluster): Record<string, string> {
  return {
    PROXMOX_API_URL: cluster.urls.join(','),
    PROXMOX_TOKEN_ID: cluster.tokenId,
    PROXMOX_TOKEN_SECRET: cluster.tokenSecret,
    ...(cluster.fingerprint === undefined ? {} : { PROXMOX_FINGERPRINT: cluster.fingerprint }),
  };
}

/** The variables with which a client reaches the simulated clusters. */
export function environmentFor(
  name: WorldName,
  world: World,
  clusters: readonly SimulatedCluster[],
): Record<string, string> {
  const [first] = clusters;
  if (name === 'single' && first !== undefined) return single(first);
  const env: Record<string, string> = { PROXMOX_CLUSTERS: clusters.map((cluster) => cluster.name).join(',') };
  for (const [at, cluster] of clusters.entries()) {
    // a shell cannot export a name with a hyphen in it
    const key = `PROXMOX_CLUSTER_${cluster.name.replaceAll('-', '_')}`;
    env[`${key}_API_URL`] = cluster.urls.join(',');
    env[`${key}_TOKEN_ID`] = cluster.tokenId;
    env[`${key}_TOKEN_SECRET`] = cluster.tokenSecret;
    if (cluster.fingerprint !== undefined) env[`${key}_FINGERPRINT`] = cluster.fingerprint;
    const labels = world.clusters[at]?.labels;
    if (labels === undefined) continue;
    env[`${key}_REGION`] = labels.region;
    env[`${key}_TIER`] = labels.tier;
    env[`${key}_GROUP`] = labels.group;
  }
  if (name === 'multi') {
    env.PROXMOX_CLUSTER_PATTERNS = rules(world, ({ pattern }) => pattern);
    env.PROXMOX_CLUSTER_VMID_MAP = rules(world, ({ vmids }) => vmids);
  }
  return env;
}

function rules(world: World, part: (routing: { pattern: string; vmids: string }) => string): string {
  return world.clusters.map(({ state, routing }) => `${part(routing)}:${state.name}`).join(',');
}
