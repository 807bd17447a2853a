import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { parameterError } from '../pve-error.js';
import type { Call, Route } from '../route.js';
import type { StorageState, VolumeState } from '../state.js';
import { isActive, isOnNode, storageNamed, storageOn, usedOn } from '../storage.js';
import { flag, node, storage, storageView, vmid } from './common-parameters.js';

const viewing = ['Datastore.Audit', 'Datastore.AllocateSpace'];

const types92 = [
  'btrfs',
  'cephfs',
  'cifs',
  'dir',
  'esxi',
  'iscsi',
  'iscsidirect',
  'lvm',
  'lvmthin',
  'nfs',
  'pbs',
  'rbd',
  'zfs',
  'zfspool',
];
const types84 = [...types92, 'glusterfs'].sort();

export function configOf(entry: StorageState): JsonObject {
  const config = {
    storage: entry.storage,
    type: entry.type,
    content: entry.content.join(','),
    ...entry.options,
    nodes: entry.nodes?.join(','),
    shared: entry.shared && entry.type !== 'nfs' && entry.type !== 'pbs' ? 1 : undefined,
    disable: entry.enabled ? undefined : 1,
  };
  return { ...config, digest: createHash('sha1').update(JSON.stringify(config)).digest('hex') };
}

function listConfig({ cluster, caller, params }: Call) {
  const type = params.optionalText('type');
  return cluster.state.storages
    .filter((entry) => type === undefined || entry.type === type)
    .filter((entry) => caller.permissions.hasAny(`/storage/${entry.storage}`, viewing))
    .map(configOf);
}

function oneConfig({ cluster, params }: Call) {
  return configOf(storageNamed(cluster, params.text('storage')));
}

function usage(entry: StorageState, on: string): JsonObject {
  const active = isActive(entry, on);
  const used = active ? usedOn(entry, on) : 0;
  const total = active ? entry.total : 0;
  return {
    type: entry.type,
    content: entry.content.join(','),
    active: active ? 1 : 0,
    enabled: entry.enabled ? 1 : 0,
    shared: entry.shared ? 1 : 0,
    total,
    used,
    avail: total - used,
  };
}

function listOnNode({ cluster, caller, params }: Call) {
  const { node: on } = cluster.node(params.text('node'));
  const only = params.optionalText('storage');
  if (only !== undefined && !cluster.state.storages.some((entry) => entry.storage === only)) {
    throw parameterError({ storage: 'No such storage.' });
  }
  const wanted = splitList(params.optionalText('content') ?? '');
  const target = params.optionalText('target');
  return cluster.state.storages
    .filter((entry) => only === undefined || entry.storage === only)
    .filter((entry) => isOnNode(entry, on) && (target === undefined || isOnNode(entry, target)))
    .filter((entry) => wanted.length === 0 || wanted.some((content) => entry.content.includes(content)))
    .filter((entry) => !params.flag('enabled') || entry.enabled)
    .filter((entry) => caller.permissions.hasAny(`/storage/${entry.storage}`, viewing))
    .map((entry) => ({
      storage: entry.storage,
      ...usage(entry, on),
      used_fraction: isActive(entry, on) ? usedOn(entry, on) / entry.total : undefined,
    }));
}

function statusOnNode({ cluster, params }: Call) {
  const { node: on } = cluster.node(params.text('node'));
  return usage(storageOn(cluster, params.text('storage'), on), on);
}

/** Audit shows ISOs and templates, but an archive holds a guest's data: that takes more. */
function mayList({ caller }: Call, entry: StorageState, volume: VolumeState): boolean {
  const path = `/storage/${entry.storage}`;
  const { permissions } = caller;
  if (permissions.has(path, 'Datastore.Allocate')) return true;
  if (volume.content === 'backup') {
    return (
      permissions.has(path, 'Datastore.AllocateSpace') &&
      volume.vmid !== undefined &&
      permissions.has(`/vms/${volume.vmid}`, 'VM.Backup')
    );
  }
  if (volume.content === 'iso' || volume.content === 'vztmpl' || volume.content === 'import') return true;
  if (volume.vmid === undefined) return false;
  return permissions.has(`/vms/${volume.vmid}`, 'VM.Config.Disk') || permissions.has(path, 'Datastore.Audit');
}

function volumeRow(volume: VolumeState): JsonObject {
  return {
    volid: volume.volid,
    content: volume.content,
    format: volume.format,
    size: volume.size,
    ctime: volume.ctime,
    vmid: volume.vmid,
    subtype: volume.subtype,
    notes: volume.notes,
    protected: volume.protected === true ? 1 : volume.content === 'backup' ? 0 : undefined,
    verification: volume.verification === undefined ? undefined : { state: volume.verification, upid: '' },
  };
}

function content(call: Call) {
  const { node: on } = call.cluster.node(call.params.text('node'));
  const entry = storageOn(call.cluster, call.params.text('storage'), on);
  const wanted = call.params.optionalText('content');
  const owner = call.params.optionalInteger('vmid');
  return entry.volumes
    .filter((volume) => volume.node === undefined || volume.node === on)
    .filter((volume) => wanted === undefined || volume.content === wanted)
    .filter((volume) => owner === undefined || volume.vmid === owner)
    .filter((volume) => mayList(call, entry, volume))
    .map(volumeRow);
}

export const storageRoutes: readonly Route[] = [
  {
    route: 'GET /storage',
    params: { type: { type: 'string', optional: true, enum: { '8.4': types84, '9.2': types92 } } },
    permission: 'all',
    handler: listConfig,
  },
  {
    route: 'GET /storage/{storage}',
    params: { storage },
    permission: { path: '/storage/{storage}', privileges: ['Datastore.Allocate'] },
    handler: oneConfig,
  },
  {
    route: 'GET /nodes/{node}/storage',
    params: {
      node,
      content: { type: 'string', optional: true, format: 'pve-storage-content-list' },
      enabled: flag,
      format: flag,
      storage: { ...storage, optional: true },
      target: { ...node, optional: true },
    },
    permission: 'all',
    handler: listOnNode,
  },
  {
    route: 'GET /nodes/{node}/storage/{storage}/status',
    params: { node, storage },
    permission: storageView,
    handler: statusOnNode,
  },
  {
    route: 'GET /nodes/{node}/storage/{storage}/content',
    params: {
      node,
      storage,
      content: { type: 'string', optional: true, format: 'pve-storage-content' },
      vmid: { ...vmid, optional: true },
    },
    permission: storageView,
    handler: content,
  },
];
