import { haStateOf, nameOf, sidOf } from '../guest.js';
import { nodeStatus } from '../node-statistics.js';
import { parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, NodeState } from '../state.js';
import { backupJobRow } from './backup-jobs.js';
import { rootAudit, vmid } from './common-parameters.js';

function status({ cluster }: Call) {
  const { state } = cluster;
  const nodes = state.nodes.map((node, at) => ({
    id: `node/${node.node}`,
    ip: node.ip,
    level: node.level,
    local: node === cluster.localNode ? 1 : 0,
    name: node.node,
    nodeid: state.standalone ? 0 : at + 1,
    online: nodeStatus(cluster, node) === 'online' ? 1 : 0,
    type: 'node',
  }));
  if (state.standalone) return nodes;
  const row = {
    id: 'cluster',
    name: state.name,
    nodes: nodes.length,
    quorate: cluster.quorate ? 1 : 0,
    type: 'cluster',
    version: nodes.length + 2,
  };
  return [row, ...nodes];
}

function nextid({ cluster, params }: Call) {
  const taken = new Set(cluster.state.guests.map((guest) => guest.vmid));
  const wanted = params.optionalInteger('vmid');
  if (wanted !== undefined) {
    if (taken.has(wanted)) throw parameterError({ vmid: `VM ${wanted} already exists` });
    return String(wanted);
  }
  let free = 100;
  while (taken.has(free)) free += 1;
  // a number by contract, text in truth
  return String(free);
}

function service({ cluster }: Call, guest: GuestState) {
  const sid = sidOf(guest);
  const resource = cluster.state.haResources.find((entry) => entry.sid === sid);
  const requested = haStateOf(cluster.state, guest) ?? 'started';
  const current = guest.status === 'running' ? 'started' : 'stopped';
  const state = requested === 'disabled' || requested === 'ignored' ? requested : current;
  return {
    id: `service:${sid}`,
    sid,
    node: guest.node,
    state,
    crm_state: state,
    request_state: requested,
    status: `${sid} (${guest.node}, ${state})`,
    type: 'service',
    max_relocate: 1,
    max_restart: 1,
    group: cluster.state.version === '8.4' ? resource?.group : undefined,
    failback: cluster.state.version === '8.4' ? undefined : 1,
    comment: resource?.comment,
  };
}

function managerMode({ cluster }: Call, node: NodeState): string {
  if (!cluster.isOnline(node)) return 'old timestamp - dead?';
  return node.maintenance === true ? 'maintenance mode' : 'active';
}

function haStatus(call: Call) {
  const { state, now, quorate, localNode } = call.cluster;
  const when = new Date(now * 1000).toUTCString();
  const quorum = {
    id: 'quorum',
    node: localNode.node,
    quorate: quorate ? 1 : 0,
    status: quorate ? 'OK' : 'No quorum on node',
    type: 'quorum',
  };
  const managed = state.guests.filter((guest) => haStateOf(state, guest) !== undefined);
  if (managed.length === 0) return [quorum];
  const [master] = state.nodes.filter((node) => call.cluster.isOnline(node));
  const node = master?.node ?? localNode.node;
  return [
    quorum,
    { id: 'master', node, status: `${node} (active, ${when})`, timestamp: now, type: 'master' },
    ...state.nodes.map((entry) => ({
      id: `lrm:${entry.node}`,
      node: entry.node,
      status: `${entry.node} (${managerMode(call, entry)}, ${when})`,
      timestamp: now,
      type: 'lrm',
    })),
    ...managed.map((guest) => service(call, guest)),
  ];
}

function backupJobs(call: Call) {
  return call.cluster.state.backupJobs.map((job) => backupJobRow(call, job));
}

function notBackedUp({ cluster, caller }: Call) {
  const { backupJobs: jobs, pools, guests } = cluster.state;
  const covered = (guest: GuestState) =>
    jobs.some((job) => {
      if (job.all) return !job.exclude.includes(guest.vmid);
      const members = pools.find((pool) => pool.poolid === job.pool)?.vmids ?? [];
      return job.vmids.includes(guest.vmid) || members.includes(guest.vmid);
    });
  return guests
    .filter((guest) => !covered(guest) && caller.permissions.has(`/vms/${guest.vmid}`, 'VM.Audit'))
    .map((guest) => ({ vmid: guest.vmid, name: nameOf(guest), type: guest.type }));
}

function version({ cluster }: Call) {
  const { version: full, release, repoid } = cluster.release;
  return { version: full, release, repoid };
}

export const clusterRoutes: readonly Route[] = [
  { route: 'GET /version', params: {}, permission: 'all', handler: version },
  { route: 'GET /cluster/status', params: {}, permission: rootAudit, handler: status },
  {
    route: 'GET /cluster/nextid',
    params: { vmid: { ...vmid, optional: true } },
    permission: 'all',
    handler: nextid,
  },
  { route: 'GET /cluster/ha/status/current', params: {}, permission: rootAudit, handler: haStatus },
  { route: 'GET /cluster/backup', params: {}, permission: rootAudit, handler: backupJobs },
  { route: 'GET /cluster/backup-info/not-backed-up', params: {}, permission: rootAudit, handler: notBackedUp },
];
