import type { z } from 'zod';
import type { ClusterConfig, PolicyRule } from '../config/cluster-config.js';
import type { Random } from './back-off.js';
import { type Clock, systemRandom } from './clock.js';
import { Connection } from './connection.js';
import type { ConnectionState } from './connection-state.js';
import { Delivery } from './delivery.js';
import type { Answer, Endpoint, UploadEndpoint } from './endpoint.js';
import {
  AnswerTimeoutError,
  BadAnswerError,
  CertificateError,
  ConnectionError,
  closedCodes,
  ProxmoxError,
  type RequestFacts,
} from './errors.js';
import { ClusterLanes } from './lanes.js';
import type { Log } from './log.js';
import { encodeParams, type Params } from './params.js';
import { GuestList } from './policy/guest-list.js';
import { permit } from './policy/permit.js';
import { guestResources } from './resources.js';
import { errorOf, firstIssue, readEnvelope } from './response.js';
import { expandPath, type Method, methodOf, type PathValues, type Route } from './route.js';
import { NotConnected, type Transport, UnacceptedCertificate } from './transport.js';
import { idleTimeout, multipartBody, type Patience, type UploadBody, type UploadFile } from './upload.js';
import { withoutNulls } from './without-nulls.js';

/** What a client needs from outside. */
export interface ClientDependencies {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** What is known of the way to the cluster; of a client before this one. */
  readonly connection?: Connection;
  readonly random?: Random;
  /** Shared with every other client of the cluster. */
  readonly lanes?: ClusterLanes;
  /** The rules as they are now; those of the configuration by default. */
  readonly rules?: () => readonly PolicyRule[];
}

interface Outgoing {
  readonly facts: RequestFacts;
  readonly method: Method;
  readonly target: string;
  /** What rules look at, beside the path. */
  readonly params: Params;
  readonly body: string | UploadBody | undefined;
  readonly signal: AbortSignal | undefined;
  /** Asked on a connection of its own, and given less time. */
  readonly isProbe?: boolean;
}

/** How long an answer is waited for. pveproxy itself gives up on a node after 30 s, so a write is given longer, or its answer is lost. */
const answerSeconds = { GET: 30, POST: 40, PUT: 40, DELETE: 40 } as const;

/** How long an upload may stand still: while it is sent, and until it is answered. */
const idleSeconds = 60;

/** How long the answer to a probe is waited for. */
const probeSeconds = 5;

/** The system calls that fail before a byte of the request was sent; what breaks off later may have the same code. */
const connectCalls = new Set(['connect', 'getaddrinfo']);

/** The REST client of one Proxmox VE cluster. */
export class ProxmoxClient {
  readonly config: ClusterConfig;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #connection: Connection;
  readonly #delivery: Delivery;
  readonly #lanes: ClusterLanes;
  readonly #guests: GuestList;
  readonly #rules: () => readonly PolicyRule[];
  #clockOffset: number | undefined;
  readonly #closing = new AbortController();
  /** Each may still need the connections, to try again. */
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(config: ClusterConfig, dependencies: ClientDependencies) {
    this.config = config;
    this.#transport = dependencies.transport;
    this.#clock = dependencies.clock;
    this.#guests = new GuestList(this.#clock);
    this.#rules = dependencies.rules ?? (() => config.policy ?? []);
    this.#log = dependencies.log;
    const random = dependencies.random ?? systemRandom;
    this.#connection = dependencies.connection ?? new Connection(config.apiUrls, this.#clock, random);
    this.#lanes = dependencies.lanes ?? new ClusterLanes();
    const ping = (address: string) => this.#ping(address);
    this.#delivery = new Delivery(this.#connection, this.#clock, random, ping, this.#lanes.requests);
  }

  /** What is known of the way to the cluster; nothing is asked. */
  connection(): ConnectionState {
    return this.#connection.state();
  }

  /** How far the server's clock is ahead of ours, in milliseconds, by its last answer. */
  get clockOffset(): number | undefined {
    return this.#clockOffset;
  }

