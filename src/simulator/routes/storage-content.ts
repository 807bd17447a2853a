import type { Caller } from '../caller.js';
import { bytesOf } from '../guest.js';
import { keepOptions, markBackups, type PruneRow } from '../prune.js';
import { died, forbidden } from '../pve-error.js';
import type { Call } from '../route.js';
import type { StorageState, VolumeState } from '../state.js';
import { storageOn } from '../storage.js';
import {
  contentOfVolid,
  dropVolume,
  fileTypes,
  findVolume,
  homeOf,
  placeOf,
  putVolume,
  shareChange,
  usersOfBase,
  type VolumePlace,
  volumePath,
} from '../stored-volumes.js';
import type { Handler } from './declaration.js';

function requirePrivilege({ permissions }: Caller, path: string, privilege: string): void {
  if (!permissions.has(path, privilege)) throw forbidden(`${path}, ${privilege}`);
}

/** Who may read a volume; the volume need not be there. */
function requireVolumeAccess({ caller }: Call, { storage, volid }: VolumePlace): void {
  const path = `/storage/${storage.storage}`;
  const { permissions } = caller;
  const { content, vmid } = contentOfVolid(volid);
  if (permissions.has(path, 'Datastore.Allocate')) return;
  const space = permissions.has(path, 'Datastore.AllocateSpace');
  const readable = ['iso', 'vztmpl', 'import'].includes(content) && (space || permissions.has(path, 'Datastore.Audit'));
  if (readable) return;
  if (vmid === undefined) throw forbidden(`${path}, Datastore.Allocate`);
  if (content !== 'backup') requirePrivilege(caller, `/vms/${vmid}`, 'VM.Config.Disk');
  else if (!space) throw forbidden(`${path}, Datastore.AllocateSpace`);
  else requirePrivilege(caller, `/vms/${vmid}`, 'VM.Backup');
}

function requireChange({ caller }: Call, { storage, volid }: VolumePlace): void {
  const path = `/storage/${storage.storage}`;
  const { content, vmid } = contentOfVolid(volid);
  if (content === 'backup' && vmid !== undefined && !caller.permissions.has(path, 'Datastore.Allocate')) {
    requirePrivilege(caller, path, 'Datastore.AllocateSpace');
    requirePrivilege(caller, `/vms/${vmid}`, 'VM.Backup');
    return;
  }
  requirePrivilege(caller, path, 'Datastore.Allocate');
}

const info: Handler = (call) => {
  const place = placeOf(call);
  requireVolumeAccess(call, place);
  const volume = findVolume(place.storage, place.volid, place.node);
  if (volume === undefined) throw died(`volume_size_info on '${place.volid}' failed`);
  return {
    path: volumePath(place.storage, volume),
    size: volume.size,
    used: volume.size,
    format: volume.format,
    notes: volume.notes,
    protected: volume.protected === true ? 1 : undefined,
  };
};

const update: Handler = (call) => {
  const place = placeOf(call);
  requireChange(call, place);
  const { params } = call;
  const volume = findVolume(place.storage, place.volid, place.node);
  for (const attribute of ['notes', 'protected']) {
    if (!params.has(attribute)) continue;
    if (!fileTypes.includes(place.storage.type) && place.storage.type !== 'pbs') {
      throw died(`attribute '${attribute}' is not supported for storage type '${place.storage.type}'`);
    }
    if (contentOfVolid(place.volid).content !== 'backup') throw died(`only backups support attribute '${attribute}'`);
    if (volume === undefined) throw died(`volume '${place.volid}' does not exist`);
  }
  if (volume === undefined) return null;
  const notes = params.optionalText('notes');
  if (notes === '') delete volume.notes;
  else if (notes !== undefined) volume.notes = notes;
  if (params.has('protected')) volume.protected = params.flag('protected');
  shareChange(place.storage, volume);
  return null;
};

function deleteVolume({ cluster }: Call, { storage, volid, node }: VolumePlace): string {
  const volume = findVolume(storage, volid, node);
  const name = volid.slice(storage.storage.length + 1);
  if (volume?.protected === true) return `cannot remove protected volume '${name}' on '${storage.storage}'`;
  if (usersOfBase(cluster, volid)) return `base volume '${name}' is still in use by linked cloned`;
  if (volume !== undefined) dropVolume(storage, volid, volume.node);
  // a file that is not there is only warned of
  else if (!fileTypes.includes(storage.type)) {
    return `lvremove '${storage.options.vgname ?? 'pve'}/${name}' error:   Failed to find logical volume`;
  }
  return 'OK';
}

