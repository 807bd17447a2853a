import { SeededRandom } from '../random.js';
import type { ClusterSeed } from './cluster-seed.js';
import type { GuestSeed } from './guest-seed.js';

const kinds = [
  'web',
  'db',
  'cache',
  'queue',
  'runner',
  'k8s-node',
  'search',
  'mail',
  'proxy',
  'batch',
  'vpn',
  'monitor',
] as const;
const sizes: readonly [[number, number, number], ...[number, number, number][]] = [
  [1, 1024, 8],
  [2, 2048, 16],
  [2, 4096, 32],
  [4, 8192, 64],
  [8, 16_384, 120],
];

function guest(cluster: number, at: number, vmid: number, nodes: readonly string[], random: SeededRandom): GuestSeed {
  const kind = kinds[at % kinds.length] ?? 'web';
  const [cores, memory, disk] = random.pick(sizes);
  const container = at % 5 === 3;
  return {
    vmid,
    name: `c${cluster}-${kind}-${Math.floor(at / kinds.length) + 1}`,
    ...(container ? { type: 'lxc' as const } : { agent: at % 2 === 0 }),
    node: nodes[at % nodes.length] ?? 'pve1',
    cores,
    memory,
    disk,
    tags: `${kind};${at % 3 === 0 ? 'prod' : 'test'}`,
    stopped: at % 11 === 7,
    ...(at % 25 === 0 ? { snapshots: ['before-upgrade'] } : {}),
    ...(kind === 'web' ? { pool: 'web' } : {}),
  };
}

/** An invented cluster of any size, the same at each start. */
export function generatedCluster(
  number: number,
  size: { readonly nodes: number; readonly guests: number; readonly firstVmid: number },
): ClusterSeed {
  const random = new SeededRandom(`generated ${number}`);
  const nodes = Array.from({ length: size.nodes }, (_, at) => `c${number}-pve${at + 1}`);
  return {
    name: `cluster-${number}`,
    version: '9.2',
    subnet: `10.${100 + (number % 100)}.${Math.floor(number / 100) * 20}`,
    nodes: nodes.map((node) => ({ node, cpus: 48, memory: 512 })),
    guests: Array.from({ length: size.guests }, (_, at) => guest(number, at, size.firstVmid + at, nodes, random)),
    pools: { web: 'Web servers' },
    labels: {
      region: number % 2 === 0 ? 'us-east' : 'eu-west',
      tier: 'production',
      group: `fleet-${(number % 4) + 1}`,
    },
    routing: { pattern: `c${number}-`, vmids: `${size.firstVmid}-${size.firstVmid + Math.max(1, size.guests) - 1}` },
  };
}
