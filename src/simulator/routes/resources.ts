import { haStateOf, isTemplate, lockOf, maxCpu, maxDisk, maxMemory, nameOf, poolOf, tagsOf } from '../guest.js';
import { hostMemory, measuredOf } from '../guest-statistics.js';
import type { JsonObject } from '../json.js';
import { nodeStatus, nodeSummary } from '../node-statistics.js';
import type { Call, Route } from '../route.js';
import type { GuestState, NodeState, StorageState } from '../state.js';
import { isActive, isOnNode, usedOn } from '../storage.js';

/** Status broadcasts are made every ten seconds: until the next one nobody knows more of a new guest than its place. */
const broadcastMs = 10_000;

/** The statistics of a guest, or that nobody has any. */
function reported({ cluster }: Call, guest: GuestState): JsonObject {
  const node = cluster.state.nodes.find((entry) => entry.node === guest.node);
  const fresh = guest.createdAt !== undefined && cluster.clock.now() - guest.createdAt < broadcastMs;
  if (fresh || (node !== undefined && cluster.isForgotten(node))) return { status: 'unknown' };
  return {
    ...measuredOf(cluster, guest),
    name: nameOf(guest),
    // the QMP state here, while the lists of a node say running or stopped
    status: guest.status === 'running' ? (guest.qmpstatus ?? 'running') : 'stopped',
    template: isTemplate(guest) ? 1 : 0,
    maxcpu: maxCpu(guest),
    maxmem: maxMemory(guest),
    maxdisk: maxDisk(guest),
    memhost: hostMemory(cluster, guest),
  };
}

function guestRows(call: Call): JsonObject[] {
  const { state } = call.cluster;
  const { permissions } = call.caller;
  const rows: JsonObject[] = [];
  for (const guest of state.guests) {
    if (!permissions.has(`/vms/${guest.vmid}`, 'VM.Audit')) continue;
    const pool = poolOf(state, guest.vmid);
    rows.push({
      id: `${guest.type}/${guest.vmid}`,
      vmid: guest.vmid,
      type: guest.type,
      node: guest.node,
      ...reported(call, guest),
      pool: pool !== undefined && permissions.has(`/pool/${pool}`, 'Pool.Audit') ? pool : undefined,
      tags: tagsOf(guest),
      lock: lockOf(guest),
      hastate: haStateOf(state, guest),
    });
  }
  return rows;
}

function nodeRow({ cluster, caller }: Call, node: NodeState): JsonObject {
  const audit = caller.permissions.has(`/nodes/${node.node}`, 'Sys.Audit');
  return {
    id: `node/${node.node}`,
    node: node.node,
    type: 'node',
    status: nodeStatus(cluster, node),
    hastate: node.maintenance === true ? 'maintenance' : undefined,
    ...(audit ? { ...nodeSummary(cluster, node), 'cgroup-mode': 2 } : {}),
    'host-arch': audit && cluster.state.version === '9.2' && cluster.isOnline(node) ? 'x86_64' : undefined,
  };
}

function storageRow({ cluster }: Call, storage: StorageState, node: NodeState): JsonObject {
  const available = cluster.isOnline(node) && isActive(storage, node.node);
  return {
    id: `storage/${node.node}/${storage.storage}`,
    storage: storage.storage,
    node: node.node,
    type: 'storage',
    plugintype: storage.type,
    content: storage.content.join(','),
    shared: storage.shared ? 1 : 0,
    status: available ? 'available' : 'unknown',
    ...(available ? { disk: usedOn(storage, node.node), maxdisk: storage.total } : {}),
  };
}

function storageRows(call: Call): JsonObject[] {
  const { storages, nodes } = call.cluster.state;
  return storages
    .filter(({ storage, enabled }) => enabled && call.caller.permissions.has(`/storage/${storage}`, 'Datastore.Audit'))
    .flatMap((storage) =>
      nodes.filter(({ node }) => isOnNode(storage, node)).map((node) => storageRow(call, storage, node)),
    );
}

function poolRows({ cluster, caller }: Call): JsonObject[] {
  return cluster.state.pools
    .filter(({ poolid }) => caller.permissions.has(`/pool/${poolid}`, 'Pool.Audit'))
    .map(({ poolid }) => ({ id: `/pool/${poolid}`, pool: poolid, type: 'pool' }));
}

function zoneRows({ cluster, caller }: Call): JsonObject[] {
  if (!caller.permissions.hasAny('/sdn/zones/localnetwork', ['SDN.Audit', 'SDN.Use'])) return [];
  return cluster.state.nodes.map((node) => {
    const status = cluster.isOnline(node) ? 'ok' : 'unknown';
    if (cluster.state.version === '8.4') {
      return { id: `sdn/${node.node}/localnetwork`, sdn: 'localnetwork', node: node.node, status, type: 'sdn' };
    }
    const id = `network/${node.node}/zone/localnetwork`;
    return { id, network: 'localnetwork', 'network-type': 'zone', node: node.node, status, type: 'network' };
  });
}

function resources(call: Call) {
  const type = call.params.optionalText('type');
  const wants = (kind: string) => type === undefined || type === kind;
  // network rows took the place of sdn ones in 9.1 and come only without a filter
  const zones = type === undefined || (type === 'sdn' && call.cluster.state.version === '8.4');
  return [
    ...(type === undefined ? poolRows(call) : []),
    ...(wants('vm') ? guestRows(call) : []),
    ...(wants('node') ? call.cluster.state.nodes.map((node) => nodeRow(call, node)) : []),
    ...(wants('storage') ? storageRows(call) : []),
    ...(zones ? zoneRows(call) : []),
  ];
}

export const resourceRoutes: readonly Route[] = [
  {
    route: 'GET /cluster/resources',
    params: { type: { type: 'string', optional: true, enum: ['vm', 'storage', 'node', 'sdn'] } },
    permission: 'all',
    handler: resources,
  },
];
