import { z } from 'zod';
import { attemptWait } from '../../pve/attempt.js';
import { endpoint } from '../../pve/endpoint.js';
import { toWord, toWords } from '../../pve/quoted.js';
import type { GuestResource, StorageResource } from '../../pve/resources.js';
import { parseUpid, startedUpid } from '../../pve/upid.js';
import { nodeName, storageId } from '../arguments/names.js';
import { type Context, defineTool, type Side } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { appliances } from '../storage/appliances.js';
import { checksum, checksumOf } from '../storage/checksum.js';
import { type Place, placeFor } from '../storage/content-place.js';
import { requireSpace, storageSpace } from '../storage/new-file.js';
import { fileOf, type StoredFile, seeFiles, templateReads } from './compare-templates.js';

const input = {
  template: z.string().min(1).max(512).describe('File name or volid'),
  storage: storageId.optional().describe('There; else one for it'),
  node: nodeName.optional().describe('There'),
  url: z
    .string()
    .refine((url) => /^https?:\/\/\S+$/.test(url), 'http:// or https://')
    .optional()
    .describe('Where it is from'),
  checksum,
};

const calls = {
  ...templateReads,
  appliances,
  space: storageSpace,
  fetchAppliance: endpoint('POST /nodes/{node}/aplinfo', startedUpid),
  download: endpoint('POST /nodes/{node}/storage/{storage}/download-url', startedUpid),
};
type Calls = Side<typeof calls>['call'];

const output = z.object({
  file: z.string(),
  content: z.string(),
  target_cluster: z.string(),
  volid: z.string(),
  storage: z.string(),
  node: z.string(),
  unchanged: z.string().optional(),
  /** `appliances` or `url`. */
  fetched_from: z.string().optional(),
  /** Bytes, here and there. */
  source_size: z.number().optional(),
  size: z.number().optional(),
  task: z.object({ upid: z.string(), state: z.string(), exitstatus: z.string().optional() }).optional(),
  failed: z.number().optional(),
});
type Result = z.input<typeof output>;

type TemplateContext = Context<'between', typeof input, typeof calls>;

export default [
  defineTool({
    name: 'proxmox-copy-template',
    title: 'Copy template or ISO',
    description: 'Let another cluster fetch a container template of here anew, or an ISO from its URL.',
    effect: 'write',
    scope: 'between',
    toolset: 'federation',
    waits: true,
    input,
    output,
    calls,
    privileges: [
      'Datastore.Audit|Datastore.AllocateSpace on /storage',
      'Datastore.AllocateTemplate on /storage',
      // For a URL; or Sys.Audit and Sys.Modify on /.
      'Sys.AccessNetwork on /nodes',
    ],
    run: copyTemplate,
  }),
];

async function copyTemplate(context: TemplateContext): Promise<Result> {
  const { input: asked, target, at, note, outline } = context;
  if (asked.checksum !== undefined && asked.url === undefined)
    throw new InvalidInput({ argument: 'checksum', message: "is of what is fetched from 'url': give that too" });
  const sum = checksumOf(asked.checksum);
  const [here, there] = [target.source.info.name, target.destination.info.name];
  const side = at(target.destination);
  const original = await findFile(asked.template, at(target.source).call, here);
  const { data } = await side.call.resources({});
  const { files, unread } = await seeFiles(data.storages, side.call);
  const { file, content } = original;
  const about = { file, content, target_cluster: there, source_size: original.volume.size };
  const known = files.find(
    (one) => one.file === file && one.content === content && fits(one, asked, isShared(one.storage, data.storages)),
  );
  if (known !== undefined) {
    const { volume, storage, node } = known;
    if (volume.size !== original.volume.size)
      note(`It has another size there than on ${here}: it need not be the same.`);
    outline(`${there} has it already: ${toWord(volume.volid)}.`);
    return { ...about, volid: volume.volid, storage, node, size: volume.size, unchanged: 'it is there' };
  }
  for (const text of unread) note(`${there}: ${text}, where it may be already.`);
  const place = placeFor(content, data.storages, asked, side.defaults);
  const { from, upid } = await fetchFile(original, place, sum, context);
  const found = { ...about, ...place, volid: `${place.storage}:${content}/${file}` };
  return { ...found, fetched_from: from, ...(await outcome(upid, found, context)) };
}

