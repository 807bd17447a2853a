import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request as tlsRequest } from 'node:https';
import type { SimulatedCluster } from '../../src/simulator/listen.js';

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Parsed, or undefined where it is not JSON. */
  readonly body: Record<string, unknown>;
  readonly data: unknown;
}

export interface Sending {
  readonly method?: string;
  /** `user@realm!name=secret`; false sends no credentials; default the cluster's main token. */
  readonly token?: string | false;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly options?: RequestOptions;
  /** Whole path instead of one below /api2/json. */
  readonly raw?: boolean;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function headersFor(cluster: SimulatedCluster, sending: Sending): Record<string, string> {
  const token = sending.token ?? `${cluster.tokenId}=${cluster.tokenSecret}`;
  return {
    ...(token === false ? {} : { Authorization: `PVEAPIToken=${token}` }),
    ...(sending.body === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...(sending.body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(sending.body)) }),
    ...sending.headers,
  };
}

/** One request over a connection of its own, unless an agent is given. */
export function send(cluster: SimulatedCluster, path: string, sending: Sending = {}): Promise<Answer> {
  const url = `${cluster.url}${sending.raw === true ? '' : '/api2/json'}${path}`;
  const options: RequestOptions = {
    method: sending.method ?? 'GET',
    headers: headersFor(cluster, sending),
    agent: false,
    ...(cluster.caPem === undefined ? {} : { ca: cluster.caPem }),
    ...sending.options,
  };
  return new Promise((resolve, reject) => {
    const outgoing = (url.startsWith('https') ? tlsRequest : plainRequest)(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const body = parsed(text);
        const { statusCode: status = 0, statusMessage = '', headers } = incoming;
        // Node reads the status line as Latin-1, the server writes UTF-8
        const reason = Buffer.from(statusMessage, 'latin1').toString('utf8');
        resolve({ status, reason, headers, text, body, data: body.data });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(sending.body);
  });
}

/** The list in `data`. */
export function rows(answer: Answer): Record<string, unknown>[] {
  if (!Array.isArray(answer.data)) throw new Error(`no list: ${answer.status} ${answer.reason} ${answer.text}`);
  return answer.data.filter(isRecord);
}

export function row(answer: Answer): Record<string, unknown> {
  if (!isRecord(answer.data)) throw new Error(`no object: ${answer.status} ${answer.reason} ${answer.text}`);
  return answer.data;
}
