import { createHash, type Hash } from 'node:crypto';

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
/** More than the fields of any upload. */
const longestHead = 64 * 1024;

interface Head {
  readonly fields: Map<string, readonly string[]>;
  /** Where the bytes of the file begin. */
  readonly fileAt: number | undefined;
}

/** Reads the parts at the head of a body, as far as they have come in. */
function readHead(body: Buffer, mark: Buffer): Head {
  const fields = new Map<string, readonly string[]>();
  let at = body.indexOf(mark);
  let step = 0;
  while (at >= 0) {
    const start = at + mark.length + 2;
    const headEnd = body.indexOf('\r\n\r\n', start);
    if (headEnd < 0) break;
    const head = body.subarray(start, headEnd).toString('utf8');
    const filename = filePart.exec(head)?.[1];
    if (filename !== undefined) {
      fields.set('filename', [filename]);
      return { fields, fileAt: headEnd + 4 };
    }
    const next = body.indexOf(mark, start);
    if (next < 0) break;
    const name = fieldPart.exec(head)?.[1] ?? '';
    const place = order.indexOf(name);
    if (place >= step) {
      fields.set(name, [
        body
          .subarray(headEnd + 4, next - 2)
          .toString('utf8')
          .trim(),
      ]);
      step = place + 1;
    }
    at = next;
  }
  return { fields, fileAt: undefined };
}

/** Takes in the bytes of a file up to the boundary after it, and keeps none of them. */
class FileReader {
  readonly #end: Buffer;
  readonly #hashes: ReadonlyMap<string, Hash>;
  #size = 0;
  #rest: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(mark: Buffer, algorithms: readonly string[]) {
    this.#end = Buffer.concat([Buffer.from('\r\n'), mark]);
    this.#hashes = new Map(algorithms.map((name) => [name, createHash(name)]));
  }

  take(chunk: Buffer): void {
    if (this.#ended) return;
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = bytes.indexOf(this.#end);
    this.#ended = end >= 0;
    const known = this.#ended ? end : Math.max(0, bytes.length - this.#end.length);
    for (const hash of this.#hashes.values()) hash.update(bytes.subarray(0, known));
    this.#size += known;
    this.#rest = bytes.subarray(known);
  }

  /** `undefined` where the body ended before the file did. */
  file(): UploadedFile | undefined {
    if (!this.#ended) return undefined;
    const digests = new Map([...this.#hashes].map(([name, hash]) => [name, hash.digest('hex')]));
    return { size: this.#size, digestOf: (algorithm) => digests.get(algorithm) ?? '' };
  }
}

function readerOf(fields: Head['fields'], mark: Buffer): FileReader {
  const [asked = 'md5'] = fields.get('checksum-algorithm') ?? [];
  const known = /^(md5|sha1|sha224|sha256|sha384|sha512)$/.test(asked) ? asked : 'md5';
  return new FileReader(mark, [...new Set(['md5', known])]);
}

/**
 * PVE's reader of multipart bodies: it takes `content`, `checksum-algorithm` and `checksum` in this order at the head
 * of the body, then the file. What comes after the file, or out of order, is lost.
 */
export async function readMultipart(body: AsyncIterable<unknown>, boundary: string): Promise<MultipartForm> {
  const mark = Buffer.from(`--${boundary}`);
  let head: Head = { fields: new Map(), fileAt: undefined };
  let begun: Buffer = Buffer.alloc(0);
  let reader: FileReader | undefined;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    if (reader !== undefined) {
      reader.take(chunk);
      continue;
    }
    if (begun.length > longestHead) continue;
    begun = Buffer.concat([begun, chunk]);
    head = readHead(begun, mark);
    if (head.fileAt === undefined) continue;
    reader = readerOf(head.fields, mark);
    reader.take(begun.subarray(head.fileAt));
  }
  const file = reader?.file();
  if (file === undefined) head.fields.delete('filename');
  return { fields: head.fields, file };
}