async function fetchFile(
  original: StoredFile,
  place: Place,
  sum: ReturnType<typeof checksumOf>,
  { input: { url }, target, at }: TemplateContext,
): Promise<{ from: string; upid: string }> {
  const { call } = at(target.destination);
  const { file, content, volume } = original;
  const { data: space } = await call.space(place);
  if (volume.size !== undefined) requireSpace(place, volume.size, space.avail);
  if (url !== undefined) {
    const { data: upid } = await call.download(place, { url, filename: file, content, ...sum });
    return { from: 'url', upid };
  }
  await requireAppliance(original, place, call, target.destination.info.name);
  const { data: upid } = await call.fetchAppliance(place, { storage: place.storage, template: file });
  return { from: 'appliances', upid };
}

const isShared = (name: string, storages: readonly StorageResource[]) =>
  storages.some(({ storage, shared }) => storage === name && shared);

/** Whether a file is where it was asked for. */
const fits = (one: StoredFile, asked: { storage?: string | undefined; node?: string | undefined }, shared: boolean) =>
  (asked.storage ?? one.storage) === one.storage && (shared || (asked.node ?? one.node) === one.node);

/** The file that is meant; a guest that is a template goes another way. */
async function findFile(asked: string, call: Calls, cluster: string): Promise<StoredFile> {
  const { data } = await call.resources({});
  refuseGuest(asked, data.guests);
  const { files, unread } = await seeFiles(data.storages, call);
  const found = files.find(({ volume, file }) => (asked.includes(':') ? volume.volid === asked : file === asked));
  if (found !== undefined) return found;
  const reasons = unread.length > 0 ? ` (${unread.join('; ')})` : '';
  throw new Refused(
    `${cluster} has no ISO image or container template '${fileOf(asked)}', or its token may not see it${reasons}`,
    'proxmox-storage-content lists what there is.',
  );
}

function refuseGuest(asked: string, guests: readonly GuestResource[]): void {
  const guest = guests.find(({ template, name, vmid }) => template && (name === asked || String(vmid) === asked));
  if (guest === undefined) return;
  throw new Refused(
    `'${asked}' is a guest (${guest.vmid}) that is a template, not a file`,
    'Restore a backup of it on the other cluster, or clone it in full, migrate the clone with proxmox-migrate-vm-between-clusters, and make that a template.',
  );
}

/** Proxmox lets nobody take a volume off a storage: what is in the index of templates can be fetched anew, with its checksum. */
async function requireAppliance(
  { file, content, storage, volume }: StoredFile,
  place: Place,
  call: Calls,
  cluster: string,
): Promise<void> {
  const known = content === 'vztmpl' ? (await call.appliances(place)).data.map(({ template }) => template) : [];
  if (known.includes(file)) return;
  const kin = known.filter((template) => template.split('_')[0] === file.split('_')[0]);
  const index = content === 'vztmpl' ? `, and the index of ${cluster} does not have it` : '';
  throw new Refused(
    `Proxmox VE gives no file of a storage out again${index}: ${toWord(volume.volid)} cannot be copied from here`,
    [
      ...(kin.length > 0 ? [`In the index is ${toWords(kin.sort())}: proxmox-download-appliance.`] : []),
      `Give the 'url' it came from, with its checksum; or send a local file with ${content === 'iso' ? 'proxmox-upload-iso' : 'proxmox-upload-template'}.`,
      `Where storage ${storage} is a share that ${cluster} can mount, proxmox-copy-definition brings it there.`,
    ].join(' '),
  );
}

/** What the task came to, and what is there then. */
async function outcome(upid: string, { volid, storage, node, content, source_size }: Result, context: TemplateContext) {
  const { target, at, note, secondsLeft } = context;
  const { info } = target.destination;
  const side = at(target.destination);
  const task = { node: parseUpid(upid)?.node ?? node, upid };
  const seen = await attemptWait(side.wait(task, { timeout: Math.max(1, secondsLeft()) }));
  const state = 'error' in seen ? 'unknown' : seen.value.state;
  const ended = { upid, state, exitstatus: 'error' in seen ? undefined : seen.value.exitstatus };
  if (state === 'running') note(`The task goes on: proxmox-wait-task with its upid and cluster ${info.name}.`);
  if (state === 'failed' || state === 'unknown') return { task: ended, failed: 1 };
  if (state === 'running') return { task: ended };
  const { data } = await side.call.content({ storage, node }, { content });
  const size = data.find((volume) => volume.volid === volid)?.size;
  if (size !== undefined && source_size !== undefined && size !== source_size)
    note(`It has ${size} bytes there, and ${source_size} on ${target.source.info.name}: it is not the same.`);
  return { task: ended, size };
}
