import { isDiskKey, isUnused } from '../disks.js';
import { digestOf } from '../guest.js';
import { type ConfigChange, changeConfig } from '../guest-config/change-config.js';
import { configParameters, isConfigKey } from '../guest-config/config-value.js';
import { checkDisk } from '../guest-config/disk-request.js';
import { requireKeyPrivilege } from '../guest-config/key-privileges.js';
import { requireBridge, settingsOf } from '../guest-creation.js';
import { refuseFileLocked, refuseLocked, refuseSkiplock } from '../guest-lock.js';
import { splitList } from '../parameter-format.js';
import type { ParameterSpecs } from '../parameters.js';
import { died, PveError, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, GuestType } from '../state.js';
import { flag, node, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

const keyList = { type: 'string', optional: true, format: 'pve-configid-list' } as const;
export const digest = { type: 'string', optional: true, maxLength: 40 } as const;

export function refuseOtherDigest(call: Call, guest: GuestState): void {
  const sent = call.params.optionalText('digest');
  if (sent === undefined || sent === digestOf(guest)) return;
  throw died(
    guest.type === 'qemu'
      ? 'checksum mismatch (file change by other user?)'
      : 'detected modified configuration - file changed by other user? Try again.',
  );
}

function changeOf(call: Call, type: GuestType): ConfigChange {
  const { params } = call;
  const change = {
    set: settingsOf(call, type),
    remove: splitList(params.optionalText('delete') ?? ''),
    revert: splitList(params.optionalText('revert') ?? ''),
    force: params.flag('force'),
  };
  for (const key of change.remove) {
    if (!isConfigKey(type, key, call.cluster.state.version)) {
      throw parameterError({ delete: `unknown option '${key}'` });
    }
    if (change.set.has(key))
      throw parameterError({ delete: `can't use '-${key}' and -delete ${key} at the same time` });
  }
  if (change.set.size + change.remove.length + change.revert.length === 0) throw died('no options specified');
  return change;
}

function refuseUnknownBootDevices(guest: GuestState, change: ConfigChange): void {
  const order = /^(?:.*,)?order=([^,]*)/.exec(change.set.get('boot') ?? '')?.[1];
  for (const device of splitList(order ?? '')) {
    const known = guest.config[device] ?? guest.pending[device] ?? change.set.get(device);
    if (known === undefined || change.remove.includes(device)) {
      throw died(`invalid bootorder: device '${device}' does not exist'`);
    }
  }
}

function checkChange(call: Call, guest: GuestState, change: ConfigChange): void {
  const { type, vmid: id } = guest;
  for (const [key, value] of change.set) {
    requireKeyPrivilege(call.caller, { type, vmid: id }, key, value);
    if (/^net\d+$/.test(key)) requireBridge(call, value);
    if (isDiskKey(type, key)) checkDisk(call, guest, value);
  }
  for (const key of change.remove) {
    requireKeyPrivilege(call.caller, { type, vmid: id }, key, String(guest.config[key] ?? ''));
    const disk = isDiskKey(type, key) || isUnused(key);
    if (disk && guest.config.protection === 1 && guest.config[key] !== undefined) {
      throw died(`can't remove ${isUnused(key) ? 'unused disk' : 'drive'} '${key}' - protection mode enabled`);
    }
  }
  refuseUnknownBootDevices(guest, change);
}

/** All that can be refused before anything is changed. */
function verifiedChange(call: Call, type: GuestType): { guest: GuestState; change: ConfigChange } {
  refuseSkiplock(call);
  const guest = guestOf(call, type);
  const change = changeOf(call, type);
  checkChange(call, guest, change);
  refuseOtherDigest(call, guest);
  refuseFileLocked(call.cluster, guest);
  refuseLocked(call, guest);
  return { guest, change };
}

function update(type: GuestType) {
  return (call: Call) => {
    const { guest, change } = verifiedChange(call, type);
    changeConfig(call, guest, change);
    return null;
  };
}

function updateInTask(call: Call) {
  const { guest, change } = verifiedChange(call, 'qemu');
  const run = () => {
    try {
      changeConfig(call, guest, change);
      return 'OK';
    } catch (error) {
      if (error instanceof PveError) return error.message;
      throw error;
    }
  };
  const { upid } = call.cluster.tasks.start({
    node: guest.node,
    type: 'qmconfig',
    id: String(guest.vmid),
    user: call.caller.authid,
    duration: call.params.has('background_delay') ? 0 : 1,
    log: [...change.set].map(([key, value]) => `update VM ${guest.vmid}: -${key} ${value}`),
    finish: run,
  });
  if (!call.params.has('background_delay')) return upid;
  // the task is given this long to end; then only a failure is worth a word
  call.cluster.tasks.settle();
  const task = call.cluster.state.tasks.find((entry) => entry.upid === upid);
  if (task !== undefined && task.exitstatus !== 'OK') throw died(task.exitstatus);
  return null;
}

const common: ParameterSpecs = { node, vmid, delete: keyList, digest, revert: keyList };
const qemuParams: ParameterSpecs = {
  ...configParameters.qemu,
  ...common,
  force: { type: 'boolean', optional: true, requires: 'delete' },
  skiplock: flag,
};

const qemuAny = {
  path: '/vms/{vmid}',
  privileges: ['Disk', 'CDROM', 'CPU', 'Memory', 'Network', 'HWType', 'Options', 'Cloudinit'].map(
    (part) => `VM.Config.${part}`,
  ),
  any: true,
} as const;
const lxcAny = {
  path: '/vms/{vmid}',
  privileges: ['Disk', 'CPU', 'Memory', 'Network', 'Options'].map((part) => `VM.Config.${part}`),
  any: true,
} as const;

export const guestConfigRoutes: readonly Route[] = [
  { route: 'PUT /nodes/{node}/qemu/{vmid}/config', params: qemuParams, permission: qemuAny, handler: update('qemu') },
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/config',
    params: {
      ...qemuParams,
      background_delay: { type: 'integer', optional: true, min: 1, max: 30 },
      'import-working-storage': { type: 'string', optional: true, format: 'pve-storage-id' },
    },
    permission: qemuAny,
    handler: updateInTask,
  },
  {
    route: 'PUT /nodes/{node}/lxc/{vmid}/config',
    params: { ...configParameters.lxc, ...common },
    permission: lxcAny,
    handler: update('lxc'),
  },
];
