import type { Cluster } from '../cluster.js';
import { isTemplate, sidOf } from '../guest.js';
import { lockFault, refuseSkiplock, requireRunning } from '../guest-lock.js';
import { isManaged, turnOff, turnOn } from '../guest-running.js';
import { followRequest } from '../ha-manager.js';
import type { ParameterSpecs, PropertyFormat } from '../parameters.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { count, flag, node, optionalText, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

const power = { path: '/vms/{vmid}', privileges: ['VM.PowerMgmt'] } as const;
const shutdownTakes = 8;
const restartTakes = 3;
type Outcome = string | undefined;

/** A managed guest's task says OK once the request is queued; the guest follows later. */
function viaManager({ cluster, caller }: Call, guest: GuestState, wanted: 'started' | 'stopped'): string {
  const sid = sidOf(guest);
  const verb = wanted === 'started' ? 'start' : 'stop';
  return cluster.tasks.start({
    node: guest.node,
    type: `ha${verb}`,
    id: String(guest.vmid),
    user: caller.authid,
    duration: 1,
    log: [`Requesting HA ${verb} for ${sid.startsWith('vm') ? 'VM' : 'CT'} ${guest.vmid}`],
    finish: (endtime) => {
      const resource = cluster.state.haResources.find((entry) => entry.sid === sid);
      if (resource === undefined) return 'OK';
      resource.state = wanted;
      followRequest(cluster, resource, endtime);
      return 'OK';
    },
  }).upid;
}

interface PowerTask {
  readonly verb: string;
  readonly duration: number;
  readonly log?: readonly string[];
  readonly finish: (endtime: number) => Outcome;
}

/** The task of a power action; `finish` says what went wrong, or nothing. */
function powerTask({ cluster, caller }: Call, guest: GuestState, task: PowerTask): string {
  return cluster.tasks.start({
    node: guest.node,
    type: `${guest.type === 'qemu' ? 'qm' : 'vz'}${task.verb}`,
    id: String(guest.vmid),
    user: caller.authid,
    duration: task.duration,
    log: task.log ?? [],
    finish: (endtime) => lockFault(guest) ?? task.finish(endtime) ?? 'OK',
  }).upid;
}

function start(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    refuseSkiplock(call);
    // a container that runs is refused at once, a VM only in its task
    if (type === 'lxc' && guest.status === 'running') throw died(`CT ${guest.vmid} already running`);
    if (isManaged(call.cluster, guest)) return viaManager(call, guest, 'started');
    // what was suspended to disk goes on from there
    if (guest.config.lock === 'suspended') delete guest.config.lock;
    return powerTask(call, guest, {
      verb: 'start',
      duration: 2,
      finish: (endtime) => {
        if (isTemplate(guest)) return `you can't start a ${type === 'qemu' ? 'vm' : 'CT'} if it's a template`;
        if (guest.status === 'running') return `${type === 'qemu' ? 'VM' : 'CT'} ${guest.vmid} already running`;
        turnOn(guest, endtime);
        return undefined;
      },
    });
  };
}

function stop(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    refuseSkiplock(call);
    if (type === 'lxc') requireRunning(guest);
    if (isManaged(call.cluster, guest)) {
      if (call.params.flag('overrule-shutdown')) throw overruleOfManaged();
      return viaManager(call, guest, 'stopped');
    }
    if (call.params.flag('overrule-shutdown')) abortShutdowns(call.cluster, guest);
    return powerTask(call, guest, {
      verb: 'stop',
      duration: 1,
      finish: () => {
        turnOff(guest);
        return undefined;
      },
    });
  };
}

function overruleOfManaged() {
  return parameterError({ 'overrule-shutdown': 'overrule-shutdown is not supported for HA-managed guests' });
}

function abortShutdowns(cluster: Cluster, guest: GuestState): void {
  for (const task of cluster.state.tasks) {
    if (task.id === String(guest.vmid) && /^(qm|vz)shutdown$/.test(task.type)) cluster.tasks.interrupt(task);
  }
}

