import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { echo, type Tamperer } from './tampering.js';

export type Behaviour =
  | { readonly kind: 'faithful' }
  /** Everything, or what changes something, is refused in words that repeat it. */
  | { readonly kind: 'echo'; readonly status: number; readonly only: 'all' | 'writes'; readonly skip?: number }
  /** What comes is no answer, and holds secrets. */
  | { readonly kind: 'broken'; readonly form: 'html' | 'half' | 'shape' | 'cut off' };

export interface TamperingProxy {
  readonly url: string;
  readonly answers: () => number;
  behave(behaviour: Behaviour): void;
  tamperWith(tamperer: Tamperer | undefined): void;
  /** Told of secrets that a cluster makes. */
  onMade: (secret: string) => void;
  close(): Promise<void>;
}

/** Stands between the server and a cluster of the simulator, and puts secrets into what comes back. */
export async function startProxy(target: string, more: () => string): Promise<TamperingProxy> {
  let behaviour: Behaviour = { kind: 'faithful' };
  let tamperer: Tamperer | undefined;
  let skipped = 0;
  let answers = 0;
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const proxy = {
    onMade: (_secret: string) => {},
    answers: () => answers,
    behave: (next: Behaviour) => {
      behaviour = next;
      skipped = 0;
    },
    tamperWith: (next: Tamperer | undefined) => {
      tamperer = next;
    },
  };
  async function handle(incoming: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const { method = 'GET', url = '/' } = incoming;
    const [whole = '', query = ''] = url.split('?');
    const path = whole.replace(/^\/api2\/json/, '');
    answers += 1;
    const { authorization = '' } = incoming.headers;
    const isText = String(incoming.headers['content-type'] ?? '').includes('urlencoded');
    if (behaviour.kind === 'echo' && (behaviour.only === 'all' || method !== 'GET')) {
      if (skipped >= (behaviour.skip ?? 0)) {
        const said = echo(behaviour.status, { authorization, body: isText ? sent.toString() : '', query }, more());
        response.writeHead(behaviour.status, said.reason, { 'content-type': 'application/json;charset=UTF-8' });
        response.end(said.body);
        return;
      }
      skipped += 1;
    }
    if (behaviour.kind === 'broken') {
      breakOff(response, behaviour.form, `${authorization} ${more()}`);
      return;
    }
    const reply = await forward(target, incoming, sent);
    const made = method === 'POST' && /\/token\//.test(path) ? /"value":"([^"]+)"/.exec(reply.body)?.[1] : undefined;
    if (made !== undefined) proxy.onMade(made);
    const isGood = reply.status === 200 && made === undefined;
    const body = isGood && tamperer !== undefined ? tamperer.tamper(path, reply.body) : reply.body;
    response.writeHead(reply.status, reply.reason, {
      'content-type': reply.type,
      ...(reply.date === undefined ? {} : { date: reply.date }),
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy does not listen');
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

function breakOff(
  response: ServerResponse,
  form: Extract<Behaviour, { kind: 'broken' }>['form'],
  secrets: string,
): unknown {
  const text = JSON.stringify(secrets);
  switch (form) {
    case 'html':
      response.writeHead(200, 'OK', { 'content-type': 'text/html' });
      return response.end(`<html><title>${secrets}</title></html>`);
    case 'half':
      response.writeHead(200, 'OK', { 'content-type': 'application/json' });
      return response.end(`{"data":[{"node":${text.slice(0, -1)}`);
    case 'shape':
      response.writeHead(200, 'OK', { 'content-type': 'application/json' });
      return response.end(`{"data":{${text}:{${text}:${text}}}}`);
    case 'cut off':
      response.writeHead(200, 'OK', { 'content-type': 'application/json', 'content-length': 100_000 });
      response.write(`{"data":${text}`);
      return setTimeout(() => response.destroy(), 5);
  }
}

interface Reply {
  readonly status: number;
  readonly reason: string;
  readonly type: string;
  readonly date: string | undefined;
  readonly body: string;
}

function forward(target: string, { method, url, headers }: IncomingMessage, sent: Buffer): Promise<Reply> {
  const send = target.startsWith('https:') ? secureRequest : request;
  return new Promise((resolve, reject) => {
    const outgoing = send(
      `${target}${url}`,
      { method, headers: { ...headers, host: new URL(target).host }, rejectUnauthorized: false, agent: false },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 500,
            reason: reply.statusMessage ?? '',
            type: reply.headers['content-type'] ?? 'application/json',
            date: reply.headers.date,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}
