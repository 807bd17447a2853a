import { createServer } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../src/pve/clock.js';
import { uploadEndpoint } from '../../src/pve/endpoint.js';
import { AnswerTimeoutError, ForbiddenError, UploadSourceError } from '../../src/pve/errors.js';
import { startedUpid } from '../../src/pve/upid.js';
import type { UploadFile } from '../../src/pve/upload.js';
import { clientFor, configOf, rejectionOf } from './one-cluster.js';
import { type RawServer, refusedAddress, startRawServer } from './raw-server.js';

const upload = uploadEndpoint('POST /nodes/{node}/storage/{storage}/upload', startedUpid);
const upid = 'UPID:pve1:00000001:00000002:00000003:imgcopy::a@pve!b:';
const place = { node: 'pve1', storage: 'local' };

let server: RawServer | undefined;
afterEach(() => server?.close());

const answering = async () => {
  server = await startRawServer((response) => response.end(JSON.stringify({ data: upid })));
  return server;
};

function fileOf(pieces: readonly string[], size = pieces.join('').length): UploadFile & { opened: number } {
  const file = {
    name: 'x.iso',
    size,
    opened: 0,
    async *open() {
      file.opened += 1;
      for (const piece of pieces) yield Buffer.from(piece);
    },
  };
  return file;
}

it('sends the fields in the order in which Proxmox reads them, the file last, of a length told beforehand', async () => {
  const { url, requests } = await answering();
  const client = clientFor(configOf(url));
  const params = { checksum: 'ab', content: 'iso', 'checksum-algorithm': 'md5' };
  const { data } = await client.upload(upload, place, params, fileOf(['abc', 'def']));
  expect(data).toBe(upid);
  const { headers, body } = requests[0] ?? { headers: {}, body: '' };
  const boundary = /^multipart\/form-data; boundary=([\w-]+)$/.exec(headers['content-type'] ?? '')?.[1];
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  expect(body).toBe(
    [
      field('content', 'iso'),
      field('checksum-algorithm', 'md5'),
      field('checksum', 'ab'),
      `--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="x.iso"\r\n`,
      'Content-Type: application/octet-stream\r\n\r\nabcdef\r\n',
      `--${boundary}--\r\n`,
    ].join(''),
  );
  expect(headers['content-length']).toBe(String(body.length));
  expect(headers['transfer-encoding']).toBeUndefined();
  await client.close();
});

it.each([
  ['shrank', fileOf(['abc'], 6)],
  ['grew', fileOf(['abc', 'def'], 4)],
])('stops where a file %s, and the server gets no whole request', async (_, file) => {
  const { url, requests } = await answering();
  const client = clientFor(configOf(url));
  const error = await rejectionOf(client.upload(upload, place, { content: 'iso' }, file), UploadSourceError);
  expect(error.reason).toContain('size changed');
  expect(requests).toEqual([]);
  await client.close();
});

it('stops where the file cannot be read any more', async () => {
  const { url } = await answering();
  const client = clientFor(configOf(url));
  const broken: UploadFile = {
    ...fileOf(['abc'], 6),
    async *open() {
      yield Buffer.from('abc');
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
  };
  const error = await rejectionOf(client.upload(upload, place, { content: 'iso' }, broken), UploadSourceError);
  expect(error.message).toContain('cannot be read');
  await client.close();
});

it('goes to the next address where nothing was sent, and is never sent twice', async () => {
  const { url, requests } = await answering();
  const failover = clientFor(configOf(url, { apiUrls: [await refusedAddress('http'), url] }));
  const file = fileOf(['abc']);
  expect((await failover.upload(upload, place, { content: 'iso' }, file)).data).toBe(upid);
  expect([file.opened, requests.length]).toEqual([1, 1]);
  await failover.close();
});

it('is not sent again when its connection breaks', async () => {
  server = await startRawServer((response) => response.socket?.destroy());
  const client = clientFor(configOf(server.url));
  const file = fileOf(['abc']);
  await expect(client.upload(upload, place, { content: 'iso' }, file)).rejects.toThrow();
  expect(file.opened).toBe(1);
  await client.close();
});

it('tells what the server says', async () => {
  server = await startRawServer((response) => {
    response.writeHead(403, 'Permission check failed (/storage/local, Datastore.AllocateTemplate)').end();
  });
  const client = clientFor(configOf(server.url));
  const error = await rejectionOf(client.upload(upload, place, {}, fileOf(['a'])), ForbiddenError);
  expect(error.privileges).toEqual(['Datastore.AllocateTemplate']);
  await client.close();
});

it('may take as long as it moves, and is given up once it stands still', async () => {
  const { url } = await answering();
  // A minute passes in 120 ms.
  const began = Date.now();
  const clock = {
    ...systemClock,
    now: () => began + (Date.now() - began) * 500,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(ms / 500, signal),
  };
  const client = clientFor(configOf(url), { clock });
  const slow = (pauses: readonly number[]): UploadFile => ({
    name: 'x.iso',
    size: pauses.length,
    async *open() {
      for (const pause of pauses) {
        await systemClock.sleep(pause);
        yield Buffer.from('a');
      }
    },
  });
  const steady = client.upload(upload, place, { content: 'iso' }, slow(Array.from({ length: 20 }, () => 25)));
  expect((await steady).data).toBe(upid);
  const stuck = client.upload(upload, place, { content: 'iso' }, slow([10, 1000]));
  expect((await rejectionOf(stuck, AnswerTimeoutError)).seconds).toBe(60);
  await client.close();
});

it('ends with the call, and lets go of the file', async () => {
  const { url } = await answering();
  const client = clientFor(configOf(url));
  const stop = new AbortController();
  let closed = false;
  const endless: UploadFile = {
    name: 'x.iso',
    size: 1e12,
    async *open() {
      try {
        for (;;) {
          await systemClock.sleep(5);
          yield Buffer.alloc(10);
        }
      } finally {
        closed = true;
      }
    },
  };
  const sending = client.upload(upload, place, { content: 'iso' }, endless, stop.signal);
  await systemClock.sleep(50);
  stop.abort(new Error('enough'));
  await expect(sending).rejects.toThrow('enough');
  await expect.poll(() => closed).toBe(true);
  await client.close();
});

it('tells the refusal that comes while it is still being sent', async () => {
  const early = createServer((_, response) => {
    response.writeHead(403, 'Permission check failed (/storage/local, Datastore.AllocateTemplate)', {
      connection: 'close',
    });
    response.end(() => response.socket?.destroySoon());
  });
  const port = await new Promise<number>((resolve) => {
    early.listen(0, '127.0.0.1', () => resolve(Number(Object(early.address()).port)));
  });
  const client = clientFor(configOf(`http://127.0.0.1:${port}`));
  const piece = Buffer.alloc(64 * 1024);
  const large: UploadFile = {
    name: 'x.iso',
    size: 400 * piece.length,
    async *open() {
      for (let at = 0; at < 400; at += 1) yield piece;
    },
  };
  await rejectionOf(client.upload(upload, place, { content: 'iso' }, large), ForbiddenError);
  await client.close();
  early.close();
});
