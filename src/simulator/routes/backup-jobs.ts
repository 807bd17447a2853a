import type { Settings } from '../configuration-state.js';
import { nameOf } from '../guest.js';
import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { keepOptions } from '../prune.js';
import { parameterError } from '../pve-error.js';
import { SeededRandom } from '../random.js';
import type { Call } from '../route.js';
import { deletedKeys, settingsOf, settingsRow } from '../sections.js';
import type { BackupJobState, GuestState } from '../state.js';
import type { Handler } from './declaration.js';

const daySeconds = 86_400;
const own = ['id', 'schedule', 'starttime', 'dow', 'storage', 'enabled', 'mode', 'all', 'vmid', 'pool', 'exclude'];
const ownToo = [...own, 'comment', 'prune-backups', 'maxfiles'];
const rootOnly = ['tmpdir', 'dumpdir', 'script'];

/** Of a calendar event its time of day alone is followed. */
function nextRun(job: BackupJobState, now: number): number {
  const [, hours = '2', minutes = '0'] = /(\d{1,2}):(\d{1,2})/.exec(job.schedule) ?? [];
  const ofDay = Number(hours) * 3600 + Number(minutes) * 60;
  const today = now - (now % daySeconds) + ofDay;
  return today > now ? today : today + daySeconds;
}

function rowOf({ cluster }: Call, job: BackupJobState): JsonObject {
  const common = job.options ?? { compress: 'zstd', 'notes-template': '{{guestname}}' };
  return {
    id: job.id,
    type: 'vzdump',
    enabled: job.enabled ? 1 : 0,
    schedule: job.schedule,
    storage: job.storage,
    mode: job.mode,
    ...settingsRow(common),
    all: job.all ? 1 : undefined,
    vmid: job.vmids.length > 0 ? job.vmids.join(',') : undefined,
    pool: job.pool,
    exclude: job.exclude.length > 0 ? job.exclude.join(',') : undefined,
    comment: job.comment,
    'next-run': job.enabled ? nextRun(job, cluster.now) : undefined,
  };
}

export function backupJobRow(call: Call, job: BackupJobState): JsonObject {
  // an object in the list, a property string everywhere else
  const prune = Object.fromEntries(Object.entries(job.prune).map(([key, keep]) => [key, String(keep)]));
  return { ...rowOf(call, job), 'prune-backups': prune };
}

function read(call: Call) {
  const job = jobNamed(call);
  const prune = Object.entries(job.prune).map(([key, keep]) => `${key}=${keep}`);
  return { ...rowOf(call, job), 'prune-backups': prune.length > 0 ? prune.join(',') : undefined };
}

function jobNamed({ cluster, params }: Call): BackupJobState {
  const id = params.text('id');
  const job = cluster.state.backupJobs.find((entry) => entry.id === id);
  if (job === undefined) throw parameterError({ id: `No such job '${id}'` });
  return job;
}

function requireAllowed({ caller, params }: Call): void {
  const closed = rootOnly.find((key) => params.has(key) && caller.authid !== 'root@pam');
  if (closed !== undefined) throw parameterError({ [closed]: 'Only root may set this option.' });
}

function requireOneSelection(job: BackupJobState): void {
  const selections = [job.vmids.length > 0, job.all, job.pool !== undefined].filter(Boolean).length;
  if (selections === 0) throw parameterError({ vmid: 'property is missing and it is not optional' });
  if (selections === 1) return;
  if (job.pool !== undefined) throw parameterError({ pool: "option conflicts with option 'vmid'" });
  throw parameterError({ all: "option conflicts with option 'vmid'" });
}

function scheduleOf({ params }: Call): string | undefined {
  const start = params.optionalText('starttime');
  const days = params.optionalText('dow');
  if (start === undefined) return params.optionalText('schedule');
  if (params.has('schedule')) throw parameterError({ starttime: "cannot be set together with 'schedule'" });
  return days === undefined ? start : `${days} ${start}`;
}

/** Who sends one way of naming guests gives up the others. */
function select({ params }: Call, job: BackupJobState): void {
  const vmids = splitList(params.optionalText('vmid') ?? '').map(Number);
  if (vmids.length > 0) job.vmids = vmids;
  if (params.has('all')) job.all = params.flag('all');
  const pool = params.optionalText('pool');
  if (pool !== undefined) job.pool = pool;
  const chosen = [vmids.length > 0, params.flag('all'), pool !== undefined].filter(Boolean).length;
  if (chosen !== 1) return;
  if (vmids.length === 0) job.vmids = [];
  if (!params.flag('all')) job.all = false;
  if (pool === undefined) delete job.pool;
}

function isMode(mode: string | undefined): mode is BackupJobState['mode'] {
  return mode === 'snapshot' || mode === 'suspend' || mode === 'stop';
}

