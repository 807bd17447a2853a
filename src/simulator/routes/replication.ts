import type { ReplicationRun, Section, Settings } from '../configuration-state.js';
import type { JsonObject } from '../json.js';
import { died, forbidden } from '../pve-error.js';
import { type Call, Envelope } from '../route.js';
import { type SectionFile, sectionHandlers, sectionNamed, settingsRow } from '../sections.js';
import type { GuestState } from '../state.js';
import type { Handler } from './declaration.js';

const quarter = 900;

function guestIdOf(id: string): number {
  return Number(id.split('-')[0]);
}

function guestOf(call: Call, id: string): GuestState {
  const guest = call.cluster.state.guests.find((entry) => entry.vmid === guestIdOf(id));
  if (guest === undefined) throw died(`no such guest '${guestIdOf(id)}'`);
  return guest;
}

/** Until 8 the right is one over all storages, since 9 one over the guest. */
function requireReplicate({ cluster, caller }: Call, id: string): void {
  if (cluster.state.version === '8.4') return;
  const path = `/vms/${guestIdOf(id)}`;
  if (!caller.permissions.has(path, 'VM.Replicate')) throw forbidden(`${path}, VM.Replicate`);
}

/** ZFS alone can replicate. */
function requireReplicatable({ cluster }: Call, guest: GuestState): void {
  for (const [key, value] of Object.entries(guest.config)) {
    if (!/^(scsi|virtio|sata|ide|efidisk|tpmstate|rootfs|mp)\d*$/.test(key)) continue;
    const [volid = ''] = String(value).split(',');
    const storage = cluster.state.storages.find((entry) => volid.startsWith(`${entry.storage}:`));
    if (storage === undefined || /replicate=0|media=cdrom/.test(String(value))) continue;
    if (storage.type !== 'zfspool') throw died(`missing replicate feature on volume '${volid}'`);
  }
}

function check(call: Call, settings: Settings, id: string): void {
  requireReplicate(call, id);
  const guest = guestOf(call, id);
  const { target } = settings;
  settings.source ??= guest.node;
  if (!call.cluster.state.nodes.some((node) => node.node === target)) throw died(`no such cluster node '${target}'`);
  if (target === guest.node) throw died('Replication target must be different from the source node');
  if (settings.source !== guest.node) {
    throw died(`Source '${settings.source}' does not match current node of guest '${guest.vmid}' (${guest.node})`);
  }
  requireReplicatable(call, guest);
}

const file: SectionFile = {
  key: 'id',
  of: ({ cluster }) => cluster.state.configuration.replication,
  missing: (id) => `no such replication job '${id}'`,
  existing: (id) => `replication job '${id}' already exists`,
  without: ['force', 'keep'],
  check,
  visible: ({ caller }, { id }) => caller.permissions.has(`/vms/${guestIdOf(id)}`, 'VM.Audit'),
  row: (_, { id }) => ({ guest: guestIdOf(id), jobnum: Number(id.split('-')[1]) }),
};

const jobs = sectionHandlers(file);

function drop({ cluster }: Call, id: string): void {
  const { configuration } = cluster.state;
  configuration.replication = configuration.replication.filter((job) => job.id !== id);
  delete configuration.replicationRuns[id];
}

const remove: Handler = (call) => {
  const job = sectionNamed(file, call);
  requireReplicate(call, job.id);
  if (call.params.flag('force')) {
    drop(call, job.id);
    return null;
  }
  // marked only: the next run removes it
  job.settings.remove_job = call.params.flag('keep') ? 'local' : 'full';
  call.cluster.tasks.after(60, () => drop(call, job.id));
  return null;
};

function runOf({ cluster }: Call, id: string): ReplicationRun {
  const next = cluster.now - (cluster.now % quarter) + quarter;
  const runs = cluster.state.configuration.replicationRuns;
  const run = runs[id] ?? { lastSync: 0, nextSync: next, duration: 0, failCount: 0, log: [] };
  runs[id] = run;
  return run;
}

function replicate(call: Call, job: Section, at: number): void {
  const guest = call.cluster.state.guests.find((entry) => entry.vmid === guestIdOf(job.id));
  const run = runOf(call, job.id);
  const target = call.cluster.state.nodes.find((node) => node.node === job.settings.target);
  const reachable = target !== undefined && call.cluster.isOnline(target);
  run.nextSync = at - (at % quarter) + quarter;
  run.duration = 3.4;
  run.failCount = reachable ? 0 : run.failCount + 1;
  run.error = reachable ? undefined : `command 'ssh root@${job.settings.target}' failed: exit code 255`;
  if (reachable) run.lastSync = at;
  run.log = [
    `${job.id}: start replication job`,
    `${job.id}: guest => ${guest?.type === 'lxc' ? 'CT' : 'VM'} ${guestIdOf(job.id)}, running => ${guest?.status}`,
    reachable ? `${job.id}: end replication job` : `${job.id}: end replication job with error: ${run.error}`,
  ];
}

function statusRow(call: Call, job: Section): JsonObject {
  const run = runOf(call, job.id);
  const guest = call.cluster.state.guests.find((entry) => entry.vmid === guestIdOf(job.id));
  return {
    id: job.id,
    ...settingsRow(job.settings),
    guest: guestIdOf(job.id),
    jobnum: Number(job.id.split('-')[1]),
    vmtype: guest?.type,
    last_sync: run.lastSync,
    last_try: run.lastSync,
    next_sync: run.nextSync,
    duration: run.duration,
    fail_count: run.failCount,
    error: run.error,
  };
}

const listOnNode: Handler = (call) => {
  const { node } = call.cluster.node(call.params.text('node'));
  const guest = call.params.optionalInteger('guest');
  return file
    .of(call)
    .filter((job) => job.settings.source === node && file.visible?.(call, job) === true)
    .filter((job) => guest === undefined || guestIdOf(job.id) === guest)
    .map((job) => statusRow(call, job));
};

const scheduleNow: Handler = (call) => {
  const job = sectionNamed(file, call);
  requireReplicate(call, job.id);
  runOf(call, job.id).nextSync = 0;
  call.cluster.tasks.after(4, (at) => replicate(call, job, at));
  return null;
};

const log: Handler = (call) => {
  const lines = runOf(call, sectionNamed(file, call).id).log;
  if (lines.length === 0) return new Envelope([{ n: 1, t: 'no content' }], { total: 1 });
  return new Envelope(
    lines.map((t, at) => ({ n: at + 1, t })),
    { total: lines.length },
  );
};

const node = '/nodes/{node}/replication';

export const replicationHandlers: Readonly<Record<string, Handler>> = {
  'GET /cluster/replication': jobs.list,
  'POST /cluster/replication': jobs.create,
  'GET /cluster/replication/{id}': jobs.read,
  'PUT /cluster/replication/{id}': jobs.update,
  'DELETE /cluster/replication/{id}': remove,
  [`GET ${node}`]: listOnNode,
  [`GET ${node}/{id}/status`]: (call) => statusRow(call, sectionNamed(file, call)),
  [`GET ${node}/{id}/log`]: log,
  [`POST ${node}/{id}/schedule_now`]: scheduleNow,
};
