import type { Bound } from '../../pve/endpoint.js';
import { clusterResources, type GuestResource, type StorageResource } from '../../pve/resources.js';
import { settle } from '../../pve/settle.js';
import { splitList, storageContent, type Volume } from '../../pve/storage.js';
import type { Fields } from './difference.js';
import type { Seen } from './seen.js';

export const templateReads = { resources: clusterResources, content: storageContent };

/** A file on a storage, under the name that it has on any. */
export interface StoredFile {
  readonly content: 'iso' | 'vztmpl';
  readonly file: string;
  readonly storage: string;
  readonly node: string;
  readonly volume: Volume;
}

const contents = ['iso', 'vztmpl'] as const;
const kindNames = { iso: 'ISO', vztmpl: 'container template' } as const;

export const fileOf = (volid: string) => volid.replace(/^.*[:/]/, '');

/** Where files can be read: a shared storage on one node, another on each. */
function placesOf(storages: readonly StorageResource[]) {
  const usable = storages
    .filter(({ status }) => status === 'available')
    .toSorted((a, b) => (`${a.storage} ${a.node}` < `${b.storage} ${b.node}` ? -1 : 1));
  const once = usable.filter(
    (row, at) => !row.shared || usable.findIndex(({ storage }) => storage === row.storage) === at,
  );
  return once.flatMap(({ storage, node, content: held }) =>
    contents.filter((content) => splitList(held).includes(content)).map((content) => ({ storage, node, content })),
  );
}

/** ISO images and container templates of a cluster. */
export async function seeFiles(
  storages: readonly StorageResource[],
  call: Bound<Pick<typeof templateReads, 'content'>>,
): Promise<{ files: StoredFile[]; unread: string[] }> {
  const { values, failed } = await settle(
    placesOf(storages),
    async ({ content, ...place }) => (await call.content(place, { content })).data,
  );
  const away = [...new Set(storages.filter(({ status }) => status !== 'available').map(placeName))];
  return {
    files: values.flatMap(({ key, value }) => value.map((volume) => ({ ...key, file: fileOf(volume.volid), volume }))),
    unread: [
      ...away.map((place) => `${place} is not available`),
      ...failed.map(({ key, reason }) => `${placeName(key)} ${reason}`),
    ],
  };
}

const placeName = ({ storage, node }: { readonly storage: string; readonly node: string }) => `${storage} on ${node}`;

/** Guests that are templates by their names, and files by theirs, whatever storage they are on. */
export async function seeTemplates(call: Bound<typeof templateReads>): Promise<Seen> {
  const { data } = await call.resources({});
  const { files, unread } = await seeFiles(data.storages, call);
  const stored = files.map(({ content, file, volume }): [string, Fields] => [
    `${kindNames[content]} ${file}`,
    { size: volume.size === undefined ? undefined : String(volume.size) },
  ]);
  return { items: new Map([...guestItems(data.guests), ...stored]), unread };
}

/** Nothing keeps two templates from having one name. */
function guestItems(guests: readonly GuestResource[]): [string, Fields][] {
  const items = guests.filter(({ template }) => template).map(guestItem);
  return items.map(([name, fields], at) => {
    const before = items.slice(0, at).filter(([other]) => other === name).length;
    return [before === 0 ? name : `${name} (${before + 1})`, fields];
  });
}

function guestItem({ type, name, vmid, maxcpu, maxmem, maxdisk }: GuestResource): [string, Fields] {
  const text = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return [
    `${type === 'qemu' ? 'VM' : 'container'} ${name ?? vmid}`,
    { cores: text(maxcpu), memory: text(maxmem), disk: text(maxdisk) },
  ];
}
