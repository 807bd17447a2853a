import type { Cluster } from '../cluster.js';
import { stagedChanges, writtenNetworks } from '../interfaces.js';
import type { JsonObject } from '../json.js';
import { nodeStatus, nodeSummary, usageOf } from '../node-statistics.js';
import { type Call, Envelope, type Route } from '../route.js';
import { settingsRow } from '../sections.js';
import type { NetworkState, NodeState } from '../state.js';
import { node, nodeAudit } from './common-parameters.js';

function listNodes({ cluster, caller }: Call) {
  return cluster.state.nodes.map((entry) => ({
    id: `node/${entry.node}`,
    node: entry.node,
    type: 'node',
    status: nodeStatus(cluster, entry),
    ssl_fingerprint: cluster.fingerprint(),
    ...(caller.permissions.has(`/nodes/${entry.node}`, 'Sys.Audit') ? nodeSummary(cluster, entry) : {}),
  }));
}

function nodeVersion({ cluster, params }: Call) {
  const { version, release, repoid } = cluster.release;
  return { version: cluster.node(params.text('node')).version ?? version, release, repoid };
}

function cpuInfo(entry: NodeState): JsonObject {
  return {
    cores: entry.cpus / 2,
    cpus: entry.cpus,
    flags: 'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge sse sse2 ht svm aes avx avx2',
    // text, as it is read from /proc/cpuinfo
    hvm: '1',
    mhz: '3000.000',
    model: entry.cpuModel,
    sockets: 1,
    user_hz: 100,
  };
}

function memoryOf(cluster: Cluster, entry: NodeState): JsonObject {
  const used = usageOf(cluster, entry).memory;
  const free = entry.memory - used;
  const available = cluster.state.version === '9.2' ? Math.floor(free * 1.08) : undefined;
  return { total: entry.memory, used, free, available };
}

function nodeDetails({ cluster, params }: Call) {
  const entry = cluster.node(params.text('node'));
  const { version, repoid, kernel } = cluster.release;
  const free = entry.rootDisk - entry.rootUsed;
  const { cpu } = usageOf(cluster, entry);
  const load = cpu * entry.cpus;
  return {
    'boot-info': { mode: 'efi', secureboot: 0 },
    cpu,
    cpuinfo: cpuInfo(entry),
    'current-kernel': { machine: 'x86_64', release: kernel, sysname: 'Linux', version: '#1 SMP PREEMPT_DYNAMIC PMX' },
    idle: 0,
    ksm: { shared: 0 },
    kversion: `Linux ${kernel} #1 SMP PREEMPT_DYNAMIC PMX`,
    loadavg: [load, load * 0.9, load * 0.8].map((value) => value.toFixed(2)),
    memory: memoryOf(cluster, entry),
    pveversion: `pve-manager/${version}/${repoid}`,
    rootfs: { avail: free, free, total: entry.rootDisk, used: entry.rootUsed },
    swap: { free: 8_589_930_496, total: 8_589_930_496, used: 0 },
    uptime: Math.max(0, cluster.now - entry.bootedAt),
    wait: 0.0012,
  };
}

export function interfaceRow(network: NetworkState, at: number): JsonObject {
  const { address, netmask, gateway } = network;
  const bridge = network.type === 'bridge';
  return {
    iface: network.iface,
    type: network.type,
    active: network.active ? 1 : undefined,
    autostart: network.autostart ? 1 : undefined,
    exists: network.type === 'eth' ? 1 : undefined,
    method: address === undefined ? 'manual' : 'static',
    method6: 'manual',
    families: ['inet'],
    priority: at + 3,
    address,
    netmask,
    cidr: address === undefined ? undefined : `${address}/${netmask}`,
    gateway,
    comments: network.comments,
    ...(bridge ? { bridge_ports: network.bridgePorts ?? '', bridge_fd: '0', bridge_stp: 'off' } : {}),
    bridge_vlan_aware: network.bridgeVlanAware === true ? 1 : undefined,
    slaves: network.slaves,
    bond_mode: network.bondMode,
    'vlan-id': network.vlanId === undefined ? undefined : String(network.vlanId),
    'vlan-raw-device': network.vlanRawDevice,
    ...settingsRow(network.options ?? {}),
  };
}

const bridges: readonly string[] = ['bridge', 'OVSBridge'];

function listNetwork({ cluster, caller, params }: Call) {
  const entry = cluster.node(params.text('node'));
  const type = params.optionalText('type');
  const anyBridge = type === 'any_bridge' || type === 'any_local_bridge' || type === 'include_sdn';
  const rows = writtenNetworks(entry)
    .filter((network) => {
      if (type === undefined) return true;
      if (type === 'include_sdn') return true;
      return anyBridge ? bridges.includes(network.type) : network.type === type;
    })
    .filter((network) => {
      if (!bridges.includes(network.type)) return true;
      // since 8.0 a bridge is shown only to those who may see or use it
      const path = `/sdn/zones/localnetwork/${network.iface}`;
      return caller.permissions.hasAny(path, ['SDN.Audit', 'SDN.Use']);
    })
    .map((network, at) => interfaceRow(network, at));
  const changes = stagedChanges(entry);
  return changes === undefined ? rows : new Envelope(rows, { changes });
}

const interfaceTypes84 = [
  'bridge',
  'bond',
  'eth',
  'alias',
  'vlan',
  'OVSBridge',
  'OVSBond',
  'OVSPort',
  'OVSIntPort',
  'vnet',
  'any_bridge',
  'any_local_bridge',
];

const interfaceTypes92 = [...interfaceTypes84, 'fabric', 'include_sdn'];

export const nodeRoutes: readonly Route[] = [
  { route: 'GET /nodes', params: {}, permission: 'all', handler: listNodes },
  { route: 'GET /nodes/{node}/version', params: { node }, permission: 'all', handler: nodeVersion },
  { route: 'GET /nodes/{node}/status', params: { node }, permission: nodeAudit, handler: nodeDetails },
  {
    route: 'GET /nodes/{node}/network',
    params: {
      node,
      type: { type: 'string', optional: true, enum: { '8.4': interfaceTypes84, '9.2': interfaceTypes92 } },
    },
    permission: 'all',
    handler: listNetwork,
  },
];
