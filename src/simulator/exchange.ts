import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from './api.js';
import type { Cluster } from './cluster.js';
import type { Fault } from './fault.js';
import { apiPath, readRequest } from './http-request.js';
import { PveError } from './pve-error.js';
import { errorReply, plainReply, type Reply } from './reply.js';

const keptRequests = 20_000;

export interface RecordedRequest {
  readonly method: string;
  /** Below /api2/json. */
  readonly path: string;
  readonly params: Readonly<Record<string, string | readonly string[]>>;
  /** 0 where no status was sent. */
  readonly status: number;
  /** Milliseconds of the simulator's clock. */
  readonly at: number;
  /** Which of the cluster's addresses took it, from 0 on. */
  readonly endpoint: number;
  /** Whether it came as far as the API, whatever came back. */
  readonly ran: boolean;
  /** What the API said to it, where something else was told. */
  readonly inside?: number;
  /** The fault that it met. */
  readonly fault?: Fault['kind'];
}

/** What became of a request. */
interface Course {
  /** 0 where none was sent. */
  readonly status: number;
  readonly ran: boolean;
  readonly inside?: number;
  readonly fault?: Fault['kind'];
}

interface Incoming {
  readonly method: string;
  readonly endpoint: number;
  readonly path: string;
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly reply: () => Reply;
}

