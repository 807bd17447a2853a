import { z } from 'zod';
import { permissions, version } from '../../pve/discovery.js';
import { uploadEndpoint } from '../../pve/endpoint.js';
import { storageResources } from '../../pve/resources.js';
import { storageContent } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { type Context, defineTool, type LocalFile } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { placeFor } from './content-place.js';
import { type FileContent, isStorageFile, requireEnding, storedName } from './file-names.js';
import { requireNew, requireSpace, requireTemplatePrivilege, storageSpace } from './new-file.js';

const word = z.string().optional();

const input = {
  file_path: z.string().describe('On that machine'),
  filename: z.string().optional().describe('Else its own'),
  storage: word.describe('Else one for it'),
  node: word.describe('Else one with it'),
  checksum: z
    .string()
    .refine((sum) => /^[0-9a-f]{64}$/i.test(sum), '64 hex digits')
    .optional()
    .describe('Its SHA-256'),
};

const calls = {
  resources: storageResources,
  permissions,
  space: storageSpace,
  content: storageContent,
  version,
  upload: uploadEndpoint('POST /nodes/{node}/storage/{storage}/upload', startedUpid),
};

const output = z.object({
  volid: z.string(),
  storage: z.string(),
  node: z.string(),
  size: z.number(),
  upid: z.string(),
});

const upload = <const K extends 'iso' | 'template' | 'image'>(kind: K, content: FileContent, label: string) =>
  defineTool({
    name: `proxmox-upload-${kind}`,
    title: `Upload ${label}`,
    description: `Send a ${label} from this server's machine to a storage; replaces none.`,
    effect: 'write',
    scope: 'cluster',
    toolset: 'storage',
    input,
    output,
    calls,
    privileges: ['Datastore.AllocateTemplate on /storage', 'Datastore.Audit|Datastore.AllocateSpace on /storage'],
    run: (context) => send(context, content),
  });

export default [
  upload('iso', 'iso', 'ISO image'),
  upload('template', 'vztmpl', 'CT template'),
  // The content of a storage that disks of new VMs can be imported from.
  upload('image', 'import', 'disk image'),
];

type UploadContext = Context<'cluster', typeof input, typeof calls>;

async function send(context: UploadContext, content: FileContent): Promise<z.input<typeof output>> {
  const { input: asked, call } = context;
  const { file, name } = await fileToSend(context, content);
  const [{ data: resources }, { data: granted }] = await Promise.all([
    call.resources({}, { type: 'storage' }),
    call.permissions({}),
  ]);
  const place = placeFor(content, resources, asked, context.defaults);
  requireTemplatePrivilege(granted, place.storage);
  const [{ data: space }, { data: there }] = await Promise.all([call.space(place), call.content(place, { content })]);
  requireSpace(place, file.size, space.avail);
  const volid = `${place.storage}:${content}/${name}`;
  requireNew(volid, there);
  await requireChecksum(asked.checksum, file);
  const checked = asked.checksum === undefined ? {} : { 'checksum-algorithm': 'sha256', checksum: asked.checksum };
  const { data: upid } = await call.upload(place, { content, ...checked }, { ...file, name });
  return { volid, ...place, size: file.size, upid };
}

/** The file, and the name that it shall have; its own ending counts too, so that nothing but images leaves the machine. */
async function fileToSend({ input: asked, call, files }: UploadContext, content: FileContent) {
  const file = await files.find(asked.file_path, 'file_path');
  if (!isStorageFile(file.name))
    throw new InvalidInput({ argument: 'file_path', message: 'only ISO images, disk images and archives are sent' });
  const name = storedName(asked.filename ?? file.name);
  requireEnding(name, content, asked.filename === undefined ? 'file_path' : 'filename');
  if (/\.tar$/i.test(name)) {
    const { data } = await call.version({});
    if (Number.parseInt(data.version, 10) < 9)
      throw new InvalidInput({
        argument: 'file_path',
        message: 'Proxmox VE takes a .tar from version 9 on: compress it',
      });
  }
  return { file, name };
}

/** Reads the file before it is sent: a wrong one would be found out by Proxmox only when all of it is there. */
async function requireChecksum(expected: string | undefined, file: LocalFile): Promise<void> {
  if (expected === undefined) return;
  const found = await file.sha256();
  if (found === expected.toLowerCase()) return;
  throw new Refused(
    `The SHA-256 of the file is ${found}, not the given one`,
    'Fetch the file again, or correct checksum.',
  );
}
