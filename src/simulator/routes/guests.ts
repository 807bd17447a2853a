import { digestOf, guestOn, haStateOf, maxCpu, maxMemory } from '../guest.js';
import { shownValue } from '../guest-config/config-value.js';
import { guestSummary } from '../guest-statistics.js';
import type { JsonObject } from '../json.js';
import { died } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { ConfigValue, GuestState, GuestType } from '../state.js';
import { flag, node, vmAudit, vmid } from './common-parameters.js';

export const guestTypes = ['qemu', 'lxc'] as const;

export function guestOf({ cluster, params }: Call, type: GuestType): GuestState {
  return guestOn(cluster, params.text('node'), type, params.integer('vmid'));
}

function listGuests(type: GuestType) {
  return ({ cluster, caller, params }: Call) => {
    const { node: name } = cluster.node(params.text('node'));
    const full = type === 'qemu' && params.flag('full');
    return cluster.state.guests
      .filter((guest) => guest.node === name && guest.type === type)
      .filter((guest) => caller.permissions.has(`/vms/${guest.vmid}`, 'VM.Audit'))
      .map((guest) => ({
        ...guestSummary(cluster, guest),
        qmpstatus: full ? qmpStatus(guest) : undefined,
      }));
  };
}

function qmpStatus(guest: GuestState): string {
  return guest.status === 'running' ? (guest.qmpstatus ?? 'running') : 'stopped';
}

function vmDetails(call: Call, guest: GuestState): JsonObject {
  const running = guest.status === 'running';
  const memory = maxMemory(guest);
  return {
    qmpstatus: qmpStatus(guest),
    agent: guest.config.agent === undefined ? undefined : 1,
    balloon: running ? memory : undefined,
    ballooninfo: running ? { actual: memory, max_mem: memory, last_update: call.cluster.now } : undefined,
    'running-machine': running ? 'pc-i440fx-9.0+pve0' : undefined,
    'running-qemu': running ? call.cluster.release.qemu : undefined,
  };
}

function current(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const state = haStateOf(call.cluster.state, guest);
    return {
      ...guestSummary(call.cluster, guest),
      vmid: guest.vmid,
      cpus: maxCpu(guest),
      ...(type === 'qemu' ? vmDetails(call, guest) : {}),
      ha: state === undefined ? { managed: 0 } : { managed: 1, state },
    };
  };
}

function snapshotConfig(guest: GuestState, name: string): JsonObject {
  const snapshot = guest.snapshots.find((entry) => entry.name === name);
  if (snapshot === undefined) throw died(`snapshot '${name}' does not exist`);
  return {
    ...snapshot.config,
    snaptime: snapshot.snaptime,
    parent: snapshot.parent,
    description: snapshot.description,
  };
}

function shown(config: Readonly<Record<string, ConfigValue>>): JsonObject {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, shownValue(key, value)]));
}

function config(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const snapshot = call.params.optionalText('snapshot');
    const digest = digestOf(guest);
    if (snapshot !== undefined) return { ...snapshotConfig(guest, snapshot), digest };
    if (call.params.flag('current')) return { ...shown(guest.config), digest };
    // what waits for a restart is shown as if it were so already
    const merged: Record<string, string | number> = { ...guest.config };
    for (const [key, value] of Object.entries(guest.pending)) {
      if (value === null) delete merged[key];
      else merged[key] = value;
    }
    return { ...shown(merged), digest };
  };
}

/** Each key of the configuration with what waits for it. */
export function pendingRows(guest: GuestState): JsonObject[] {
  const keys = new Set([...Object.keys(guest.config), ...Object.keys(guest.pending)]);
  return [...keys].sort().map((key) => {
    const value = guest.config[key];
    const waiting = guest.pending[key];
    return {
      key,
      value: value === undefined ? undefined : shownValue(key, value),
      pending: waiting === undefined || waiting === null ? undefined : shownValue(key, waiting),
      delete: waiting === null ? 1 : undefined,
    };
  });
}

function pending(type: GuestType) {
  return (call: Call) => pendingRows(guestOf(call, type));
}

function snapshots(type: GuestType) {
  return (call: Call) => {
    const guest = guestOf(call, type);
    const rows = guest.snapshots.map((snapshot) => ({
      name: snapshot.name,
      description: snapshot.description,
      snaptime: snapshot.snaptime,
      parent: snapshot.parent,
      vmstate: type === 'qemu' ? (snapshot.vmstate === true ? 1 : 0) : undefined,
      snapstate: snapshot.snapstate,
    }));
    // not a snapshot: where the guest stands now
    const now = {
      name: 'current',
      description: 'You are here!',
      digest: digestOf(guest),
      running: guest.status === 'running' ? 1 : 0,
      parent: guest.config.parent,
    };
    return [...rows, now];
  };
}

const configParams = {
  node,
  vmid,
  current: flag,
  snapshot: { type: 'string', optional: true, maxLength: 40, format: 'pve-configid' },
} as const;

function routesOf(type: GuestType): Route[] {
  const one = `/nodes/{node}/${type}/{vmid}`;
  return [
    {
      route: `GET /nodes/{node}/${type}`,
      params: type === 'qemu' ? { node, full: flag } : { node },
      permission: 'all',
      handler: listGuests(type),
    },
    { route: `GET ${one}/config`, params: configParams, permission: vmAudit, handler: config(type) },
    { route: `GET ${one}/status/current`, params: { node, vmid }, permission: vmAudit, handler: current(type) },
    { route: `GET ${one}/pending`, params: { node, vmid }, permission: vmAudit, handler: pending(type) },
    { route: `GET ${one}/snapshot`, params: { node, vmid }, permission: vmAudit, handler: snapshots(type) },
  ];
}

export const guestRoutes: readonly Route[] = guestTypes.flatMap(routesOf);
