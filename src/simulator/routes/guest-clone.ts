import { allocate, holdsFiles, storageIdOf } from '../disk-volumes.js';
import { type Disk, diskText, isCloudInit, ownDisksOf, volumeKey } from '../disks.js';
import { isTemplate } from '../guest.js';
import { discard, requireBridge } from '../guest-creation.js';
import { isLinkable, isShared } from '../guest-features.js';
import { fileLockFault, isFileLocked, kindOf, lock, refuseLocked, unlock } from '../guest-lock.js';
import { alreadyExists, guestWith, joinPool, registerGuest, requireOn, requirePool } from '../guest-registry.js';
import { guestTask } from '../guest-task.js';
import { networkDevice } from '../network-device.js';
import { died, parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { ConfigValue, GuestState, GuestType } from '../state.js';
import { storageNamed, storageOn } from '../storage.js';
import { count, flag, node, optionalText, vmid } from './common-parameters.js';
import { guestOf } from './guests.js';

interface ClonePlan {
  readonly source: GuestState;
  readonly newid: number;
  readonly full: boolean;
  readonly storage: string | undefined;
  readonly target: string;
  /** What is cloned: the source as it is, or one of its snapshots. */
  readonly config: Record<string, ConfigValue>;
  readonly disks: readonly Disk[];
}

function snapshotConfig(source: GuestState, name: string | undefined): Record<string, ConfigValue> {
  if (name === undefined || name === 'current') return source.config;
  const snapshot = source.snapshots.find((entry) => entry.name === name);
  if (snapshot === undefined) throw died(`snapshot '${name}' does not exist`);
  return snapshot.config;
}

function planOf(call: Call, source: GuestState): ClonePlan {
  const { params, cluster } = call;
  const config = snapshotConfig(source, params.optionalText('snapname'));
  return {
    source,
    newid: params.integer('newid'),
    full: params.has('full') ? params.flag('full') : !isTemplate(source),
    storage: params.optionalText('storage'),
    target: cluster.node(params.optionalText('target') ?? source.node).node,
    config,
    disks: ownDisksOf({ ...source, config }),
  };
}

function refuseParameters(call: Call, plan: ClonePlan): void {
  const { source, full } = plan;
  for (const name of ['storage', 'format']) {
    if (!full && call.params.has(name)) throw died(`parameter '${name}' not allowed for linked clones`);
  }
  const apart = plan.disks.find((disk) => !isLinkable(disk) && !isCloudInit(disk.volid));
  if (!full && apart !== undefined) {
    const what = source.type === 'qemu' ? `drive '${apart.key}'` : `mount point '${apart.key}'`;
    throw died(`Linked clone feature is not supported for ${what}`);
  }
  if (plan.target !== source.node && plan.disks.some((disk) => !isShared(call.cluster, disk))) {
    throw died(`can't clone ${kindOf(source)} to node '${plan.target}' (${kindOf(source)} uses local storage)`);
  }
  if (source.type === 'lxc' && full && source.status === 'running' && !call.params.has('snapname')) {
    throw died('Cannot do full clones on a running container without snapshots');
  }
}

function requireStorages(call: Call, plan: ClonePlan): void {
  const storages = new Set(plan.disks.map((disk) => plan.storage ?? storageIdOf(disk.volid)));
  for (const name of storages) requireOn(call, `/storage/${name}`, 'Datastore.AllocateSpace');
  if (plan.storage === undefined) return;
  const { content } = storageOn(call.cluster, plan.storage, plan.source.node);
  const needed = plan.source.type === 'qemu' ? 'images' : 'rootdir';
  if (!content.includes(needed)) {
    const what = needed === 'images' ? 'vm images' : 'container directories';
    throw parameterError({ storage: `storage '${plan.storage}' does not support ${what}` });
  }
}

function refuseTakenNumber(call: Call, plan: ClonePlan): void {
  const known = guestWith(call.cluster, plan.newid);
  if (known === undefined) return;
  const local = known.node === plan.source.node && known.type === plan.source.type;
  throw died(
    local ? `unable to create ${kindOf(plan.source)} ${plan.newid}: config file already exists` : alreadyExists(known),
  );
}

function copyDisk(call: Call, plan: ClonePlan, disk: Disk): string {
  const { source } = plan;
  const cloudInit = isCloudInit(disk.volid);
  const storage = plan.storage ?? storageIdOf(disk.volid);
  const files = holdsFiles(storageNamed(call.cluster, storage));
  const volume = allocate(call.cluster, {
    storage,
    node: source.node,
    vmid: plan.newid,
    type: source.type,
    size: cloudInit ? 4 * 1024 ** 2 : disk.size,
    format: files ? (call.params.optionalText('format') ?? 'qcow2') : undefined,
    name: cloudInit ? `vm-${plan.newid}-cloudinit` : undefined,
    base: plan.full || cloudInit ? undefined : disk.volid,
  });
  const properties = new Map(disk.properties);
  properties.set(volumeKey(source.type), volume.volid);
  return diskText(source.type, properties);
}

const notCloned = /^(lock|parent|template|vmstate|snapstate|unused\d+|digest)$/;

/** The configuration of the clone: its own disks, addresses and ids. */
function fillClone(call: Call, plan: ClonePlan, clone: GuestState): void {
  const { source } = plan;
  const own = new Map(plan.disks.map((disk) => [disk.key, disk]));
  for (const [key, value] of Object.entries(plan.config)) {
    if (notCloned.test(key)) continue;
    const disk = own.get(key);
    if (disk !== undefined) clone.config[key] = copyDisk(call, plan, disk);
    else if (/^net\d+$/.test(key)) clone.config[key] = networkDevice(source.type, String(value), true);
    else if (key === 'vmgenid') clone.config[key] = crypto.randomUUID();
    else if (key === 'smbios1') clone.config[key] = String(value).replace(/uuid=[^,]*/, `uuid=${crypto.randomUUID()}`);
    else clone.config[key] = value;
  }
  const nameKey = source.type === 'qemu' ? 'name' : 'hostname';
  const given = call.params.optionalText(nameKey);
  if (given !== undefined) clone.config[nameKey] = given;
  else if (source.type === 'qemu') clone.config.name = `Copy-of-VM-${source.config.name ?? source.vmid}`;
  const description = call.params.optionalText('description');
  if (description !== undefined) clone.config.description = `${description.trimEnd()}\n`;
}

function logOf(plan: ClonePlan): string[] {
  return plan.disks.flatMap((disk) => {
    if (!plan.full) return [`create linked clone of drive ${disk.key} (${disk.volid})`];
    const gib = (disk.size / 1024 ** 3).toFixed(1);
    const steps = [0, 10, 25, 50, 75, 90, 100];
    const rows = steps.map(
      (share) =>
        `transferred ${((disk.size * share) / 100 / 1024 ** 3).toFixed(1)} GiB of ${gib} GiB (${share.toFixed(2)}%)`,
    );
    return [`create full clone of drive ${disk.key} (${disk.volid})`, ...rows];
  });
}

/** A running source is locked by its first clone; the others wait for it in vain. */
function waitInVain(call: Call, source: GuestState): string {
  return guestTask(call, {
    type: source.type === 'qemu' ? 'qmclone' : 'vzclone',
    vmid: source.vmid,
    node: source.node,
    duration: 1,
    finish: () => fileLockFault(source),
  });
}

function cloneInTask(call: Call, plan: ClonePlan): string {
  const { source } = plan;
  const place = { type: source.type, vmid: plan.newid, node: source.node };
  const clone = registerGuest(call.cluster, place, source.type === 'qemu' ? 'clone' : 'create');
  // a container that is cloned is locked itself, a VM only by its file
  if (source.type === 'lxc') lock(source, 'disk');
  const release = () => {
    if (source.type === 'lxc') unlock(source);
  };
  return guestTask(call, {
    type: source.type === 'qemu' ? 'qmclone' : 'vzclone',
    vmid: source.vmid,
    node: source.node,
    duration: plan.full ? 6 : 2,
    log: logOf(plan),
    finish: () => {
      fillClone(call, plan, clone);
      release();
      unlock(clone);
      clone.load = { ...source.load };
      clone.node = plan.target;
      joinPool(call.cluster, call.params.optionalText('pool'), plan.newid);
      return undefined;
    },
    aborted: () => {
      release();
      discard(call, clone);
    },
  });
}

function clone(type: GuestType) {
  return (call: Call) => {
    const source = guestOf(call, type);
    requirePool(call, call.params.optionalText('pool'));
    const plan = planOf(call, source);
    refuseLocked(call, source);
    refuseParameters(call, plan);
    requireStorages(call, plan);
    for (const [key, value] of Object.entries(plan.config)) {
      if (/^net\d+$/.test(key)) requireBridge(call, String(value));
    }
    refuseTakenNumber(call, plan);
    return isFileLocked(call.cluster, source) ? waitInVain(call, source) : cloneInTask(call, plan);
  };
}

const permission = {
  allOf: [
    { path: '/vms/{vmid}', privileges: ['VM.Clone'] },
    {
      anyOf: [
        { path: '/vms/{newid}', privileges: ['VM.Allocate'] },
        { path: '/pool/{pool}', privileges: ['VM.Allocate'], requireParam: 'pool' },
      ],
    },
  ],
} as const;

const common = {
  node,
  vmid,
  description: optionalText,
  full: flag,
  newid: vmid,
  pool: { type: 'string', optional: true, format: 'pve-poolid' },
  snapname: { type: 'string', optional: true, maxLength: 40, format: 'pve-configid' },
  storage: { type: 'string', optional: true, format: 'pve-storage-id' },
  target: { ...node, optional: true },
} as const;

export const guestCloneRoutes: readonly Route[] = [
  {
    route: 'POST /nodes/{node}/qemu/{vmid}/clone',
    params: {
      ...common,
      bwlimit: count,
      format: { type: 'string', optional: true, enum: ['raw', 'qcow2', 'vmdk'] },
      name: { type: 'string', optional: true, format: 'dns-name' },
    },
    permission,
    handler: clone('qemu'),
  },
  {
    route: 'POST /nodes/{node}/lxc/{vmid}/clone',
    params: {
      ...common,
      bwlimit: { type: 'number', optional: true, min: 0 },
      hostname: { type: 'string', optional: true, format: 'dns-name' },
    },
    permission,
    handler: clone('lxc'),
  },
];
