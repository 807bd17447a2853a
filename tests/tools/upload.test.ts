import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Session, startSession } from '../support/session.js';

const folder = mkdtempSync(join(tmpdir(), 'proxmox-mcp-upload-'));
const place = { cluster: 'production', storage: 'local', node: 'pve2' };
let simulator: Simulator;
let session: Session;
let before = 0;

beforeAll(async () => {
  const began = Date.now();
  simulator = await startSimulator({ clock: { now: () => began + (Date.now() - began) * 20 } });
  session = await startSession({ ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
});
afterAll(async () => {
  await session.close();
  await simulator.close();
  rmSync(folder, { recursive: true });
});

const uploads = () =>
  simulator.clusters.flatMap(({ requests }) => requests.filter(({ path }) => path.endsWith('/upload')));
const storage = (name: string) => simulator.cluster('production').state.storages.find((one) => one.storage === name);
const volume = (volid: string) => storage(volid.split(':')[0] ?? '')?.volumes.find((one) => one.volid === volid);

beforeEach(() => {
  before = uploads().length;
});

function file(name: string, text: string | Buffer = 'some bytes'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

describe('an upload', () => {
  it.each([
    ['proxmox-upload-iso', 'new.iso', 'local:iso/new.iso'],
    ['proxmox-upload-template', 'new_1.tar.zst', 'local:vztmpl/new_1.tar.zst'],
    ['proxmox-upload-image', 'new.qcow2', 'local:import/new.qcow2'],
  ])('%s puts a file on the storage of a node', async (tool, name, volid) => {
    const { data, isError } = await session.call(tool, { ...place, file_path: file(name, 'x'.repeat(300_000)) });
    expect(isError).toBe(false);
    // The node that took the request runs the task; the one that was named gets the file.
    expect(data.result).toMatchObject({
      volid,
      node: 'pve2',
      size: 300_000,
      upid: expect.stringMatching(/^UPID:pve1:.*:imgcopy:/),
      task: { state: 'ok' },
    });
    expect(volume(volid)).toMatchObject({ size: 300_000, node: 'pve2' });
    expect(uploads()).toHaveLength(before + 1);
  });

  it('is verified on both ends where the checksum is given, and takes another name', async () => {
    const bytes = Buffer.concat([randomBytes(6_000_001), Buffer.from('\r\n--\r\n')]);
    const file_path = file('plain.img', bytes);
    const args = { ...place, storage: 'nfs-shared', node: undefined, file_path, filename: 'my disk (1).iso' };
    const { data } = await session.call('proxmox-upload-iso', { ...args, checksum: sha256(bytes).toUpperCase() });
    expect(data.result).toMatchObject({ volid: 'nfs-shared:iso/my_disk__1_.iso', task: { state: 'ok' } });
    const { log } = data.result.task;
    expect(uploads().at(-1)?.params).toMatchObject({ 'checksum-algorithm': 'sha256', filename: 'my_disk__1_.iso' });
    expect(JSON.stringify(log ?? '')).not.toContain('mismatch');
  });

  it('is shown by a plan, and nothing is sent', async () => {
    const args = { ...place, file_path: file('plan.iso', '12345'), checksum: sha256('12345'), dry_run: true };
    const { data } = await session.call('proxmox-upload-iso', args);
    expect(data.plan.writes).toEqual([
      {
        method: 'POST',
        path: '/nodes/pve2/storage/local/upload',
        file: { name: 'plan.iso', size: 5 },
        parameters: { content: 'iso', 'checksum-algorithm': 'sha256', checksum: sha256('12345') },
      },
    ]);
    expect(uploads()).toHaveLength(before);
  });

  it('tells how far it is, and how fast', async () => {
    const path = file('large.iso');
    truncateSync(path, 200 * 1024 ** 2);
    const told: string[] = [];
    const params = { name: 'proxmox-upload-iso', arguments: { ...place, file_path: path } };
    const onprogress = ({ message }: { message?: string | undefined }) => {
      told.push(message ?? '');
    };
    await session.client.request({ method: 'tools/call', params }, CallToolResultSchema, { onprogress });
    expect(told.join('\n')).toMatch(/large\.iso: 200\.0 MiB of 200\.0 MiB sent, [\d.]+ [KMG]iB\/s/);
    expect(volume('local:iso/large.iso')?.size).toBe(200 * 1024 ** 2);
  });
});

describe('the place of an upload', () => {
  it('is asked for where several storages hold such files, or each node has its own', async () => {
    const file_path = file('where.iso');
    const none = await session.call('proxmox-upload-iso', { cluster: 'production', file_path });
    expect(none.data.error.arguments[0]).toEqual({
      argument: 'storage',
      message: "'iso' is held by local, nfs-shared: name one",
    });
    const node = await session.call('proxmox-upload-template', {
      cluster: 'production',
      file_path: file('where.tar.gz'),
    });
    expect(node.data.error.arguments[0]).toMatchObject({ argument: 'node', message: expect.stringContaining('pve3') });
    expect(uploads()).toHaveLength(before);
  });

  it('must hold such files', async () => {
    const { data } = await session.call('proxmox-upload-iso', {
      ...place,
      storage: 'local-lvm',
      file_path: file('a.iso'),
    });
    expect(data.error.arguments[0]).toMatchObject({
      argument: 'storage',
      message: expect.stringContaining('images, rootdir'),
    });
    expect(uploads()).toHaveLength(before);
  });

  it('is the default storage and node where they will do', async () => {
    const configured = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_DEFAULT_STORAGE: 'local',
      PROXMOX_CLUSTER_production_DEFAULT_NODE: 'pve3',
    });
    const { data } = await configured.call('proxmox-upload-iso', {
      cluster: 'production',
      file_path: file('default.iso'),
      dry_run: true,
    });
    await configured.close();
    expect(data.plan.writes[0].path).toBe('/nodes/pve3/storage/local/upload');
  });

  it('must have room for it, and no file of that name', async () => {
    const nfs = storage('nfs-shared');
    if (nfs === undefined) throw new Error('no nfs-shared');
    const { used } = nfs;
    nfs.used = nfs.total - 3;
    const args = { cluster: 'production', storage: 'nfs-shared', file_path: file('full.iso', '12345') };
    const full = await session.call('proxmox-upload-iso', args);
    nfs.used = used;
    expect(full.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('5 bytes') });
    const taken = await session.call('proxmox-upload-iso', { ...args, filename: 'virtio-win-0.1.271.iso' });
    expect(taken.data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('already') });
    expect(uploads()).toHaveLength(before);
  });
});

