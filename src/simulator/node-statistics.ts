import type { Cluster } from './cluster.js';
import type { JsonObject } from './json.js';
import type { NodeState } from './state.js';

/** A node's numbers, as the status broadcast has them. */
export function nodeSummary(cluster: Cluster, node: NodeState): JsonObject {
  if (!cluster.isOnline(node)) return {};
  return {
    cpu: node.cpu,
    maxcpu: node.cpus,
    mem: node.memoryUsed,
    maxmem: node.memory,
    disk: node.rootUsed,
    maxdisk: node.rootDisk,
    uptime: Math.max(0, cluster.now - node.bootedAt),
    level: node.level,
  };
}

export function nodeStatus(cluster: Cluster, node: NodeState): 'online' | 'offline' {
  return cluster.isOnline(node) ? 'online' : 'offline';
}