  /** Asks a cluster that is left alone after failures whether it answers again, without waiting until that is due. */
  reopen(signal?: AbortSignal): Promise<void> {
    return this.#delivery.reopen(signal);
  }

  /**
   * Sends one request and gives its data, checked against the endpoint's schema.
   * @param params query of a GET or DELETE, form of a POST or PUT
   * @throws {PathValueError} {@link PolicyError} before anything is sent
   * @throws {ApiError} for an error status, one class a status
   * @throws {ConnectionError} when there is no answer; {@link BreakerOpenError} when it was not asked for
   * @throws {BadAnswerError} when the answer is not what the route gives
   */
  async send<R extends Route, S extends z.ZodType>(
    endpoint: Endpoint<R, S>,
    path: PathValues<R>,
    params: Params = {},
    signal?: AbortSignal,
  ): Promise<Answer<z.output<S>>> {
    const method = methodOf(endpoint.route);
    const pathname = expandPath(endpoint.route, path);
    const encoded = encodeParams(params);
    const inQuery = method === 'GET' || method === 'DELETE';
    const facts = { cluster: this.config.name, method, path: pathname };
    const target = inQuery && encoded !== '' ? `${pathname}?${encoded}` : pathname;
    const body = inQuery ? undefined : encoded;
    return this.#ask(endpoint, { facts, method, target, params, body, signal });
  }

  /**
   * Sends one file with its form, as a stream; it may take as long as it moves.
   * @throws as {@link send}, and {@link UploadSourceError} when the file cannot be read to its end
   */
  async upload<R extends Route, S extends z.ZodType>(
    endpoint: UploadEndpoint<R, S>,
    path: PathValues<R>,
    params: Params,
    file: UploadFile,
    signal?: AbortSignal,
  ): Promise<Answer<z.output<S>>> {
    const method = methodOf(endpoint.route);
    const target = expandPath(endpoint.route, path);
    const facts = { cluster: this.config.name, method, path: target };
    const outgoing = { facts, method, target, params, body: multipartBody(params, file), signal };
    return this.#lanes.uploads.through(signal, () => this.#ask(endpoint, outgoing));
  }

  /**
   * Whether the rules of the cluster allow a request; it is not sent.
   * @throws {PathValueError} {@link PolicyError}
   */
  async permit<R extends Route>(
    { route }: Pick<Endpoint<R>, 'route'>,
    path: PathValues<R>,
    params: Params = {},
    signal?: AbortSignal,
  ): Promise<void> {
    const facts = { cluster: this.config.name, method: methodOf(route), path: expandPath(route, path) };
    await this.#permit(facts, params, signal);
  }

  async #permit(facts: RequestFacts, params: Params, signal: AbortSignal | undefined): Promise<void> {
    const ask = async () => (await this.send(guestResources, {}, { type: 'vm' }, signal)).data;
    await permit(this.#rules(), facts, params, () => this.#guests.read(facts.method !== 'GET', ask));
  }