function shutdown(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    refuseSkiplock(call);
    if (type === 'lxc') requireRunning(guest);
    if (guest.qmpstatus === 'paused') throw died('VM is paused - cannot shutdown');
    if (isManaged(call.cluster, guest)) return viaManager(call, guest, 'stopped');
    const timeout = call.params.optionalInteger('timeout') ?? 60;
    const refuses = guest.ignoresShutdown === true || timeout < shutdownTakes;
    const duration = guest.status === 'stopped' ? 0 : refuses ? timeout : shutdownTakes;
    return powerTask(call, guest, {
      verb: 'shutdown',
      duration,
      finish: () => {
        const fails = guest.status === 'running' && refuses && !call.params.flag('forceStop');
        if (fails && type === 'qemu') return 'VM quit/powerdown failed - got timeout';
        if (fails) return `command 'lxc-stop -n ${guest.vmid} --nokill --timeout ${timeout}' failed: exit code 1`;
        turnOff(guest);
        return undefined;
      },
    });
  };
}

function reboot(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    requireRunning(guest);
    const timeout = call.params.optionalInteger('timeout') ?? 60;
    const refuses = guest.ignoresShutdown === true || timeout < shutdownTakes;
    return powerTask(call, guest, {
      verb: 'reboot',
      duration: refuses ? timeout : shutdownTakes,
      finish: (endtime) => {
        if (refuses) return 'VM quit/powerdown failed - got timeout';
        turnOff(guest);
        // the task ends when the guest is down; it is started again afterwards
        call.cluster.tasks.after(restartTakes, (at) => turnOn(guest, at), endtime);
        return undefined;
      },
    });
  };
}

const machine: PropertyFormat = {
  type: { type: 'string', optional: true, maxLength: 40, defaultKey: true, pattern: '(pc|q35|virt)([-.+\\w]*)' },
  viommu: { type: 'string', optional: true, enum: ['intel', 'virtio'] },
  'aw-bits': { type: 'number', optional: true, min: 32, max: 64, since: '9.2' },
  'enable-s3': { type: 'boolean', optional: true },
  'enable-s4': { type: 'boolean', optional: true },
};

const guest = { node, vmid } as const;

const qemuParams: Readonly<Record<string, ParameterSpecs>> = {
  start: {
    ...guest,
    'force-cpu': optionalText,
    machine: { type: 'string', optional: true, format: machine },
    migratedfrom: { ...node, optional: true },
    migration_network: { type: 'string', optional: true, format: 'CIDR' },
    migration_type: { type: 'string', optional: true, enum: ['secure', 'insecure'] },
    'nets-host-mtu': { type: 'string', optional: true, since: '9.2', pattern: 'net\\d+=\\d+(,net\\d+=\\d+)*' },
    skiplock: flag,
    stateuri: { type: 'string', optional: true, maxLength: 128 },
    targetstorage: { type: 'string', optional: true, format: 'storage-pair-list' },
    timeout: count,
    'with-conntrack-state': { ...flag, since: '9.2' },
  },
  stop: {
    ...guest,
    keepActive: flag,
    migratedfrom: { ...node, optional: true },
    'overrule-shutdown': flag,
    skiplock: flag,
    timeout: count,
  },
  shutdown: { ...guest, forceStop: flag, keepActive: flag, skiplock: flag, timeout: count },
  reboot: { ...guest, timeout: count },
};

const lxcParams: Readonly<Record<string, ParameterSpecs>> = {
  start: { ...guest, debug: flag, skiplock: flag },
  stop: { ...guest, 'overrule-shutdown': flag, skiplock: flag },
  shutdown: { ...guest, forceStop: flag, timeout: count },
  reboot: { ...guest, timeout: count },
};

const actions = { start, stop, shutdown, reboot } as const;

function routesOf(type: GuestType): Route[] {
  const params = type === 'qemu' ? qemuParams : lxcParams;
  return Object.entries(actions).map(([verb, action]) => ({
    route: `POST /nodes/{node}/${type}/{vmid}/status/${verb}`,
    params: params[verb] ?? guest,
    permission: power,
    handler: action(type),
  }));
}

export const guestPowerRoutes: readonly Route[] = [...routesOf('qemu'), ...routesOf('lxc')];
