import type { ClusterSeed } from './cluster-seed.js';
import type { GuestSeed } from './guest-seed.js';

const guests: readonly GuestSeed[] = [
  {
    vmid: 100,
    name: 'web',
    node: 'pve1',
    cores: 2,
    memory: 4096,
    disk: 32,
    pool: 'web',
    agent: true,
    notes: 'front end',
  },
  {
    vmid: 101,
    name: 'db',
    node: 'pve2',
    cores: 4,
    memory: 8192,
    disk: 120,
    tags: 'db',
    agent: true,
    notes: 'database',
  },
  { vmid: 102, name: 'cache', node: 'pve1', type: 'lxc', cores: 1, memory: 1024, disk: 8, notes: 'sessions' },
  { vmid: 103, name: 'batch', node: 'pve2', cores: 2, memory: 2048, disk: 20, stopped: true, notes: 'nightly jobs' },
  { vmid: 104, name: 'mail', node: 'pve1', type: 'lxc', cores: 1, memory: 1024, disk: 16, notes: 'relay' },
];

function twin(name: string, subnet: string, region: string): ClusterSeed {
  return {
    name,
    version: '9.2',
    subnet,
    nodes: [
      { node: 'pve1', cpus: 32, memory: 128 },
      { node: 'pve2', cpus: 32, memory: 128 },
    ],
    guests: guests.map((guest) => ({ ...guest, tags: guest.tags ?? guest.name, notes: `${name}: ${guest.notes}` })),
    pools: { web: `Web servers, ${name}` },
    labels: { region, tier: 'production', group: 'twins' },
    routing: { pattern: `${name}-`, vmids: '100-199' },
  };
}

/** The same VMIDs and names twice: what must never be mixed up. */
export const twins: ClusterSeed[] = [twin('east', '10.50.0', 'us-east'), twin('west', '10.60.0', 'us-west')];