function setKeys(call: Call, job: BackupJobState): void {
  const { params } = call;
  select(call, job);
  job.schedule = scheduleOf(call) ?? job.schedule;
  job.storage = params.optionalText('storage') ?? job.storage;
  if (params.has('enabled')) job.enabled = params.flag('enabled');
  const mode = params.optionalText('mode');
  if (isMode(mode)) job.mode = mode;
  if (params.has('exclude')) job.exclude = splitList(params.text('exclude')).map(Number);
  const comment = params.optionalText('comment');
  if (comment !== undefined) job.comment = comment;
  const prune = params.optionalText('prune-backups');
  if (prune !== undefined) job.prune = keepOptions(prune);
}

function deleteKeys(call: Call, job: BackupJobState, options: Settings): void {
  for (const key of deletedKeys(call)) {
    delete options[key];
    if (key === 'comment') delete job.comment;
    if (key === 'pool') delete job.pool;
    if (key === 'all') job.all = false;
    if (key === 'vmid') job.vmids = [];
    if (key === 'exclude') job.exclude = [];
    if (key === 'prune-backups') job.prune = {};
    if (key === 'enabled') job.enabled = true;
    if (key === 'mode') job.mode = 'snapshot';
  }
}

const create: Handler = (call, specs) => {
  const { cluster, params } = call;
  requireAllowed(call);
  const schedule = scheduleOf(call);
  if (schedule === undefined) throw parameterError({ schedule: 'property is missing and it is not optional' });
  const random = new SeededRandom(`${cluster.clock.now()} ${cluster.state.backupJobs.length}`).uuid();
  const id = params.optionalText('id') ?? `backup-${random.slice(0, 8)}-${random.slice(9, 13)}`;
  if (cluster.state.backupJobs.some((job) => job.id === id)) throw parameterError({ id: `Job '${id}' already exists` });
  const job: BackupJobState = {
    id,
    schedule,
    storage: 'local',
    enabled: true,
    mode: 'snapshot',
    all: false,
    vmids: [],
    exclude: [],
    prune: {},
    options: settingsOf(call, specs, ownToo),
  };
  setKeys(call, job);
  requireOneSelection(job);
  cluster.state.backupJobs.push(job);
  return null;
};

const update: Handler = (call, specs) => {
  const job = jobNamed(call);
  requireAllowed(call);
  const options: Settings = { ...(job.options ?? { compress: 'zstd', 'notes-template': '{{guestname}}' }) };
  const changed: BackupJobState = { ...job };
  deleteKeys(call, changed, options);
  setKeys(call, changed);
  changed.options = { ...options, ...settingsOf(call, specs, ownToo) };
  requireOneSelection(changed);
  const jobs = call.cluster.state.backupJobs;
  jobs.splice(jobs.indexOf(job), 1, changed);
  return null;
};

function remove(call: Call) {
  const job = jobNamed(call);
  call.cluster.state.backupJobs = call.cluster.state.backupJobs.filter((entry) => entry !== job);
  return null;
}

function guestsOf({ cluster }: Call, job: BackupJobState): GuestState[] {
  const { guests, pools } = cluster.state;
  const members = pools.find((pool) => pool.poolid === job.pool)?.vmids ?? [];
  if (job.all) return guests.filter((guest) => !job.exclude.includes(guest.vmid));
  return guests.filter((guest) => job.vmids.includes(guest.vmid) || members.includes(guest.vmid));
}

function volumesOf(guest: GuestState) {
  const keys = guest.type === 'qemu' ? /^(scsi|virtio|sata|ide|efidisk|tpmstate)\d+$/ : /^(rootfs|mp\d+)$/;
  return Object.entries(guest.config)
    .filter(([key, value]) => keys.test(key) && !String(value).includes('media=cdrom'))
    .map(([key, value]) => {
      const excluded =
        guest.type === 'qemu' ? /backup=0/.test(String(value)) : key !== 'rootfs' && !/backup=1/.test(String(value));
      const reason = excluded ? 'disabled' : key === 'rootfs' ? 'rootfs' : 'enabled';
      return { id: key, name: String(value).split(',')[0] ?? '', included: excluded ? 0 : 1, reason };
    });
}

function includedVolumes(call: Call) {
  const children = guestsOf(call, jobNamed(call)).map((guest) => ({
    id: guest.vmid,
    name: nameOf(guest),
    type: guest.type,
    children: volumesOf(guest),
  }));
  return { children };
}

export const backupJobHandlers: Readonly<Record<string, Handler>> = {
  'POST /cluster/backup': create,
  'GET /cluster/backup/{id}': read,
  'PUT /cluster/backup/{id}': update,
  'DELETE /cluster/backup/{id}': remove,
  'GET /cluster/backup/{id}/included_volumes': includedVolumes,
};
