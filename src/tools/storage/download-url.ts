import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { endpoint } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { number } from '../../pve/loose.js';
import type { Params } from '../../pve/params.js';
import { storageResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { type Context, defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { checksum, checksumOf } from './checksum.js';
import { placeFor } from './content-place.js';
import { contentOf, type FileContent, fileContents, requireEnding, storedName } from './file-names.js';
import { requireNew, requireSpace, storageSpace } from './new-file.js';

const word = z.string().optional();

const input = {
  url: z
    .string()
    .refine((url) => /^https?:\/\/\S+$/.test(url), 'http:// or https://')
    .describe('http or https'),
  filename: z.string().optional().describe('Default: as in the URL'),
  content: z.enum(fileContents).optional().describe('Default: by its ending'),
  storage: word.describe('Else one for it'),
  node: word.describe('Else one with it'),
  checksum,
  compression: z.enum(['gz', 'lzo', 'zst', 'bz2']).optional().describe('Unpack an ISO so packed'),
  verify_certificates: z.boolean().optional().describe('Default true'),
};

const calls = {
  resources: storageResources,
  space: storageSpace,
  content: storageContent,
  look: endpoint('GET /nodes/{node}/query-url-metadata', z.object({ size: number.optional() })),
  download: endpoint('POST /nodes/{node}/storage/{storage}/download-url', startedUpid),
};

const output = z.object({
  volid: z.string(),
  storage: z.string(),
  node: z.string(),
  size: z.number().optional(),
  upid: z.string(),
});

export default [
  defineTool({
    name: 'proxmox-download-url',
    title: 'Download',
    description: 'Let a node fetch an ISO, container template or disk image from a URL.',
    effect: 'write',
    scope: 'cluster',
    toolset: 'storage',
    input,
    output,
    calls,
    privileges: [
      'Datastore.AllocateTemplate on /storage',
      'Datastore.Audit|Datastore.AllocateSpace on /storage',
      // Or Sys.Audit and Sys.Modify on /.
      'Sys.AccessNetwork on /nodes',
    ],
    run: download,
  }),
];

type DownloadContext = Context<'cluster', typeof input, typeof calls>;

async function download(context: DownloadContext): Promise<z.input<typeof output>> {
  const { input: asked, call, defaults } = context;
  const sum = checksumOf(asked.checksum);
  const { name, content } = fileOf(asked);
  const { data: resources } = await call.resources({}, { type: 'storage' });
  const place = placeFor(content, resources, asked, defaults);
  const [{ data: space }, { data: there }] = await Promise.all([call.space(place), call.content(place, { content })]);
  const volid = `${place.storage}:${content}/${name}`;
  requireNew(volid, there);
  const verify = { 'verify-certificates': asked.verify_certificates };
  const size = await sizeBehind(context, place.node, verify);
  if (size !== undefined) requireSpace(place, size, space.avail);
  const { url, compression } = asked;
  const { data: upid } = await call.download(place, {
    url,
    filename: name,
    content,
    ...sum,
    compression,
    ...verify,
  });
  return { volid, ...place, size, upid };
}

/** What the node is told of the file; one that it may not or cannot look at beforehand may still come. */
async function sizeBehind({ input, call, note }: DownloadContext, node: string, verify: Params) {
  const looked = await attempt(call.look({ node }, { url: input.url, ...verify }));
  if ('value' in looked) return looked.value.data.size;
  note(`What is behind the URL could not be looked at beforehand: the node ${failureInWords(looked.error)}.`);
  return undefined;
}

interface Asked {
  readonly url: string;
  readonly filename?: string | undefined;
  readonly content?: FileContent | undefined;
  readonly compression?: string | undefined;
}

/** The name that the file shall have, and what it is. */
function fileOf({ url, filename, content, compression }: Asked): { name: string; content: FileContent } {
  const name = storedName(filename ?? unpacked(lastPart(url), compression));
  const argument = filename === undefined ? 'url' : 'filename';
  const kind = content ?? contentOf(name);
  if (kind === undefined)
    throw new InvalidInput({
      argument,
      message: `'${name}' does not end like a file that a storage takes; set filename`,
    });
  requireEnding(name, kind, argument);
  if (compression !== undefined && kind !== 'iso')
    throw new InvalidInput({ argument: 'compression', message: 'Proxmox unpacks ISO images only' });
  return { name, content: kind };
}

const unpacked = (name: string, compression: string | undefined) =>
  compression !== undefined && name.endsWith(`.${compression}`) ? name.slice(0, -compression.length - 1) : name;

const lastPart = (url: string) => url.replace(/[?#].*$/, '').replace(/^.*\//, '');
