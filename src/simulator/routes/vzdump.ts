import type { Cluster } from '../cluster.js';
import { archivedConfig, archiveNamed, configText } from '../guest-archive.js';
import { archiveOf, type BackupOptions, beginBackup, endBackup, progressLog } from '../guest-backup.js';
import { unlock } from '../guest-lock.js';
import { guestWith, requireOn } from '../guest-registry.js';
import { splitList } from '../parameter-format.js';
import { keepOptions, markBackups } from '../prune.js';
import { died, forbidden, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { GuestState, VolumeState } from '../state.js';
import { storageNamed } from '../storage.js';
import { dropVolume } from '../stored-volumes.js';
import { node, storage } from './common-parameters.js';
import { vzdumpParameters } from './vzdump-parameters.js';

const eachTakes = 10;

interface RunOptions extends BackupOptions {
  /** `keep-last=3`; undefined where nothing is pruned. */
  readonly keep: string | undefined;
}

interface Wanted {
  readonly vmid: number;
  readonly guest: GuestState | undefined;
}

function refuseParameters(call: Call): void {
  const { params, caller } = call;
  for (const name of ['tmpdir', 'dumpdir', 'script', 'job-id']) {
    if (params.has(name) && caller.authid !== 'root@pam') {
      throw parameterError({ [name]: 'Only root may set this option.' });
    }
  }
  for (const name of ['bwlimit', 'ionice', 'performance']) if (params.has(name)) requireOn(call, '/', 'Sys.Modify');
  const selections = ['vmid', 'all', 'pool'].filter((name) => params.has(name));
  if (selections.length === 0 && !params.flag('stop'))
    throw parameterError({ vmid: 'property is missing and it is not optional' });
  const target = params.optionalText('storage') ?? 'local';
  requireOn(call, `/storage/${target}`, 'Datastore.AllocateSpace');
  if (params.has('prune-backups')) requireOn(call, `/storage/${target}`, 'Datastore.Allocate');
}

function selected(call: Call, on: string): Wanted[] {
  const { cluster, params, caller } = call;
  const exclude = new Set(splitList(params.optionalText('exclude') ?? '').map(Number));
  const pool = params.optionalText('pool');
  const own = cluster.state.guests.filter((guest) => guest.node === on && !exclude.has(guest.vmid));
  if (params.flag('all')) {
    const may = own.filter((guest) => caller.permissions.has(`/vms/${guest.vmid}`, 'VM.Backup'));
    return may.map((guest) => ({ vmid: guest.vmid, guest }));
  }
  if (pool !== undefined) {
    const members = cluster.state.pools.find((entry) => entry.poolid === pool)?.vmids ?? [];
    return own.filter((guest) => members.includes(guest.vmid)).map((guest) => ({ vmid: guest.vmid, guest }));
  }
  const ids = splitList(params.optionalText('vmid') ?? '').map(Number);
  // a guest elsewhere is left out in silence, one that is nowhere fails for all to see
  return ids
    .map((vmid) => ({ vmid, guest: guestWith(cluster, vmid) }))
    .filter(({ guest }) => guest === undefined || guest.node === on);
}

/** One backup at a time on a node: the others wait for the lock. */
function waiting(cluster: Cluster, on: string): number {
  const ends = cluster.state.tasks
    .filter((task) => task.node === on && task.type === 'vzdump' && task.endtime === undefined)
    .map((task) => task.starttime + task.duration);
  return Math.max(0, ...ends.map((end) => end - cluster.now));
}

interface Step {
  readonly wanted: Wanted;
  readonly archive: VolumeState | undefined;
  fault: string | undefined;
  state: 'waiting' | 'running' | 'done';
}

function stepsOf(call: Call, wanted: readonly Wanted[], options: BackupOptions, delay: number): Step[] {
  return wanted.map(({ vmid, guest }, at) => ({
    wanted: { vmid, guest },
    archive:
      guest === undefined
        ? undefined
        : archiveOf(call.cluster, guest, options, call.cluster.now + delay + at * eachTakes),
    fault: guest === undefined ? `unable to find VM '${vmid}'` : undefined,
    state: 'waiting',
  }));
}

function begin(step: Step): void {
  if (step.state !== 'waiting' || step.fault !== undefined) return;
  step.fault = beginBackup(step.wanted.guest);
  step.state = 'running';
}

function end(step: Step, options: RunOptions): void {
  if (step.state !== 'running') return;
  step.state = 'done';
  const { guest } = step.wanted;
  if (step.fault === undefined && guest !== undefined && step.archive !== undefined) {
    endBackup(guest, options.storage, step.archive);
    prune(guest, options);
  }
}

/** What the retention of this run no longer keeps of the guest's backups. */
function prune(guest: GuestState, { storage: entry, keep }: RunOptions): void {
  if (keep === undefined) return;
  const backups = entry.volumes.filter((volume) => volume.content === 'backup' && volume.vmid === guest.vmid);
  const gone = markBackups(backups, keepOptions(keep)).filter((row) => row.mark === 'remove');
  for (const { volume } of gone) dropVolume(entry, volume.volid, volume.node);
}

function linesOf(step: Step, mode: string): string[] {
  const { vmid, guest } = step.wanted;
  if (step.fault === undefined && guest !== undefined && step.archive !== undefined) {
    return progressLog(guest, step.archive, mode);
  }
  return [
    `INFO: Starting Backup of VM ${vmid} (${guest?.type ?? 'qemu'})`,
    `ERROR: Backup of VM ${vmid} failed - ${step.fault}`,
  ];
}

/** Begins one after the other; a guest is locked when its turn comes. */
function schedule(call: Call, steps: readonly Step[], options: RunOptions, delay: number): void {
  const { tasks } = call.cluster;
  for (const [at, step] of steps.entries()) {
    const starts = delay + at * eachTakes;
    if (starts === 0) begin(step);
    else tasks.after(starts, () => begin(step));
    if (at < steps.length - 1) tasks.after(starts + eachTakes, () => end(step, options));
  }
}

function logOf(call: Call, steps: readonly Step[], options: BackupOptions, delay: number): string[] {
  const shown = call.params.names().filter((name) => !['node'].includes(name));
  return [
    `INFO: starting new backup job: vzdump ${shown.map((name) => `--${name} ${call.params.text(name)}`).join(' ')}`,
    ...(delay > 0 ? ['INFO: trying to get global lock - waiting...'] : []),
    ...steps.flatMap((step) => linesOf(step, options.mode)),
  ];
}

function optionsOf(call: Call, on: string): RunOptions {
  const { params, cluster } = call;
  return {
    storage: storageNamed(cluster, params.optionalText('storage') ?? 'local'),
    node: on,
    mode: params.optionalText('mode') ?? 'snapshot',
    compress: params.optionalText('compress') ?? '0',
    notes: params.optionalText('notes-template'),
    isProtected: params.flag('protected'),
    keep: retentionOf(call),
  };
}

/** Pruning is on unless `remove` says otherwise: by the rule of the run, else by the storage's own. */
function retentionOf({ params, cluster }: Call): string | undefined {
  if (params.has('remove') && !params.flag('remove')) return undefined;
  const entry = storageNamed(cluster, params.optionalText('storage') ?? 'local');
  const own = entry.options['prune-backups'];
  return params.optionalText('prune-backups') ?? (own === undefined ? undefined : String(own));
}

function storageFault({ storage: entry, node: on }: BackupOptions): string | undefined {
  const prefix = `could not get storage information for '${entry.storage}': `;
  if (!entry.content.includes('backup'))
    return `${prefix}can't use storage '${entry.storage}' for backup - wrong content type`;
  if (!entry.enabled) return `${prefix}storage '${entry.storage}' is disabled`;
  return entry.inactiveOn.includes(on) ? `${prefix}storage '${entry.storage}' is not online` : undefined;
}

function failed(call: Call, on: string, exitstatus: string): string {
  const user = call.caller.authid;
  return call.cluster.tasks.start({ node: on, type: 'vzdump', user, duration: 1, log: [], exitstatus }).upid;
}

function stopRunning(cluster: Cluster, on: string): string {
  for (const task of cluster.state.tasks) if (task.node === on && task.type === 'vzdump') cluster.tasks.interrupt(task);
  return 'OK';
}

function backup(call: Call): string {
  const { cluster, params, caller } = call;
  const { node: on } = cluster.node(params.text('node'));
  refuseParameters(call);
  if (params.flag('stop')) return stopRunning(cluster, on);
  const wanted = selected(call, on);
  for (const { vmid } of wanted) requireOn(call, `/vms/${vmid}`, 'VM.Backup');
  if (wanted.length === 0 && !params.flag('all')) return 'OK';
  const options = optionsOf(call, on);
  const unusable = storageFault(options);
  if (unusable !== undefined) return failed(call, on, unusable);
  const delay = waiting(cluster, on);
  const steps = stepsOf(call, wanted, options, delay);
  schedule(call, steps, options, delay);
  const task = cluster.tasks.start({
    node: on,
    type: 'vzdump',
    id: wanted.length === 1 ? String(wanted[0]?.vmid) : '',
    user: caller.authid,
    duration: delay + Math.max(1, steps.length * eachTakes),
    log: logOf(call, steps, options, delay),
    finish: () => {
      for (const step of steps) end(step, options);
      const errors = steps.some((step) => step.fault !== undefined);
      task.log = [
        ...logOf(call, steps, options, delay),
        errors ? 'INFO: Backup job finished with errors' : 'INFO: Backup job finished successfully',
      ];
      return errors ? 'job errors' : 'OK';
    },
    aborted: () => {
      for (const step of steps) {
        const locked = step.state === 'running' && step.fault === undefined;
        step.state = 'done';
        if (locked && step.wanted.guest !== undefined) unlock(step.wanted.guest);
      }
    },
  });
  return task.upid;
}

export function requireArchive(call: Call, archive: VolumeState): void {
  const { permissions } = call.caller;
  const name = archive.volid.split(':')[0] ?? '';
  if (permissions.has(`/storage/${name}`, 'Datastore.Allocate')) return;
  const may = permissions.has(`/storage/${name}`, 'Datastore.AllocateSpace');
  if (!may || !permissions.has(`/vms/${archive.vmid}`, 'VM.Backup'))
    throw forbidden(`/storage/${name}, Datastore.Allocate`);
}

/** Who restores: a guest's own archive is free to who may make that guest, all others take a right to read them. */
export function requireRestorable(call: Call, archive: VolumeState, vmid: number): void {
  if (archive.vmid === vmid) return;
  const { permissions } = call.caller;
  const path = `/storage/${archive.volid.split(':')[0]}`;
  if (permissions.has(path, 'Datastore.Allocate')) return;
  requireOn(call, path, 'Datastore.AllocateSpace');
  requireOn(call, `/vms/${archive.vmid}`, 'VM.Backup');
}

function extractConfig(call: Call): string {
  const volid = call.params.text('volume');
  if (!volid.includes(':')) throw died(`unable to parse volume ID '${volid}'`);
  const { node: on } = call.cluster.node(call.params.text('node'));
  const archive = archiveNamed(call.cluster, volid, on);
  requireArchive(call, archive);
  return configText(archivedConfig(call.cluster, archive));
}

function defaults(call: Call) {
  const name = call.params.optionalText('storage');
  return { mode: 'snapshot', compress: '0', storage: name, 'prune-backups': { 'keep-all': '1' } };
}

export const vzdumpRoutes: readonly Route[] = [
  { route: 'POST /nodes/{node}/vzdump', params: vzdumpParameters, permission: 'all', handler: backup },
  {
    route: 'GET /nodes/{node}/vzdump/extractconfig',
    params: { node, volume: { type: 'string' } },
    permission: 'all',
    handler: extractConfig,
  },
  {
    route: 'GET /nodes/{node}/vzdump/defaults',
    params: { node, storage: { ...storage, optional: true } },
    permission: 'all',
    handler: defaults,
  },
];