describe('a file that is not sent', () => {
  mkdirSync(join(folder, 'folder.iso'));
  it.each([
    ['relative.iso', 'whole path'],
    [join(folder, 'missing.iso'), 'no such file'],
    [join(folder, 'folder.iso'), 'no regular file'],
    ['/dev/zero', 'no regular file'],
    [file('empty.iso', ''), 'empty'],
    [file('secret.key'), 'only ISO images'],
    [file('archive.tar.gz'), 'ends in .iso or .img'],
  ])('%s', async (file_path, message) => {
    const { data } = await session.call('proxmox-upload-iso', { ...place, file_path, filename: undefined });
    expect(data.error).toMatchObject({
      code: 'INVALID_ARGUMENTS',
      arguments: [{ argument: 'file_path', message: expect.stringContaining(message) }],
    });
    expect(uploads()).toHaveLength(before);
  });

  it('is one whose name alone is changed to look like an image', async () => {
    const { data } = await session.call('proxmox-upload-iso', {
      ...place,
      file_path: file('id_ed25519'),
      filename: 'key.iso',
    });
    expect(data.error.arguments[0]).toMatchObject({ argument: 'file_path' });
    expect(uploads()).toHaveLength(before);
  });

  it('is one with another checksum', async () => {
    const { data } = await session.call('proxmox-upload-iso', {
      ...place,
      file_path: file('b.iso'),
      checksum: '0'.repeat(64),
    });
    expect(data.error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining(sha256('some bytes')) });
    expect(uploads()).toHaveLength(before);
  });

  it('is any without the privilege, which is told before a byte is sent', async () => {
    const secret = simulator.cluster('production').addToken('eyes@pve!up', { '/': ['PVEAuditor'] });
    const limited = await startSession({
      ...simulator.env(),
      PROXMOX_CLUSTER_VALIDATION: 'false',
      PROXMOX_CLUSTER_production_TOKEN_ID: 'eyes@pve!up',
      PROXMOX_CLUSTER_production_TOKEN_SECRET: secret,
    });
    const { data } = await limited.call('proxmox-upload-iso', { ...place, file_path: file('c.iso') });
    await limited.close();
    expect(data.error.message).toContain('Datastore.AllocateTemplate on /storage/local');
    expect(uploads()).toHaveLength(before);
  });

  it('is a .tar for a version that does not take it', async () => {
    const args = { storage: 'local', file_path: file('oci.tar'), dry_run: true };
    const { data } = await session.call('proxmox-upload-template', { ...args, cluster: 'staging', node: 'pve-stg1' });
    expect(data.error.arguments[0]).toMatchObject({ message: expect.stringContaining('from version 9 on') });
    const newer = await session.call('proxmox-upload-template', { ...place, ...args });
    expect(newer.data.plan.writes).toHaveLength(1);
  });
});
