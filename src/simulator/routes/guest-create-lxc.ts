import { free, volumeNamed } from '../disk-volumes.js';
import { ownDisksOf } from '../disks.js';
import { archiveNamed, archiveType, restoredConfig } from '../guest-archive.js';
import { configParameters, refuseBadSshKeys } from '../guest-config/config-value.js';
import {
  type Creation,
  checkSettings,
  claimNumber,
  discard,
  manage,
  settingsOf,
  writeSettings,
} from '../guest-creation.js';
import { unlock } from '../guest-lock.js';
import { joinPool, requireAllocate, requireOn, requirePool, settleLoad } from '../guest-registry.js';
import { turnOff, turnOn } from '../guest-running.js';
import { guestTask } from '../guest-task.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState } from '../state.js';
import { storageOn } from '../storage.js';
import { flag, node, optionalText, vmid } from './common-parameters.js';
import { requireRestorable } from './vzdump.js';

function creationOf(call: Call): Creation {
  const { params } = call;
  const restores = params.flag('restore');
  const settings = settingsOf(call, 'lxc');
  const storage = params.optionalText('storage') ?? 'local';
  if (!restores && !settings.has('rootfs')) settings.set('rootfs', `${storage}:4`);
  if (!restores && call.cluster.state.version === '9.2' && !settings.has('unprivileged')) {
    settings.set('unprivileged', '1');
  }
  return {
    type: 'lxc',
    vmid: params.integer('vmid'),
    node: call.cluster.node(params.text('node')).node,
    pool: params.optionalText('pool'),
    storage,
    archive: restores ? params.text('ostemplate') : undefined,
    force: params.flag('force'),
    settings,
  };
}

function systemOf(template: string): string {
  const name = template.slice(template.lastIndexOf('/') + 1).toLowerCase();
  const known = [
    'debian',
    'devuan',
    'ubuntu',
    'centos',
    'fedora',
    'opensuse',
    'archlinux',
    'alpine',
    'gentoo',
    'nixos',
  ];
  return known.find((system) => name.includes(system)) ?? 'unmanaged';
}

function fillIn(guest: GuestState, template: string): void {
  const { config } = guest;
  config.arch ??= 'amd64';
  config.hostname ??= `CT${guest.vmid}`;
  config.memory ??= 512;
  config.ostype ??= systemOf(template);
  config.swap ??= 512;
}

function finishWith(call: Call, guest: GuestState, creation: Creation, endtime: number): void {
  unlock(guest);
  settleLoad(guest);
  joinPool(call.cluster, creation.pool, creation.vmid);
  manage(call, guest);
  if (call.params.flag('start') && guest.config.template !== 1) turnOn(guest, endtime);
}

/** Newer systemd cannot do without nesting: the task ends with a warning that means nothing. */
function warns(settings: Creation['settings'], template: string): boolean {
  return /debian|ubuntu|fedora/.test(template) && !/nesting=1/.test(settings.get('features') ?? '');
}

function create(call: Call, creation: Creation, template: string): string {
  const { guest } = claimNumber(call, creation);
  const warning = warns(creation.settings, template);
  return guestTask(call, {
    ...creation,
    type: 'vzcreate',
    duration: 3,
    log: [
      `extracting archive '${template}'`,
      'Detected container architecture: amd64',
      "Creating SSH host key 'ssh_host_ed25519_key' - this may take some time ...",
      ...(warning ? ['WARN: Systemd 252 detected. You may need to enable nesting.'] : []),
    ],
    finish: (endtime) => {
      if (volumeNamed(call.cluster, template, creation.node) === undefined) {
        throw died(`volume '${template}' does not exist`);
      }
      writeSettings(call, guest, creation);
      fillIn(guest, template);
      finishWith(call, guest, creation, endtime);
      return warning ? 'WARNINGS: 1' : undefined;
    },
    aborted: () => discard(call, guest),
  });
}

function restore(call: Call, creation: Creation, volid: string): string {
  const archive = archiveNamed(call.cluster, volid, creation.node);
  if (archiveType(archive) !== 'lxc') throw died(`archive '${volid}' is not a container backup`);
  requireRestorable(call, archive, creation.vmid);
  const { guest, overwrites } = claimNumber(call, creation);
  if (overwrites && guest.status === 'running') {
    throw died(`unable to restore CT ${guest.vmid} - CT is running`);
  }
  guest.config.lock = 'create';
  return guestTask(call, {
    ...creation,
    type: 'vzrestore',
    duration: 6,
    log: [`recovering backed-up configuration from '${volid}'`, `restoring '${volid}' now..`],
    finish: (endtime) => {
      turnOff(guest);
      for (const disk of ownDisksOf(guest, { unused: true })) free(call.cluster, disk.volid, guest.node);
      const plan = { ...creation, unique: call.params.flag('unique') };
      guest.config = { ...restoredConfig(call.cluster, archive, plan), lock: 'create' };
      guest.pending = {};
      guest.snapshots = [];
      writeSettings(call, guest, creation);
      finishWith(call, guest, creation, endtime);
      return undefined;
    },
  });
}

function requireContainerStorage(call: Call, creation: Creation): void {
  // A restore without a storage does not go back to where the volumes came from: it takes `local` like any other.
  const named = call.params.optionalText('storage');
  if (named === undefined && creation.archive === undefined) return;
  const name = named ?? 'local';
  requireOn(call, `/storage/${name}`, 'Datastore.AllocateSpace');
  const { content } = storageOn(call.cluster, name, creation.node);
  if (!content.includes('rootdir')) {
    throw parameterError({ storage: `storage '${name}' does not support container directories` });
  }
}

function createOrRestore(call: Call): string {
  const creation = creationOf(call);
  requireAllocate(call, creation.vmid, creation.pool);
  requirePool(call, creation.pool);
  const privileged = creation.archive === undefined && creation.settings.get('unprivileged') === '0';
  if (privileged && call.cluster.state.version === '9.2') requireOn(call, '/', 'Sys.Modify');
  requireContainerStorage(call, creation);
  checkSettings(call, creation);
  refuseBadSshKeys(call.params.optionalText('ssh-public-keys') ?? '');
  if (creation.archive !== undefined) return restore(call, creation, creation.archive);
  return create(call, creation, call.params.text('ostemplate'));
}

export const guestCreateLxcRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/lxc',
    params: {
      ...configParameters.lxc,
      node,
      vmid,
      bwlimit: { type: 'number', optional: true, min: 0 },
      force: flag,
      'ha-managed': { type: 'boolean', optional: true, since: '9.2' },
      'ignore-unpack-errors': flag,
      ostemplate: { type: 'string', maxLength: 255 },
      password: { type: 'string', optional: true, minLength: 5 },
      pool: { type: 'string', optional: true, format: 'pve-poolid' },
      restore: flag,
      'ssh-public-keys': optionalText,
      start: flag,
      storage: { type: 'string', optional: true, format: 'pve-storage-id' },
      unique: { type: 'boolean', optional: true, requires: 'restore' },
    },
    permission: 'all',
    handler: createOrRestore,
  },
];
