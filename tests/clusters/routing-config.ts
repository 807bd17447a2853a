import type { ClusterConfig, ClusterPattern, ClusterRegistryConfig } from '../../src/config/cluster-config.js';
import { parsePattern } from '../../src/config/patterns.js';

export const cluster = (name: string, more: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name,
  apiUrls: [`https://${name}.example.com:8006`],
  tokenId: 'mcp@pve!main',
  tokenSecret: '11111111-2222-3333-4444-555555555555',
  tls: { mode: 'system' },
  ...more,
});

/** A pattern as the environment would give it. */
export function pattern(written: string, to: string): ClusterPattern {
  const parsed = parsePattern(written);
  if (!parsed.ok) throw new Error(`${written} ${parsed.problem}`);
  return { ...parsed.value, cluster: to };
}

export function config(
  clusters: readonly ClusterConfig[],
  more: Partial<ClusterRegistryConfig> = {},
): ClusterRegistryConfig {
  return {
    clusters,
    defaultCluster: clusters[0]?.name ?? '',
    multiCluster: true,
    patterns: [],
    vmidMap: [],
    validateOnStart: false,
    cacheTtl: 3600,
    ...more,
  };
}
