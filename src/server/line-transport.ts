import type { Readable, Writable } from 'node:stream';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js';

/** Bytes of a line. */
const longestLine = 10 * 1024 * 1024;
/** Reads of which one line is made: of each, Node keeps more than its bytes. */
const mostPieces = 1000;
/** Bytes of a piece that is left as it is. */
const largePiece = 65_536;
/** Of a longer one its beginning and its end are kept: there its id stands, so that it can be answered. */
const kept = 512;
const newline = 10;

const parseError = -32_700;
const invalidRequest = -32_600;
const invalidParams = -32_602;

/** A line that is no message. */
class UnreadableMessageError extends Error {
  override readonly name = 'UnreadableMessageError';
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (id: unknown): id is RequestId => typeof id === 'string' || Number.isSafeInteger(id);

/** What stands between a line and a message. */
interface Translation {
  readonly check: (value: unknown) => JSONRPCMessage | undefined;
  readonly toText: (message: JSONRPCMessage) => string;
}

/**
 * MCP over a pair of streams, a message a line. What is no message is answered as JSON-RPC asks, by its id where it has
 * one; the SDK's own transport drops it without a word, so that the client waits for ever, and closes at a line that is
 * too long.
 */
export class LineTransport implements Transport {
  onmessage?: NonNullable<Transport['onmessage']>;
  onerror?: (error: Error) => void;
  onclose?: () => void;
  readonly #input: Readable;
  readonly #output: Writable;
  readonly #check: (value: unknown) => JSONRPCMessage | undefined;
  readonly #toText: (message: JSONRPCMessage) => string;
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** @param check gives a message where the value is one; `toText` the line that a message is sent as */
  constructor(input: Readable, output: Writable, { check, toText }: Translation) {
    this.#input = input;
    this.#output = output;
    this.#check = check;
    this.#toText = toText;
  }

  async start(): Promise<void> {
    this.#input.on('data', this.#take);
    this.#input.on('error', this.#failed);
  }

  send(message: JSONRPCMessage): Promise<void> {
    return new Promise((resolve) => {
      if (this.#output.write(`${this.#toText(message)}\n`)) resolve();
      else this.#output.once('drain', resolve);
    });
  }

  async close(): Promise<void> {
    this.#input.off('data', this.#take);
    this.#input.off('error', this.#failed);
    if (this.#input.listenerCount('data') === 0) this.#input.pause();
    this.#pieces = [];
    this.#bytes = 0;
    this.onclose?.();
  }

  readonly #failed = (error: Error) => this.onerror?.(error);

  readonly #take = (chunk: Buffer) => {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      this.#end();
    }
    this.#keep(chunk.subarray(from));
  };

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#bytes += piece.length;
    this.#pieces.push(piece);
    if (this.#pieces.length > mostPieces) this.#gather();
    if (this.#bytes <= longestLine) return;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [Buffer.concat([whole.subarray(0, kept), whole.subarray(-kept)])];
  }

  /** Not all of them: each byte would be copied with every thousand that come. */
  #gather(): void {
    const small = this.#pieces.findIndex((piece) => piece.length < largePiece);
    if (small >= 0) this.#pieces.push(Buffer.concat(this.#pieces.splice(small)));
  }

  #end(): void {
    const bytes = this.#bytes;
    const line = Buffer.concat(this.#pieces).toString('utf8').trim();
    this.#pieces = [];
    this.#bytes = 0;
    try {
      if (bytes > longestLine)
        this.#refuse(idAtAnEnd(line), invalidRequest, `a message of ${bytes} bytes: at most ${longestLine} are read`);
      else if (line !== '') this.#read(line);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #read(line: string): void {
    const parsed = parseJson(line);
    const message = parsed && this.#check(parsed.value);
    if (parsed === undefined) this.#refuse(undefined, parseError, 'not JSON');
    else if (message !== undefined) this.onmessage?.(message);
    else this.#refuseValue(parsed.value);
  }

  #refuseValue(value: unknown): void {
    if (Array.isArray(value)) this.#refuse(undefined, invalidRequest, 'no batches: a message a line');
    // Neither a notification nor an answer is answered.
    else if (!isObject(value) || !('id' in value) || 'result' in value || 'error' in value)
      this.onerror?.(new UnreadableMessageError('not a message'));
    else if (!isId(value.id)) this.#refuse(undefined, invalidRequest, 'an id is text or a whole number');
    else if (value.jsonrpc !== '2.0' || typeof value.method !== 'string')
      this.#refuse(value.id, invalidRequest, 'not a request of JSON-RPC 2.0');
    else this.#refuse(value.id, invalidParams, `not the params of ${value.method.slice(0, 64)}`);
  }

  #refuse(id: RequestId | undefined, code: number, message: string): void {
    this.onerror?.(new UnreadableMessageError(message));
    const answer = { jsonrpc: '2.0' as const, ...(id === undefined ? {} : { id }), error: { code, message } };
    this.send(answer).catch(this.#failed);
  }
}

function parseJson(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return undefined;
  }
}

const writtenId = String.raw`"id":\s*("[^"\\]{1,128}"|-?\d{1,15})`;
const first = new RegExp(String.raw`^\{\s*(?:"jsonrpc":\s*"2\.0",\s*)?${writtenId}`);
const last = new RegExp(String.raw`,\s*${writtenId}(?:,\s*"jsonrpc":\s*"2\.0")?\s*\}$`);

/** The id of a request of which only the beginning and the end are there. */
function idAtAnEnd(line: string): RequestId | undefined {
  const written = first.exec(line)?.[1] ?? last.exec(line)?.[1];
  const id = written === undefined ? undefined : parseJson(written)?.value;
  return isId(id) ? id : undefined;
}
