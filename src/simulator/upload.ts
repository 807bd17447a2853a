import { createHash } from 'node:crypto';

/** A file as it came in; only what can be asked of it is kept. */
export interface UploadedFile {
  readonly size: number;
  readonly digestOf: (algorithm: string) => string;
}

export interface MultipartForm {
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly file: UploadedFile | undefined;
}

const filePart = /^Content-Disposition: form-data; name="filename"; filename="([^"]+)"/;
const fieldPart = /^Content-Disposition: form-data; name="([^"]+)"/;
const order: readonly string[] = ['content', 'checksum-algorithm', 'checksum'];

function uploaded(bytes: Buffer): UploadedFile {
  return { size: bytes.length, digestOf: (algorithm) => createHash(algorithm).update(bytes).digest('hex') };
}

/**
 * PVE's reader of multipart bodies: it takes `content`, `checksum-algorithm` and `checksum` in this order at the head
 * of the body, then the file. What comes after the file, or out of order, is lost.
 */
export function readMultipart(body: Buffer, boundary: string): MultipartForm {
  const fields = new Map<string, string[]>();
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  let step = 0;
  while (at >= 0) {
    const start = at + mark.length + 2;
    const next = body.indexOf(mark, start);
    const headEnd = body.indexOf('\r\n\r\n', start);
    if (next < 0 || headEnd < 0 || headEnd > next) break;
    const head = body.subarray(start, headEnd).toString('utf8');
    const content = body.subarray(headEnd + 4, next - 2);
    const filename = filePart.exec(head)?.[1];
    if (filename !== undefined) {
      fields.set('filename', [filename]);
      return { fields, file: uploaded(content) };
    }
    const name = fieldPart.exec(head)?.[1] ?? '';
    const place = order.indexOf(name);
    if (place >= step) {
      fields.set(name, [content.toString('utf8').trim()]);
      step = place + 1;
    }
    at = next;
  }
  return { fields, file: undefined };
}
