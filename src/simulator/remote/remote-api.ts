import { isIP } from 'node:net';
import type { RawParameters } from '../arguments.js';
import type { Cluster } from '../cluster.js';
import type { Fault } from '../fault.js';
import { parseProperties } from '../property-string.js';
import { died } from '../pve-error.js';
import type { Reply } from '../reply.js';

/** Another cluster of the simulator, as one of its nodes answers for it. */
export interface Peer {
  /** With the node that was reached as its local one. */
  readonly cluster: Cluster;
  /** Of the certificate that is shown just now. */
  readonly fingerprint: string;
  answer(method: string, path: string, params: RawParameters, authorization: string): Reply;
}

/** How one simulated cluster finds the others: by the addresses they listen on, and by those of their nodes. */
export type Peers = (host: string, port: number) => Peer | 'refused' | undefined;

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** As it is sent: `PVEAPIToken=user@realm!name=secret`. */
  readonly token: string;
  readonly fingerprint: string | undefined;
}

export function parseEndpoint(text: string): Endpoint {
  const properties = parseProperties(text, 'host');
  return {
    host: properties.get('host') ?? '',
    port: Number(properties.get('port') ?? 8006),
    token: properties.get('apitoken') ?? '',
    fingerprint: properties.get('fingerprint')?.toUpperCase(),
  };
}

interface Body {
  readonly data: unknown;
  readonly errors: unknown;
}

function bodyOf(text: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    return { data: 'data' in value ? value.data : undefined, errors: 'errors' in value ? value.errors : undefined };
  } catch {
    return undefined;
  }
}

function refusal(reply: Reply): string {
  const errors = bodyOf(reply.body)?.errors;
  const lines = typeof errors === 'object' && errors !== null ? Object.entries(errors) : [];
  return [`${reply.status} ${reply.reason}`, ...lines.map(([name, text]) => `${name}: ${String(text).trim()}`)].join(
    '\n',
  );
}

function faultText(fault: Fault, where: string): string | undefined {
  switch (fault.kind) {
    case 'unreachable':
      return `500 Can't connect to ${where} (Connection refused)`;
    case 'hung':
      return '500 read timeout';
    case 'reset':
    case 'lost':
      return '500 read failed: Connection reset by peer';
    case 'status':
      return `${fault.status} ${fault.reason}`;
    case 'garbage':
      return 'got unexpected content type: text/html';
    default:
      return undefined;
  }
}

/** What a node uses to call the API of another cluster; it fails with the words of that one. */
export class RemoteApi {
  readonly endpoint: Endpoint;
  readonly #peers: Peers;

  constructor(endpoint: Endpoint, peers: Peers) {
    this.endpoint = endpoint;
    this.#peers = peers;
  }

  /** The other side, whether it answers now or not. */
  get known(): Peer {
    const peer = this.#peers(this.endpoint.host, this.endpoint.port);
    if (peer === undefined || peer === 'refused') throw died(`500 Can't connect to ${this.endpoint.host}`);
    return peer;
  }

  get(path: string): unknown {
    return this.#send('GET', path, new Map());
  }

  post(path: string, params: Readonly<Record<string, string>>): unknown {
    return this.#send('POST', path, new Map(Object.entries(params).map(([key, value]) => [key, [value]])));
  }

  /** The other side, checked as far as TLS goes. */
  reach(): Peer {
    const { host, port, fingerprint } = this.endpoint;
    const where = `${host}:${port}`;
    const peer = this.#peers(host, port);
    if (peer === undefined) {
      const why = isIP(host) === 0 ? 'Name or service not known' : 'No route to host';
      throw died(`500 Can't connect to ${where} (${why})`);
    }
    if (peer === 'refused') throw died(`500 Can't connect to ${where} (Connection refused)`);
    if (!peer.cluster.isOnline(peer.cluster.localNode)) throw died(`500 Can't connect to ${where} (No route to host)`);
    // the authority of another cluster is unknown here: only a fingerprint makes it trusted
    if (fingerprint !== peer.fingerprint) throw died(`500 Can't connect to ${where} (certificate verify failed)`);
    return peer;
  }

  #send(method: string, path: string, params: RawParameters): unknown {
    const { host, port, token } = this.endpoint;
    const peer = this.reach();
    const node = /^\/nodes\/([^/]+)/.exec(path)?.[1];
    const fault = peer.cluster.faults.take({ path, node, method, endpoint: peer.cluster.endpoint });
    const text = fault === undefined ? undefined : faultText(fault, `${host}:${port}`);
    if (text !== undefined) throw died(text);
    const reply = peer.answer(method, path, params, token);
    if (reply.status >= 400) throw died(refusal(reply));
    return bodyOf(reply.body)?.data;
  }
}