  async #ask<S extends z.ZodType>(endpoint: Endpoint<Route, S>, outgoing: Outgoing): Promise<Answer<z.output<S>>> {
    const envelope = await this.#deliver(outgoing);
    const strict = endpoint.data.safeParse(envelope.data);
    // An optional field comes as null from some plugins; taking nulls out of every answer would cost more than this.
    const parsed = strict.success ? strict : endpoint.data.safeParse(withoutNulls(envelope.data));
    if (!parsed.success) throw new BadAnswerError(outgoing.facts, firstIssue(parsed.error));
    return { ...envelope, data: parsed.data };
  }

  /** Waits for what is in flight, then lets go of the connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    await this.#transport.close();
  }

  async #deliver(outgoing: Outgoing): Promise<Answer<unknown>> {
    const delivery = this.#deliverPermitted(outgoing);
    this.#underWay.add(delivery);
    try {
      return await delivery;
    } finally {
      this.#underWay.delete(delivery);
    }
  }

  async #deliverPermitted(outgoing: Outgoing): Promise<Answer<unknown>> {
    const { facts, method, params, signal } = outgoing;
    if (this.#rules().length > 0) await this.#permit(facts, params, signal);
    return this.#delivery.deliver({ facts, method, signal, sendTo: (address) => this.#attempt(outgoing, address) });
  }

  #ping(address: string): Promise<unknown> {
    const facts = { cluster: this.config.name, method: 'GET', path: '/version' };
    const { signal } = this.#closing;
    const request = {
      facts,
      method: 'GET',
      target: '/version',
      params: {},
      body: undefined,
      signal,
      isProbe: true,
    } as const;
    return this.#attempt(request, address);
  }

  async #attempt(outgoing: Outgoing, address: string): Promise<Answer<unknown>> {
    const { facts, method, body } = outgoing;
    const began = this.#clock.now();
    const isUpload = typeof body === 'object';
    const seconds = outgoing.isProbe ? probeSeconds : isUpload ? idleSeconds : answerSeconds[method];
    const patience = this.#patience(isUpload, seconds * 1000);
    const timeout = patience.signal;
    try {
      const reply = await this.#transport.fetch(`${address}/api2/json${outgoing.target}`, {
        method,
        headers: this.#headers(body),
        ...(body === undefined ? {} : { body: isUpload ? body.open(patience.moved) : body }),
        signal: outgoing.signal === undefined ? timeout : AbortSignal.any([outgoing.signal, timeout]),
        redirect: 'manual',
        ...(outgoing.isProbe ? { apart: true } : {}),
      });
      const text = await reply.text();
      const ms = this.#clock.now() - began;
      this.#setClockBy(reply.date);
      this.#log.debug({ ...facts, status: reply.status, ms }, 'request');
      if (reply.status === 200) return readEnvelope(facts, text);
      throw errorOf(facts, reply.status, reply.statusText, text);
    } catch (error) {
      if (outgoing.signal?.aborted) throw outgoing.signal.reason;
      if (timeout.aborted) throw new AnswerTimeoutError(facts, address, seconds);
      throw connectionErrorOf(facts, address, error);
    } finally {
      patience.end();
    }
  }

  #setClockBy(date: string | undefined): void {
    const time = Date.parse(date ?? '');
    if (!Number.isNaN(time)) this.#clockOffset = time - this.#clock.now();
  }

  /** An upload may take as long as it moves, anything else no longer than this in all. */
  #patience(isUpload: boolean, ms: number): Patience {
    if (isUpload) return idleTimeout(this.#clock, ms);
    return { signal: this.#clock.timeout(ms), moved: () => {}, end: () => {} };
  }

  #headers(body: Outgoing['body']): Record<string, string> {
    const { tokenId, tokenSecret } = this.config;
    return {
      authorization: `PVEAPIToken=${tokenId}=${tokenSecret}`,
      accept: 'application/json',
      ...contentHeaders(body),
    };
  }
}

function contentHeaders(body: Outgoing['body']): Record<string, string> {
  if (body === undefined) return {};
  if (typeof body === 'string') return { 'content-type': 'application/x-www-form-urlencoded' };
  return { 'content-type': body.type, 'content-length': String(body.length) };
}

function connectionErrorOf(facts: RequestFacts, address: string, error: unknown): unknown {
  const cause = rootCause(error);
  if (cause instanceof UnacceptedCertificate)
    return new CertificateError(facts, address, cause.code, cause.fingerprint, cause);
  if (error instanceof ProxmoxError || !(cause instanceof Error)) return error;
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  const connecting = 'syscall' in cause && typeof cause.syscall === 'string' && connectCalls.has(cause.syscall);
  const sent = !(connecting || closedCodes.has(code) || code === 'UND_ERR_CONNECT_TIMEOUT' || isUnconnected(error));
  return new ConnectionError(facts, address, code, sent, `${address} cannot be reached: ${code}`, cause);
}

const isUnconnected = (error: unknown): boolean =>
  error instanceof NotConnected || (error instanceof Error && isUnconnected(error.cause));

/** The platform's `fetch` wraps what happened in a `TypeError`; several addresses of one name come as an `AggregateError`. */
function rootCause(error: unknown): unknown {
  if (error instanceof AggregateError) return rootCause(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error ? rootCause(error.cause) : error;
}
