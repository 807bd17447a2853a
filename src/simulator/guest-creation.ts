import { free } from './disk-volumes.js';
import { isDiskKey, ownDisksOf } from './disks.js';
import { isConfigKey, storedValue } from './guest-config/config-value.js';
import { checkDisk, realizeDisk } from './guest-config/disk-request.js';
import { requireKeyPrivilege } from './guest-config/key-privileges.js';
import { lockFault } from './guest-lock.js';
import { alreadyExists, forgetGuest, guestWith, registerGuest, requireOn } from './guest-registry.js';
import { bridgeOf } from './network-device.js';
import { died, forbidden } from './pve-error.js';
import type { Call } from './route.js';
import type { GuestState, GuestType } from './state.js';

/** A new guest as a call asks for it. */
export interface Creation {
  readonly type: GuestType;
  readonly vmid: number;
  readonly node: string;
  readonly pool: string | undefined;
  readonly storage: string | undefined;
  readonly archive: string | undefined;
  readonly force: boolean;
  readonly settings: ReadonlyMap<string, string>;
}

export function settingsOf(call: Call, type: GuestType): Map<string, string> {
  const names = call.params.names().filter((name) => !['node', 'vmid', 'storage', 'pool'].includes(name));
  return new Map(
    names
      .filter((name) => isConfigKey(type, name, call.cluster.state.version))
      .map((name) => [name, call.params.text(name)]),
  );
}

export function requireBridge(call: Call, text: string): void {
  const { bridge, tag } = bridgeOf(text);
  if (bridge === undefined) return;
  const path = `/sdn/zones/localnetwork/${bridge}${tag === undefined ? '' : `/${tag}`}`;
  if (!call.caller.permissions.has(path, 'SDN.Use')) throw forbidden(`${path}, SDN.Use`);
}

/** The rights that each part of a new guest takes. */
export function checkSettings(call: Call, creation: Creation): void {
  const { type, vmid, pool, node, storage } = creation;
  for (const [key, value] of creation.settings) {
    requireKeyPrivilege(call.caller, { type, vmid, pool }, key, value);
    if (/^net\d+$/.test(key)) requireBridge(call, value);
    if (isDiskKey(type, key)) checkDisk(call, { type, vmid, node, defaultStorage: storage }, value);
  }
  if (call.params.flag('ha-managed')) requireOn(call, '/', 'Sys.Console');
  if (call.params.flag('start') && call.cluster.state.version === '9.2') {
    const may = pool !== undefined && call.caller.permissions.has(`/pool/${pool}`, 'VM.PowerMgmt');
    if (!may) requireOn(call, `/vms/${vmid}`, 'VM.PowerMgmt');
  }
}

/** The guest that a restore overwrites, or a new one under a lock; dies where the number is taken. */
export function claimNumber(call: Call, creation: Creation): { guest: GuestState; overwrites: boolean } {
  const { type, vmid, archive, force } = creation;
  const known = guestWith(call.cluster, vmid);
  if (known === undefined) {
    return { guest: registerGuest(call.cluster, creation, 'create'), overwrites: false };
  }
  const verb = archive === undefined ? 'create' : 'restore';
  const prefix = `unable to ${verb} ${type === 'qemu' ? 'VM' : 'CT'} ${vmid} - `;
  const own = known.type === type && known.node === creation.node;
  if (archive === undefined || !force || !own) throw died(prefix + alreadyExists(known));
  const fault = lockFault(known);
  if (fault !== undefined) throw died(prefix + fault);
  if (known.config.protection === 1) throw died(`${prefix}protection mode enabled`);
  return { guest: known, overwrites: true };
}

export function discard(call: Call, guest: GuestState): void {
  for (const disk of ownDisksOf(guest, { unused: true })) free(call.cluster, disk.volid, guest.node);
  forgetGuest(call.cluster, guest);
}

/** Writes the settings into a configuration, and makes the disks that they ask for. */
export function writeSettings(call: Call, guest: GuestState, creation: Creation): void {
  const place = { type: guest.type, vmid: guest.vmid, node: guest.node, defaultStorage: creation.storage };
  for (const [key, value] of creation.settings) {
    guest.config[key] = isDiskKey(guest.type, key)
      ? realizeDisk(call, place, key, value)
      : storedValue(guest.type, key, value, call.cluster.state.version);
  }
}

/** A started guest is a matter of its own: the task says OK whether that worked or not. */
export function manage(call: Call, guest: GuestState): void {
  if (!call.params.flag('ha-managed')) return;
  const sid = `${guest.type === 'qemu' ? 'vm' : 'ct'}:${guest.vmid}`;
  const state = call.params.flag('start') ? 'started' : 'stopped';
  call.cluster.state.haResources.push({ sid, state });
}
