import type { Cluster } from './cluster.js';
import { maxCpu, maxMemory } from './guest.js';
import type { JsonObject } from './json.js';
import type { GuestState, NodeState } from './state.js';

/** What the running guests of a node take of it. */
export function guestsShare(guests: readonly GuestState[], node: string): { memory: number; cpus: number } {
  const running = guests.filter((guest) => guest.node === node && guest.status === 'running');
  return {
    memory: running.reduce((sum, guest) => sum + Math.min(guest.load.memory, maxMemory(guest)), 0),
    cpus: running.reduce((sum, guest) => sum + guest.load.cpu * maxCpu(guest), 0),
  };
}

/** What of a node is in use: it grows with guests that come, and shrinks with those that go. */
export function usageOf(cluster: Cluster, node: NodeState): { memory: number; cpu: number } {
  const now = guestsShare(cluster.state.guests, node.node);
  const { memory, cpus } = node.guestsThen ?? now;
  return {
    memory: Math.min(node.memory, Math.max(2 ** 30, node.memoryUsed + now.memory - memory)),
    cpu: Number(Math.min(1, Math.max(0.005, node.cpu + (now.cpus - cpus) / node.cpus)).toFixed(4)),
  };
}

/** A node's numbers, as the status broadcast has them. */
export function nodeSummary(cluster: Cluster, node: NodeState): JsonObject {
  if (!cluster.isOnline(node)) return {};
  const { memory, cpu } = usageOf(cluster, node);
  return {
    cpu,
    maxcpu: node.cpus,
    mem: memory,
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
