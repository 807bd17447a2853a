import type { SeededRandom } from '../random.js';
import type { NetworkState, NodeState } from '../state.js';

export interface NodeSeed {
  node: string;
  cpus: number;
  /** GiB */
  memory: number;
  cpuModel?: string;
  /** Two cards in one bond below the bridge. */
  bonded?: boolean;
  /** An Open vSwitch bridge beside the Linux one. */
  openVSwitch?: boolean;
  level?: string;
}

const gib = 1024 ** 3;

function networksOf(seed: NodeSeed, ip: string, gateway: string): NetworkState[] {
  const up = { active: true, autostart: true };
  const port = seed.bonded === true ? 'bond0' : 'eno1';
  return [
    { iface: 'eno1', type: 'eth', active: true, autostart: false },
    { iface: 'eno2', type: 'eth', active: seed.bonded === true, autostart: false },
    ...(seed.bonded === true
      ? [{ iface: 'bond0', type: 'bond' as const, ...up, slaves: 'eno1 eno2', bondMode: '802.3ad' }]
      : []),
    {
      iface: 'vmbr0',
      type: 'bridge',
      ...up,
      address: ip,
      netmask: '24',
      gateway,
      bridgePorts: port,
      bridgeVlanAware: true,
      comments: 'guests and management\n',
    },
    { iface: 'vmbr1', type: 'bridge', ...up, bridgePorts: '', comments: 'isolated\n' },
    {
      iface: `${port}.40`,
      type: 'vlan',
      ...up,
      vlanId: 40,
      vlanRawDevice: port,
      address: `10.40.0.${ip.split('.')[3]}`,
      netmask: '24',
    },
    ...(seed.openVSwitch === true ? [{ iface: 'ovsbr0', type: 'OVSBridge' as const, ...up }] : []),
  ];
}

export function nodeFromSeed(
  seed: NodeSeed,
  ip: string,
  gateway: string,
  now: number,
  random: SeededRandom,
): NodeState {
  const memory = seed.memory * gib;
  return {
    node: seed.node,
    ip,
    online: true,
    cpus: seed.cpus,
    cpuModel: seed.cpuModel ?? 'AMD EPYC 7313 16-Core Processor',
    cpu: Number(random.between(0.03, 0.35).toFixed(4)),
    memory,
    memoryUsed: Math.floor(memory * random.between(0.35, 0.8)),
    rootDisk: 94 * gib,
    rootUsed: Math.floor(random.between(9, 40) * gib),
    bootedAt: now - random.integer(86_400 * 3, 86_400 * 120),
    level: seed.level ?? '',
    networks: networksOf(seed, ip, gateway),
  };
}
