import { allocate, holdsFiles, volumeNamed } from '../disk-volumes.js';
import { diskProperties, diskText, isCloudInit, sizeText, volumeKey } from '../disks.js';
import type { Properties } from '../property-string.js';
import { died, forbidden, parameterError } from '../pve-error.js';
import type { Call } from '../route.js';
import type { GuestType } from '../state.js';
import { storageNamed } from '../storage.js';

const gib = 1024 ** 3;
const newDisk = /^(?:([^/:\s]+):)?(\d+(?:\.\d+)?)$/;
const newCloudInit = /^(?:([^/:\s]+):)?cloudinit$/;

export interface DiskPlace {
  readonly type: GuestType;
  readonly vmid: number;
  readonly node: string;
  readonly defaultStorage?: string | undefined;
}

function wantedStorage(text: string, place: DiskPlace): string | undefined {
  const match = newCloudInit.exec(text) ?? newDisk.exec(text);
  return match === null ? undefined : (match[1] ?? place.defaultStorage ?? '');
}

function requireImages(call: Call, storage: string, type: GuestType): void {
  if (storage === '') throw died('no storage ID specified (and no default storage)');
  const path = `/storage/${storage}`;
  if (!call.caller.permissions.has(path, 'Datastore.AllocateSpace')) {
    throw forbidden(`${path}, Datastore.AllocateSpace`);
  }
  const { content } = storageNamed(call.cluster, storage);
  if (type === 'qemu' && !content.includes('images')) {
    throw parameterError({ storage: `storage '${storage}' does not support vm images` });
  }
  if (type === 'lxc' && !content.includes('rootdir')) {
    throw parameterError({ storage: `storage '${storage}' does not support container directories` });
  }
}

/** What can be said of a disk before anything is made: its storage, its rights, its volume. */
export function checkDisk(call: Call, place: DiskPlace, text: string): void {
  const properties = diskProperties(place.type, text);
  const volid = properties.get(volumeKey(place.type)) ?? '';
  if (volid === 'none' || volid === 'cdrom') return;
  if (volid.startsWith('/')) {
    if (place.type === 'qemu' && call.caller.authid !== 'root@pam') {
      throw died('Only root can pass arbitrary filesystem paths.');
    }
    return;
  }
  const storage = wantedStorage(volid, place);
  const source = properties.get('import-from');
  if (storage !== undefined) requireImages(call, storage, place.type);
  if (source !== undefined) {
    if (storage === undefined || newDisk.exec(volid)?.[2] !== '0') {
      throw parameterError({ 'import-from': 'requires special syntax - use <storage ID>:0,import-from=<source>' });
    }
    if (source.startsWith('/') && call.caller.authid !== 'root@pam') {
      throw died('Only root can pass arbitrary filesystem paths.');
    }
    return;
  }
  if (storage === undefined) storageNamed(call.cluster, volid.split(':')[0] ?? '');
}

function withoutImport(properties: Properties): Properties {
  return new Map([...properties].filter(([key]) => key !== 'import-from' && key !== 'volume'));
}

function cloudInitDrive(call: Call, place: DiskPlace, storage: string, properties: Properties): string {
  const volume = allocate(call.cluster, {
    ...place,
    storage,
    size: 4 * 1024 ** 2,
    name: `vm-${place.vmid}-cloudinit`,
    format: properties.get('format') ?? 'qcow2',
  });
  return `${volume.volid},media=cdrom`;
}

function sizeFor(call: Call, place: DiskPlace, key: string, properties: Properties, asked: string): number {
  const source = properties.get('import-from');
  if (source !== undefined) {
    const volume = volumeNamed(call.cluster, source, place.node);
    if (volume === undefined && !source.startsWith('/')) throw died(`volume '${source}' does not exist`);
    return volume?.size ?? 8 * gib;
  }
  if (key === 'efidisk0') return 4 * 1024 ** 2;
  if (key === 'tpmstate0') return 4 * 1024 ** 2;
  return Math.round(Number(asked) * gib);
}

/** Makes what a disk's text asks for and answers with the text that the configuration keeps. */
export function realizeDisk(call: Call, place: DiskPlace, key: string, text: string): string {
  const properties = diskProperties(place.type, text);
  const volid = properties.get(volumeKey(place.type)) ?? '';
  const storage = wantedStorage(volid, place);
  if (storage !== undefined && newCloudInit.test(volid)) return cloudInitDrive(call, place, storage, properties);
  if (storage !== undefined) {
    const size = sizeFor(call, place, key, properties, newDisk.exec(volid)?.[2] ?? '0');
    const target = storageNamed(call.cluster, storage);
    const format = properties.get('format') ?? (holdsFiles(target) ? (place.type === 'qemu' ? 'qcow2' : 'raw') : 'raw');
    const volume = allocate(call.cluster, { ...place, storage, size, format });
    const kept = withoutImport(properties);
    kept.delete('format');
    kept.set(volumeKey(place.type), volume.volid);
    kept.set('size', sizeText(size));
    return diskText(place.type, kept);
  }
  if (!volid.includes(':') || properties.get('media') === 'cdrom')
    return diskText(place.type, withoutImport(properties));
  const volume = volumeNamed(call.cluster, volid, place.node);
  if (volume === undefined && !isCloudInit(volid)) throw died(`volume '${volid}' does not exist`);
  if (volume !== undefined) properties.set('size', sizeText(volume.size));
  return diskText(place.type, withoutImport(properties));
}
