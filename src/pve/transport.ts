import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector, request } from 'undici';
import type { TlsConfig } from '../config/cluster-config.js';
import type { Method } from './route.js';

/** The part of `fetch` that the client uses. */
export type Fetch = (
  url: string,
  init: {
    readonly method: Method;
    readonly headers: Readonly<Record<string, string>>;
    /** A stream goes with a `content-length`: the server takes no chunked encoding. */
    readonly body?: string | AsyncIterable<Uint8Array>;
    readonly signal: AbortSignal;
    readonly redirect: 'manual';
    /** On a connection of its own, so that requests that hang do not hold it up. */
    readonly apart?: boolean;
  },
) => Promise<{
  readonly status: number;
  readonly statusText: string;
  /** The header `date`. */
  readonly date?: string | undefined;
  text(): Promise<string>;
}>;

/** A `fetch` of its own for one cluster, with what must be shut down when the cluster's client goes. */
export interface Transport {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** The handshake went well and the certificate is not the one that this cluster is allowed to show. */
export class UnacceptedCertificate extends Error {
  override readonly name = 'UnacceptedCertificate';
  readonly code: string;
  readonly fingerprint: string;
  constructor(code: string, fingerprint: string) {
    super(`certificate not accepted: ${code}`);
    this.code = code;
    this.fingerprint = fingerprint;
  }
}

/** No connection came about: nothing was sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

const seconds = (n: number) => n * 1000;

/**
 * undici with the cluster's TLS rules: HTTP/1.1, at most 8 connections to an address with one request each, connect within 5 s.
 * pveproxy closes idle connections after 5 s, so ours are let go after 4.
 */
export function createTransport(tls: TlsConfig): Transport {
  const connect = judgingConnector(tls);
  const rules = { pipelining: 1, keepAliveTimeout: seconds(4), keepAliveMaxTimeout: seconds(4), connect };
  const agent = new Agent({ ...rules, connections: 8 });
  const beside = new Agent({ ...rules, connections: 1 });
  const fetch: Fetch = async (url, { redirect: _, apart, body: given, ...init }) => {
    // `request` follows no redirect, and costs less than undici's own `fetch`.
    const sent = given === undefined || typeof given === 'string' ? given : Readable.from(given, { objectMode: false });
    const options = { ...init, dispatcher: apart ? beside : agent, ...(sent === undefined ? {} : { body: sent }) };
    const { statusCode, statusText, headers, body } = await request(url, options);
    const date = typeof headers.date === 'string' ? headers.date : undefined;
    return { status: statusCode, statusText, date, text: () => body.text() };
  };
  return {
    fetch,
    close: async () => {
      await Promise.all([agent.close(), beside.close()]);
    },
  };
}

function judgingConnector(tls: TlsConfig): buildConnector.connector {
  const connect = buildConnector({
    timeout: seconds(5),
    allowH2: false,
    // A resumed session shows no certificate to judge.
    maxCachedSessions: 0,
    rejectUnauthorized: false,
    ...(tls.mode === 'ca' ? { ca: readFileSync(tls.caFile) } : {}),
  });
  return (options, callback) =>
    connect(options, (error, socket) => {
      if (error !== null) return callback(new NotConnected(error), null);
      const refusal = judge(tls, socket);
      if (refusal === undefined) return callback(null, socket);
      socket.destroy();
      callback(refusal, null);
    });
}

function judge(tls: TlsConfig, socket: Socket): UnacceptedCertificate | undefined {
  if (!(socket instanceof TLSSocket) || tls.mode === 'off') return undefined;
  const seen = socket.getPeerCertificate().fingerprint256 ?? '';
  if (tls.mode === 'fingerprint')
    return tls.fingerprints.includes(seen) ? undefined : new UnacceptedCertificate('FINGERPRINT_MISMATCH', seen);
  if (socket.authorized) return undefined;
  return new UnacceptedCertificate(String(socket.authorizationError), seen);
}
