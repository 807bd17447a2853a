import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { row, rows, send } from './request.js';
import { Writing } from './writing.js';

let pve: Writing;
const local = '/nodes/pve1/storage/local';
const iso = `${local}/content/iso/debian-12.11.0-amd64-netinst.iso`;

beforeEach(async () => {
  pve = await Writing.start();
});
afterEach(() => pve.close());

describe('volumes', () => {
  test('a file is deleted by a task, and gone when it ends', async () => {
    const answer = await pve.delete('production', iso);
    expect(answer.data).toMatch(/^UPID:pve1:.*:imgdel:local:/);
    expect((await pve.get('production', iso)).status).toBe(200);
    expect(await pve.end('production', answer)).toBe('OK');
    expect(await pve.get('production', iso)).toMatchObject({ status: 500 });
    expect((await pve.get('production', iso.replaceAll('pve1', 'pve2'))).status).toBe(200);
  });

  test('a protected backup is refused, in the task or, with delay, at once', async () => {
    const path = '/nodes/pve1/storage/pbs-backup/content';
    const [backup] = rows(await pve.get('production', `${path}?content=backup`));
    const one = `${path}/${encodeURIComponent(String(backup?.volid))}`;
    expect((await pve.put('production', one, { protected: 1, notes: 'keep' })).data).toBeNull();
    expect(row(await pve.get('production', one))).toMatchObject({ protected: 1, notes: 'keep' });
    const refused = await pve.end('production', await pve.delete('production', one));
    expect(refused).toMatch(/^cannot remove protected volume/);
    expect(await pve.delete('production', one, { delay: 5 })).toMatchObject({ status: 500 });
    await pve.put('production', one, { protected: 0 });
    expect(await pve.delete('production', one, { delay: 5 })).toMatchObject({ status: 200, data: null });
  });

  test('prune marks, then removes what it marked', async () => {
    const path = '/nodes/pve1/storage/pbs-backup/prunebackups';
    const query = `${path}?vmid=100&prune-backups=keep-last%3D1`;
    const marks = rows(await pve.get('production', query)).map(({ mark }) => mark);
    expect(marks[0]).toBe('keep');
    const fields = { vmid: 101, 'prune-backups': 'keep-last=1' };
    expect(await pve.end('production', await pve.delete('production', path, fields))).toBe('OK');
    const left = await pve.get('production', `${path}?vmid=101&prune-backups=keep-last%3D1`);
    expect(rows(left).filter(({ mark }) => mark === 'remove')).toEqual([]);
  });

  test('a disk is allocated in KiB and by a name of its owner', async () => {
    const path = '/nodes/pve1/storage/local-lvm/content';
    const bad = await pve.post('production', path, { vmid: 100, filename: 'disk', size: '1G' });
    expect(bad).toMatchObject({ status: 500, reason: "illegal name 'disk' - should be 'vm-100-*'" });
    const made = await pve.post('production', path, { vmid: 100, filename: 'vm-100-disk-9', size: 1024 });
    expect(made.data).toBe('local-lvm:vm-100-disk-9');
    expect(row(await pve.get('production', `${path}/vm-100-disk-9`)).size).toBe(1024 * 1024);
  });
});

