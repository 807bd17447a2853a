import { sidOf } from '../guest.js';
import { lockFault } from '../guest-lock.js';
import { isManaged } from '../guest-running.js';
import { parseProperties } from '../property-string.js';
import { died, PveError, parameterError } from '../pve-error.js';
import { containerPhases } from '../remote/container-phases.js';
import { type IdMap, parseIdMap } from '../remote/id-map.js';
import { Migration, type MigrationPlan } from '../remote/migration.js';
import { migrationScript, type Phases } from '../remote/phases.js';
import { parseEndpoint, RemoteApi } from '../remote/remote-api.js';
import { vmPhases } from '../remote/vm-phases.js';
import type { Call, Route } from '../route.js';
import { runScript, TaskLog } from '../running-task.js';
import { settingsRow } from '../sections.js';
import type { GuestState } from '../state.js';
import { count, flag, node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

function mapOf({ params }: Call, name: 'target-storage' | 'target-bridge', what: string): IdMap {
  try {
    return parseIdMap(params.text(name));
  } catch (error) {
    throw parameterError({ [name]: `failed to parse ${what} map: ${error instanceof Error ? error.message : ''}` });
  }
}

/** The connection; without a fingerprint the certificate has to be trusted, which is found out at once. */
function connect({ cluster, params }: Call): RemoteApi {
  const endpoint = parseEndpoint(params.text('target-endpoint'));
  const remote = new RemoteApi(endpoint, cluster.peers);
  if (endpoint.fingerprint === undefined) remote.get('/nodes/localhost/certificates/info');
  return remote;
}

/** The node that answers as the local one. */
function targetNode(remote: RemoteApi): string {
  const rows = remote.get('/cluster/status');
  for (const row of Array.isArray(rows) ? rows : []) {
    const entry: unknown = row;
    if (typeof entry !== 'object' || entry === null || !('type' in entry) || entry.type !== 'node') continue;
    if ('local' in entry && entry.local === 1 && 'name' in entry) return String(entry.name);
  }
  throw died("couldn't determine endpoint's node name");
}

function refuseReplicated({ cluster }: Call, guest: GuestState): void {
  const { replication } = cluster.state.configuration;
  if (replication.some((job) => job.id.startsWith(`${guest.vmid}-`))) throw died('cannot remote-migrate replicated VM');
}

/** A CPU model of the administrator has to be the same over there. */
function refuseOtherCpu({ cluster }: Call, guest: GuestState, remote: RemoteApi): void {
  const name = parseProperties(String(guest.config.cpu ?? ''), 'cputype').get('cputype');
  if (cluster.state.version !== '9.2' || name?.startsWith('custom-') !== true) return;
  const own = cluster.state.configuration.cpuModels.find((model) => `custom-${model.id}` === name);
  if (own === undefined) throw died(`Custom cputype '${name.slice(7)}' not found`);
  let other: unknown;
  try {
    other = remote.get(`/cluster/qemu/custom-cpu-models/${encodeURIComponent(name)}`);
  } catch (error) {
    if (!(error instanceof PveError)) throw error;
    throw died(`could not validate custom CPU model compatibility: ${error.message}`);
  }
  const settings = (value: unknown) => {
    const { cputype: _, digest: __, ...rest } = { cputype: '', digest: '', ...Object(value) };
    return JSON.stringify(Object.entries(rest).sort());
  };
  if (settings(settingsRow(own.settings)) !== settings(other)) {
    throw died(`custom CPU model '${name}' is not compatible with the one of the remote cluster`);
  }
}

interface Start {
  readonly guest: GuestState;
  readonly remote: RemoteApi;
  readonly online: boolean;
  readonly restart: boolean;
}

function start(call: Call, { guest, remote, online, restart }: Start, phases: Phases): string {
  const { cluster, params, caller } = call;
  const storages = mapOf(call, 'target-storage', 'storage');
  const bridges = mapOf(call, 'target-bridge', 'bridge');
  if (storages.identity) throw died('remote migration requires explicit storage mapping!');
  const path = `/nodes/${guest.node}/${guest.type}/${guest.vmid}/remote_migrate`;
  const plan: MigrationPlan = {
    call,
    guest,
    remote,
    targetNode: targetNode(remote),
    targetVmid: params.optionalInteger('target-vmid') ?? guest.vmid,
    storages,
    bridges,
    online,
    restart,
    deleteSource: params.flag('delete'),
    fault: cluster.faults.takeMigration(guest.node, path),
  };
  cluster.link(remote.known.cluster);
  const log = new TaskLog(cluster.now);
  const script = migrationScript(new Migration(plan, log), phases);
  const type = guest.type === 'qemu' ? 'qmigrate' : 'vzmigrate';
  const task = { node: guest.node, type, id: String(guest.vmid), user: caller.authid };
  return runScript(cluster, task, log, script).upid;
}

function migrateVm(call: Call): string {
  const { cluster, params } = call;
  const guest = guestOf(call, 'qemu');
  const locked = lockFault(guest);
  if (locked !== undefined) throw died(locked);
  if (cluster.state.haResources.some(({ sid }) => sid === sidOf(guest))) {
    throw parameterError({ vmid: 'cannot remote-migrate VM that is configured for HA' });
  }
  const remote = connect(call);
  refuseReplicated(call, guest);
  const running = guest.status === 'running';
  if (running && !params.flag('online')) throw died("can't migrate running VM without --online");
  refuseOtherCpu(call, guest, remote);
  return start(call, { guest, remote, online: running, restart: false }, vmPhases);
}

function migrateContainer(call: Call): string {
  const { cluster, params } = call;
  const guest = guestOf(call, 'lxc');
  const locked = lockFault(guest);
  if (locked !== undefined) throw died(locked);
  const running = guest.status === 'running';
  const online = params.flag('online');
  const restart = params.flag('restart');
  if (running && !online && !restart) throw died("can't migrate running container without --online or --restart");
  if (isManaged(cluster, guest)) throw parameterError({ vmid: 'cannot migrate HA-managed CT to remote cluster' });
  const remote = connect(call);
  return start(call, { guest, remote, online, restart }, containerPhases(running));
}

const permission = { path: '/vms/{vmid}', privileges: ['VM.Migrate'] } as const;
const common = {
  node,
  vmid,
  delete: flag,
  online: flag,
  'target-bridge': { type: 'string', format: 'bridge-pair-list' },
  'target-endpoint': { type: 'string', format: 'proxmox-remote' },
  'target-storage': { type: 'string', format: 'storage-pair-list' },
  'target-vmid': { ...vmid, optional: true },
} as const;

export const remoteMigrateRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/remote_migrate',
    params: { ...common, bwlimit: count },
    permission,
    handler: migrateVm,
  },
  {
    route: 'POST /nodes/{node}/lxc/{vmid}/remote_migrate',
    params: {
      ...common,
      bwlimit: { type: 'number', optional: true, min: 0 },
      restart: flag,
      timeout: { type: 'integer', optional: true },
    },
    permission,
    handler: migrateContainer,
  },
];
