import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificates, ServedCertificate } from './certificate.js';

const idleMs = 5000;
const requestsPerConnection = 100;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** The socket of one cluster: it may stop listening and come back on the same port, or change its certificate. */
export class Listener {
  port = 0;
  readonly #host: string;
  readonly #certificates: Certificates | undefined;
  readonly #server: Server | TlsServer;
  readonly #sockets = new Set<Socket>();
  #served: ServedCertificate | undefined;
  #closed = false;

  constructor(host: string, certificates: Certificates | undefined, handle: Handle) {
    this.#host = host;
    this.#certificates = certificates;
    this.#served = certificates?.usual;
    this.#server =
      certificates === undefined
        ? createServer(handle)
        : createTlsServer({ key: certificates.usual.key, cert: certificates.usual.cert }, handle);
    this.#server.keepAliveTimeout = idleMs;
    this.#server.maxRequestsPerSocket = requestsPerConnection;
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
    // a client that hangs up during the handshake, or does not trust the certificate, is its own affair
    this.#server.on('tlsClientError', () => undefined);
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  get connections(): number {
    return this.#sockets.size;
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host: this.#host }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        if (address !== null && typeof address === 'object') this.port = address.port;
        resolve();
      });
    });
  }

  /** Connections are refused from now on. */
  refuse(): void {
    if (this.#server.listening) this.#server.close();
    this.#destroySockets();
  }

  accept(): void {
    if (this.#closed || this.#server.listening) return;
    this.#server.listen({ port: this.port, host: this.#host }, () => {
      // closed while it was about to listen
      if (this.#closed) this.#server.close();
    });
  }

  serve(which: keyof Certificates): void {
    const certificate = this.#certificates?.[which];
    if (certificate === undefined || certificate === this.#served || !('setSecureContext' in this.#server)) return;
    this.#served = certificate;
    // with the old ticket keys a client would resume its session and never see the new certificate
    const { key, cert } = certificate;
    this.#server.setSecureContext({ key, cert, ticketKeys: randomBytes(48) });
    this.#server.closeIdleConnections();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#destroySockets();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#destroySockets();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