describe('files from outside', () => {
  function multipart(parts: readonly [string, string][]): { body: string; headers: Record<string, string> } {
    const body = parts
      .map(([name, value]) =>
        name === 'filename'
          ? `--XX\r\nContent-Disposition: form-data; name="filename"; filename="${value}"\r\nContent-Type: application/octet-stream\r\n\r\nhello\r\n`
          : `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      )
      .join('');
    return { body: `${body}--XX--\r\n`, headers: { 'Content-Type': 'multipart/form-data; boundary=XX' } };
  }
  const upload = (parts: readonly [string, string][], node = 'pve2') =>
    send(pve.cluster('production'), `/nodes/${node}/storage/local/upload`, { method: 'POST', ...multipart(parts) });

  test('an upload runs on the node that takes it', async () => {
    const answer = await upload([
      ['content', 'iso'],
      ['filename', 'my file.iso'],
    ]);
    expect(answer.data).toMatch(/^UPID:pve1:.*:imgcopy:/);
    expect(await pve.end('production', answer)).toBe('OK');
    const volume = row(await pve.get('production', '/nodes/pve2/storage/local/content/iso/my_file.iso'));
    expect(volume).toMatchObject({ size: 5, format: 'iso' });
  });

  test('order, endings and checksums are held to', async () => {
    const late = await upload([
      ['filename', 'a.iso'],
      ['content', 'iso'],
    ]);
    expect(late).toMatchObject({ status: 400, body: { errors: { content: expect.stringContaining('missing') } } });
    const ending = await upload([
      ['content', 'iso'],
      ['filename', 'a.txt'],
    ]);
    expect(ending.body.errors).toEqual({ filename: 'wrong file extension' });
    const sum = await upload([
      ['content', 'iso'],
      ['checksum-algorithm', 'md5'],
      ['checksum', '00'],
      ['filename', 'a.iso'],
    ]);
    expect(await pve.end('production', sum)).toMatch(/^checksum mismatch: got '5d41402a/);
  });

  test('a download does not overwrite, and says its progress', async () => {
    const fields = { content: 'iso', filename: 'new.iso', url: 'https://example.com/new.iso' };
    const first = await pve.post('production', `${local}/download-url`, fields);
    expect(await pve.end('production', first)).toBe('OK');
    const upid = encodeURIComponent(String(first.data));
    const log = rows(await pve.get('production', `/nodes/pve1/tasks/${upid}/log?limit=0`));
    expect(log.some(({ t }) => / 50% /.test(String(t)))).toBe(true);
    const again = await pve.post('production', `${local}/download-url`, fields);
    expect(await pve.end('production', again)).toMatch(/^refusing to override existing file/);
    const [, template] = rows(await pve.get('production', '/nodes/pve1/aplinfo'));
    const pulled = { storage: 'local', template: String(template?.template) };
    expect(await pve.end('production', await pve.post('production', '/nodes/pve1/aplinfo', pulled))).toBe('OK');
  });
});

describe('configuration', () => {
  test('a storage is made, changed and taken away', async () => {
    const incomplete = await pve.post('production', '/storage', { storage: 'more', type: 'nfs', server: '10.0.0.9' });
    expect(incomplete.reason).toContain("missing value for required option 'export'");
    const fields = { storage: 'more', type: 'dir', path: '/srv/more', content: 'iso,backup' };
    expect((await pve.post('production', '/storage', fields)).data).toEqual({ storage: 'more', type: 'dir' });
    expect((await pve.post('production', '/storage', fields)).reason).toContain('already defined');
    await pve.put('production', '/storage/more', { disable: 1, nodes: 'pve1' });
    expect(row(await pve.get('production', '/storage/more'))).toMatchObject({ disable: 1, nodes: 'pve1' });
    expect((await pve.put('production', '/storage/more', { digest: 'x' })).reason).toContain('detected modified');
    expect((await pve.delete('production', '/storage/more')).status).toBe(200);
    expect((await pve.get('production', '/storage/more')).status).toBe(500);
  });

  test('pools take members once, and are deleted empty', async () => {
    await pve.post('production', '/pools', { poolid: 'lab', comment: 'x' });
    expect((await pve.put('production', '/pools', { poolid: 'lab', vms: 100 })).reason).toContain('belongs already');
    await pve.put('production', '/pools', { poolid: 'lab', vms: 100, 'allow-move': 1 });
    expect((await pve.delete('production', '/pools', { poolid: 'lab' })).reason).toContain('is not empty');
    await pve.put('production', '/pools', { poolid: 'lab', vms: 100, delete: 1 });
    expect((await pve.delete('production', '/pools', { poolid: 'lab' })).status).toBe(200);
  });

  test('backup jobs name guests in one way only', async () => {
    const none = await pve.post('production', '/cluster/backup', { schedule: '03:30', storage: 'local' });
    expect(none.body.errors).toHaveProperty('vmid');
    const fields = { id: 'nightly', schedule: '03:30', storage: 'pbs-backup', vmid: '100,101', compress: 'zstd' };
    expect((await pve.post('production', '/cluster/backup', fields)).data).toBeNull();
    await pve.put('production', '/cluster/backup/nightly', { all: 1, 'prune-backups': 'keep-last=2', enabled: 0 });
    const job = row(await pve.get('production', '/cluster/backup/nightly'));
    expect(job).toMatchObject({ all: 1, enabled: 0, 'prune-backups': 'keep-last=2', compress: 'zstd' });
    expect(job.vmid).toBeUndefined();
    await pve.delete('production', '/cluster/backup/nightly');
    expect((await pve.get('production', '/cluster/backup/nightly')).status).toBe(400);
  });
});
