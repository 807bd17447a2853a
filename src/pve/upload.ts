import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.js';
import { UploadSourceError } from './errors.js';
import { encodeParams, type Params } from './params.js';

/** A file to be sent: as many bytes as `size` says, and no more. */
export interface UploadFile {
  /** As the server shall know it. */
  readonly name: string;
  readonly size: number;
  /** Its bytes, from the start, each time it is called. */
  open(): AsyncIterable<Uint8Array>;
}

/** The body of a request that sends a file. */
export interface UploadBody {
  readonly type: string;
  readonly length: number;
  /** @param moved told after each piece that was taken */
  open(moved: () => void): AsyncIterable<Uint8Array>;
}

/** pveproxy takes the fields off the head of the body in this order; one in another place is lost (AnyEvent.pm, file_upload_multipart). */
const order = ['content', 'checksum-algorithm', 'checksum'];

/** `multipart/form-data` of a known length: the fields, then the file, which is never held as a whole. */
export function multipartBody(params: Params, file: UploadFile): UploadBody {
  const boundary = `----proxmox-mcp-${randomUUID()}`;
  const given = [...new URLSearchParams(encodeParams(params))].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const fields = given.map(([name, value]) => part(boundary, `name="${name}"`, '', value));
  // Before libpve-http-server 4.1-6 the file has to have a type (proxmox bug 4344).
  const opening = part(
    boundary,
    `name="filename"; filename="${file.name}"`,
    'Content-Type: application/octet-stream\r\n',
    '',
  );
  const head = Buffer.from(fields.map((field) => `${field}\r\n`).join('') + opening);
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    length: head.length + file.size + tail.length,
    async *open(moved) {
      yield head;
      for await (const piece of measured(file)) {
        moved();
        yield piece;
      }
      moved();
      yield tail;
    },
  };
}

const part = (boundary: string, naming: string, headers: string, value: string) =>
  `--${boundary}\r\nContent-Disposition: form-data; ${naming}\r\n${headers}\r\n${value}`;

/** The bytes of a file that may change, or fail to be read, while it is sent. */
async function* measured(file: UploadFile): AsyncGenerator<Uint8Array> {
  let read = 0;
  const source = file.open()[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await source.next().catch((error: unknown) => {
        throw new UploadSourceError(file.name, 'it cannot be read any more', error);
      });
      if (next.done) break;
      read += next.value.length;
      if (read > file.size) break;
      yield next.value;
    }
  } finally {
    await source.return?.();
  }
  if (read !== file.size) throw new UploadSourceError(file.name, 'its size changed while it was sent');
}

/** How long is waited. */
export interface Patience {
  /** Aborts when it is over. */
  readonly signal: AbortSignal;
  moved(): void;
  end(): void;
}

/** Over when nothing has moved for a while, however long the whole takes. */
export function idleTimeout(clock: Clock, ms: number): Patience {
  const idle = new AbortController();
  const over = new AbortController();
  let last = clock.now();
  const watch = async () => {
    while (!over.signal.aborted) {
      const left = last + ms - clock.now();
      if (left <= 0) return idle.abort(new DOMException('nothing moved', 'TimeoutError'));
      await clock.sleep(left, over.signal).catch(() => undefined);
    }
  };
  void watch();
  return {
    signal: idle.signal,
    moved: () => {
      last = clock.now();
    },
    end: () => over.abort(),
  };
}