function recordOf(params: ReadonlyMap<string, readonly string[]>): RecordedRequest['params'] {
  return Object.fromEntries(
    [...params].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function send(response: ServerResponse, reply: Reply, now: number): void {
  if (response.destroyed) return;
  // the real server ends the connection after every error
  if (reply.status >= 400) response.shouldKeepAlive = false;
  const body = Buffer.from(reply.body, 'utf8');
  const headers: Record<string, string | number> = {
    'Cache-Control': 'max-age=0',
    Date: new Date(now).toUTCString(),
    Pragma: 'no-cache',
    Server: 'pve-api-daemon/3.0',
    'Content-Length': body.length,
  };
  if (reply.contentType !== undefined) headers['Content-Type'] = reply.contentType;
  if (reply.location !== undefined) headers.Location = reply.location;
  response.writeHead(reply.status, reasonPhrase(reply.reason), headers).end(body);
}

/** Node writes the status line as Latin-1, the real server as UTF-8: so its bytes are handed over one by one. */
function reasonPhrase(reason: string): string {
  const printable = [...(reason.split('\n')[0] ?? '')].filter((char) => char >= ' ' && char !== '\u007f').join('');
  return Buffer.from(printable, 'utf8').toString('latin1');
}

function sendHalf(response: ServerResponse, reply: Reply): void {
  const body = Buffer.from(reply.body, 'utf8');
  response.writeHead(reply.status, reasonPhrase(reply.reason), { 'Content-Length': Math.max(2, body.length) });
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => {
    setImmediate(() => response.socket?.destroy());
  });
}

const garbage = {
  html: {
    status: 200,
    reason: 'OK',
    contentType: 'text/html',
    body: '<html><head><title>Bad Gateway</title></head><body>nginx</body></html>',
  },
  truncated: { status: 200, reason: 'OK', contentType: 'application/json;charset=UTF-8', body: '{"data":[{"node":"pv' },
  foreign: { status: 200, reason: 'OK', contentType: 'application/json', body: '{"status":"ok"}' },
} as const;

/** Handles the HTTP exchanges of one cluster, with the faults that are set on it. */
export class Exchange {
  readonly requests: RecordedRequest[] = [];
  maxInFlight = 0;
  readonly #cluster: Cluster;
  readonly #authDelayMs: number;
  #inFlight = 0;

  constructor(cluster: Cluster, authDelayMs: number) {
    this.#cluster = cluster;
    this.#authDelayMs = authDelayMs;
  }

  async handle(request: IncomingMessage, response: ServerResponse, endpoint: number): Promise<void> {
    this.#inFlight += 1;
    this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
    let isUnderWay = true;
    const over = () => {
      if (isUnderWay) this.#inFlight -= 1;
      isUnderWay = false;
    };
    // Once the reply is handed over, its reader may send the next request before the bytes are known to be gone.
    response.once('prefinish', over).once('close', over);
    try {
      const incoming = await this.#read(request, endpoint);
      this.#record(incoming, await this.#respond(incoming, response));
    } catch {
      // the client went away while it was still sending
      response.socket?.destroy();
    }
  }

  #record(incoming: Incoming, course: Course): void {
    const { method, path, params, endpoint } = incoming;
    // a demo runs for days
    if (this.requests.length >= keptRequests) this.requests.splice(0, keptRequests / 2);
    this.requests.push({ method, path, params: recordOf(params), ...course, at: this.#cluster.clock.now(), endpoint });
  }

  async #read(request: IncomingMessage, endpoint: number): Promise<Incoming> {
    const method = request.method ?? '';
    const read = await readRequest(request);
    if ('refusal' in read) {
      const path = apiPath(request.url ?? '/') ?? request.url ?? '/';
      return { method, endpoint, path, params: new Map(), reply: () => read.refusal };
    }
    const { path, params } = read.request;
    const cluster = this.#cluster.at(endpoint);
    return { method, endpoint, path, params, reply: () => this.#answer(() => answer(cluster, read.request)) };
  }

  #answer(compute: () => Reply): Reply {
    try {
      return compute();
    } catch (error) {
      // a fault of the simulator itself; said loudly, in the way of the server
      return errorReply(new PveError(500, `simulator: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  async #respond(incoming: Incoming, response: ServerResponse): Promise<Course> {
    const node = /^\/nodes\/([^/]+)/.exec(incoming.path)?.[1];
    const fault = this.#cluster.faults.take({ ...incoming, node });
    if (fault === undefined) return { status: await this.#deliver(incoming.reply(), response), ran: true };
    return { ...(await this.#withFault(fault, incoming, response)), fault: fault.kind };
  }

  async #withFault(fault: Fault, incoming: Incoming, response: ServerResponse): Promise<Course> {
    switch (fault.kind) {
      case 'unreachable':
        response.socket?.destroy();
        return { status: 0, ran: false };
      case 'hung':
        return { status: 0, ran: false };
      case 'late':
        return { status: 0, ran: true, inside: incoming.reply().status };
      case 'slow':
        await pause(fault.ms);
        return { status: await this.#deliver(incoming.reply(), response), ran: true };
      case 'reset': {
        const reply = incoming.reply();
        sendHalf(response, reply);
        return { status: reply.status, ran: true, inside: reply.status };
      }
      case 'lost': {
        const inside = incoming.reply().status;
        response.socket?.destroy();
        return { status: 0, ran: true, inside };
      }
      case 'status':
        return this.#instead(statusReply(fault.status, fault.reason), incoming, response, fault.ran);
      case 'garbage':
        return this.#instead(garbage[fault.form ?? 'html'], incoming, response, fault.ran);
      case 'redirect':
        return this.#instead({ ...plainReply(302, 'Found'), location: fault.location }, incoming, response);
      default:
        return { status: await this.#deliver(incoming.reply(), response), ran: true };
    }
  }

  /** Gives another answer than that of the API, which may have run the request or not. */
  async #instead(other: Reply, incoming: Incoming, response: ServerResponse, ran = false): Promise<Course> {
    const inside = ran ? { inside: incoming.reply().status } : {};
    return { status: await this.#deliver(other, response), ran, ...inside };
  }

  async #deliver(reply: Reply, response: ServerResponse): Promise<number> {
    if (reply.status === 401 && this.#authDelayMs > 0) await pause(this.#authDelayMs);
    if (reply.heldFor !== undefined) await this.#clockPasses(reply.heldFor, response);
    send(response, reply, this.#cluster.clock.now());
    return reply.status;
  }

  /** Waits until the simulator's clock has moved on, however fast that goes. */
  async #clockPasses(seconds: number, response: ServerResponse): Promise<void> {
    const end = this.#cluster.clock.now() + seconds * 1000;
    while (this.#cluster.clock.now() < end && !response.destroyed) await pause(10);
  }
}

/** 59x come from the HTTP layer, without JSON; all others from the API. */
function statusReply(status: number, reason: string): Reply {
  if (status >= 595) return plainReply(status, reason);
  return errorReply(new PveError(status, reason));
}
