import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import type { nodeStorages } from '../../pve/node-storage.js';
import { toWord, toWords } from '../../pve/quoted.js';
import { settle } from '../../pve/settle.js';
import { type ContentType, splitList, type storageContent, type Volume } from '../../pve/storage.js';
import { storageId, volidReads } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';

export interface VolumeCalls {
  readonly storages: Call<typeof nodeStorages>;
  readonly content: Call<typeof storageContent>;
}

export interface VolumeWish {
  readonly node: string;
  /** The argument that names it. */
  readonly argument: string;
  /** A volid, or a file name. */
  readonly asked: string;
  /** What it may be; files are looked for by name among the first kind. */
  readonly content: readonly [ContentType, ...ContentType[]];
}

/** What would end a value inside a property string, or make a key of its beginning; a file may be named so all the same. */
const breaksOut = /[,=\p{Cc}]/u;

/** A file by its volid or its name: the whole of it, or a beginning that no other has. */
export async function findVolume(
  calls: VolumeCalls,
  wish: VolumeWish,
  note: (text: string) => void,
): Promise<Pick<Volume, 'volid' | 'size'>> {
  const { asked, argument } = wish;
  if (breaksOut.test(asked)) throw new InvalidInput({ argument, message: 'a volid or a file name, without options' });
  if (asked.includes(':')) return byVolid(calls, wish);
  const found = await byName(calls, wish);
  note(`${argument}: ${toWord(found.volid)}`);
  return found;
}

async function byVolid({ content }: VolumeCalls, { node, asked, argument, content: kinds }: VolumeWish) {
  const storage = asked.slice(0, asked.indexOf(':'));
  if (!storageId.safeParse(storage).success) throw new InvalidInput({ argument, message: volidReads });
  const listed = await attempt(content({ node, storage }));
  // What the token may not list it may still use.
  if ('error' in listed) return { volid: asked };
  const found = listed.value.data.find(({ volid }) => volid === asked);
  if (found !== undefined && isOf(found, kinds)) return found;
  const names = listed.value.data.filter((one) => isOf(one, kinds)).map(({ volid }) => volid);
  const why = found === undefined ? 'does not exist' : `is not of content ${kinds.join(' or ')}`;
  throw new Refused(`${argument}: '${asked}' ${why} on node '${node}'`, whatThereIs(names));
}

async function byName({ storages, content: list }: VolumeCalls, { node, asked, argument, content }: VolumeWish) {
  const [kind] = content;
  const { data } = await storages({ node }, { enabled: true });
  const able = data.filter((row) => splitList(row.content).includes(kind) && row.active !== false);
  const names = able.map(({ storage }) => storage).sort();
  const { values } = await settle(names, async (storage) => (await list({ node, storage }, { content: kind })).data);
  const listed = values.flatMap(({ value }) => value);
  const files = listed.filter((one) => isOf(one, [kind]) && !breaksOut.test(one.volid));
  const exact = files.find(({ volid }) => fileName(volid) === asked);
  if (exact !== undefined) return exact;
  const similar = files.filter(({ volid }) => fileName(volid).startsWith(asked));
  const [only] = similar;
  if (only !== undefined && new Set(similar.map(({ volid }) => fileName(volid))).size === 1) return only;
  throw new Refused(
    `${argument}: ${only === undefined ? 'no' : 'more than one'} ${kind} named '${asked}' on node '${node}'`,
    whatThereIs((only === undefined ? files : similar).map(({ volid }) => volid)),
  );
}

const isOf = ({ content }: Volume, kinds: readonly string[]) => content === undefined || kinds.includes(content);

const fileName = (volid: string) => volid.slice(Math.max(volid.lastIndexOf('/'), volid.indexOf(':')) + 1);

const mostNames = 8;

const whatThereIs = (volids: readonly string[]) =>
  volids.length === 0
    ? 'See proxmox-storage-content; there is none that this token may see.'
    : `There is ${toWords(volids.slice(0, mostNames))}${volids.length > mostNames ? ', ...' : ''}.`;