const remove: Handler = (call) => {
  const place = placeOf(call);
  requireChange(call, place);
  const { tasks } = call.cluster;
  const { vmid } = contentOfVolid(place.volid);
  const waits = call.params.has('delay');
  const task = tasks.start({
    node: place.node,
    type: 'imgdel',
    id: vmid === undefined ? place.storage.storage : `${vmid}@${place.storage.storage}`,
    user: call.caller.authid,
    duration: waits ? 0 : 1,
    log: [`Removed volume '${place.volid}'`],
    finish: () => deleteVolume(call, place),
  });
  if (!waits) return task.upid;
  tasks.settle();
  if (task.exitstatus !== 'OK') throw died(task.exitstatus);
  return null;
};

function newVolume(call: Call, storage: StorageState, node: string): VolumeState {
  const { params } = call;
  const vmid = params.integer('vmid');
  const name = params.text('filename');
  if (!new RegExp(`^(vm|base|subvol|basevol)-${vmid}-\\S+$`).test(name)) {
    throw died(`illegal name '${name}' - should be 'vm-${vmid}-*'`);
  }
  const text = params.text('size');
  const size = /[MG]$/.test(text) ? bytesOf(text) : Number(text) * 1024;
  const file = fileTypes.includes(storage.type);
  const format = params.optionalText('format') ?? /\.(qcow2|vmdk|raw)$/.exec(name)?.[1] ?? 'raw';
  const volid = file ? `${storage.storage}:${vmid}/${name}` : `${storage.storage}:${name}`;
  const home = homeOf(storage, node);
  return { volid, content: 'images', format, size, ctime: call.cluster.now, vmid, node: home };
}

const allocate: Handler = (call) => {
  const { node } = call.cluster.node(call.params.text('node'));
  const storage = storageOn(call.cluster, call.params.text('storage'), node);
  if (!storage.content.some((content) => content === 'images' || content === 'rootdir')) {
    throw died(`storage '${storage.storage}' does not support vm images`);
  }
  const volume = newVolume(call, storage, node);
  if (findVolume(storage, volume.volid, node) !== undefined) {
    throw died(`disk image '${volumePath(storage, volume)}' already exists`);
  }
  putVolume(storage, volume);
  return volume.volid;
};

function pruneRows(call: Call, storage: StorageState, node: string): PruneRow[] {
  const { params } = call;
  const type = params.optionalText('type');
  const vmid = params.optionalInteger('vmid');
  const backups = storage.volumes
    .filter((volume) => volume.content === 'backup' && (volume.node === undefined || volume.node === node))
    .filter((volume) => type === undefined || volume.subtype === type)
    .filter((volume) => vmid === undefined || volume.vmid === vmid);
  const configured = String(storage.options['prune-backups'] ?? '');
  return markBackups(backups, keepOptions(params.optionalText('prune-backups') ?? configured));
}

const prunePreview: Handler = (call) => {
  const { node } = call.cluster.node(call.params.text('node'));
  const storage = storageOn(call.cluster, call.params.text('storage'), node);
  return pruneRows(call, storage, node).map(({ volume, type, mark }) => ({
    ctime: volume.ctime,
    mark,
    type,
    vmid: volume.vmid,
    volid: volume.volid,
  }));
};

function requirePrune({ caller, params }: Call, storage: string): void {
  const vmid = params.optionalInteger('vmid');
  const path = `/storage/${storage}`;
  if (caller.permissions.has(path, 'Datastore.Allocate')) return;
  if (vmid === undefined) throw forbidden(`${path}, Datastore.Allocate`);
  requirePrivilege(caller, path, 'Datastore.AllocateSpace');
  requirePrivilege(caller, `/vms/${vmid}`, 'VM.Backup');
}

const prune: Handler = (call) => {
  const { node } = call.cluster.node(call.params.text('node'));
  const name = call.params.text('storage');
  requirePrune(call, name);
  const storage = storageOn(call.cluster, name, node);
  const rows = pruneRows(call, storage, node);
  const vmid = call.params.optionalText('vmid');
  return call.cluster.tasks.start({
    node,
    type: 'prunebackups',
    id: vmid === undefined ? name : `${vmid}@${name}`,
    user: call.caller.authid,
    duration: 2,
    log: rows.map(({ volume, mark }) => `${mark} ${volume.volid}`),
    finish: () => {
      const gone = pruneRows(call, storage, node).filter((row) => row.mark === 'remove');
      for (const { volume } of gone) dropVolume(storage, volume.volid, volume.node);
      return 'OK';
    },
  }).upid;
};

const content = '/nodes/{node}/storage/{storage}/content';
const pruning = '/nodes/{node}/storage/{storage}/prunebackups';

export const storageContentHandlers: Readonly<Record<string, Handler>> = {
  [`POST ${content}`]: allocate,
  [`GET ${content}/{volume}`]: info,
  [`PUT ${content}/{volume}`]: update,
  [`DELETE ${content}/{volume}`]: remove,
  [`GET ${pruning}`]: prunePreview,
  [`DELETE ${pruning}`]: prune,
};
