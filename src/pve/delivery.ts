import { type Random, retryPause } from './back-off.js';
import type { Clock } from './clock.js';
import type { Connection } from './connection.js';
import {
  AnswerTimeoutError,
  ApiError,
  CertificateError,
  ConnectionError,
  closedCodes,
  ForeignAnswerError,
  NodeTimeoutError,
  NodeUnreachableError,
  type RequestFacts,
  StaleProxyError,
} from './errors.js';
import { joined } from './joined.js';
import type { Lanes } from './lanes.js';
import type { Method } from './route.js';

/** One request, and how it is sent to an address. */
export interface Parcel<T> {
  readonly facts: RequestFacts;
  readonly method: Method;
  readonly signal: AbortSignal | undefined;
  /** Of a file, which is opened anew for each try. */
  readonly sendTo: (address: string) => Promise<T>;
}

const mostTries = 3;
/** A try that would begin later than this after the first is not made: whoever waits would give up before its answer. */
const retryWithinMs = 20_000;
/** The server goes on for a while with what is given up here: else who calls and cancels could have it do any number of things at once. */
const givenUpMs = 1000;

/** Brings requests to a cluster: chooses the address, learns from what happens there, and tries again where that is safe. */
export class Delivery {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Asks an address for the least that it can answer. */
  readonly #ping: (address: string) => Promise<unknown>;
  readonly #lanes: Lanes;

  /** @param lanes what goes on in the cluster at once */
  constructor(
    connection: Connection,
    clock: Clock,
    random: Random,
    ping: (address: string) => Promise<unknown>,
    lanes: Lanes,
  ) {
    this.#lanes = lanes;
    this.#connection = connection;
    this.#clock = clock;
    this.#random = random;
    this.#ping = ping;
  }

  /**
   * A read is sent up to three times; a write again only where it surely did not run.
   * @throws {BreakerOpenError} at once while the cluster is left alone
   */
  async deliver<T>(parcel: Parcel<T>): Promise<T> {
    await this.#admit(parcel);
    const { signal, sendTo } = parcel;
    const tried = new Set<string>();
    let began: number | undefined;
    for (let tries = 1; ; tries += 1) {
      const { address, failure } = await this.#inLane(parcel, tried, sendTo);
      if ('answer' in failure) return failure.answer;
      const { error } = failure;
      signal?.throwIfAborted();
      tried.add(address);
      began ??= failure.began;
      const late = this.#clock.now() - began > retryWithinMs;
      if (this.#connection.isOpen || !this.#isWorthwhile(error, parcel.method, tries, late, tried)) throw error;
      // pveproxy refuses connections for a moment while it restarts.
      const isFresh = error instanceof ConnectionError && this.#connection.addresses.hasOther(tried);
      if (!isFresh) await this.#clock.sleep(retryPause(tries, this.#random), signal);
    }
  }

  /** One try, which may have to wait until others are over; what was learnt meanwhile counts for it. */
  async #inLane<T>(parcel: Parcel<T>, tried: ReadonlySet<string>, sendTo: Parcel<T>['sendTo']) {
    const { signal } = parcel;
    const lane = await this.#lanes.enter(signal);
    let isGivenUp = false;
    try {
      if (lane.waited) await this.#admit(parcel);
      const address = this.#connection.addresses.choose(tried);
      const failure = await this.#try(address, sendTo);
      isGivenUp = 'error' in failure && (signal?.aborted === true || failure.error instanceof AnswerTimeoutError);
      return { address, failure };
    } finally {
      if (isGivenUp) void this.#clock.sleep(givenUpMs).finally(() => lane.leave());
      else lane.leave();
    }
  }

  /** Finds out whether a cluster that is left alone answers again, whenever the next probe is due. */
  async reopen(signal: AbortSignal | undefined): Promise<void> {
    const { probing, addresses, urls } = this.#connection;
    // One that began before may have met what is over now.
    if (probing !== undefined && addresses.allBad) await joined(probing, signal);
    if (this.#connection.isOpen) await joined(this.#probe(urls), signal);
  }

  async #admit({ facts, signal }: Parcel<unknown>): Promise<void> {
    const connection = this.#connection;
    const due = connection.due();
    if (!connection.isOpen && !connection.addresses.allBad) {
      if (due !== undefined) void this.#probe([due]);
      return;
    }
    if (connection.probing !== undefined) await joined(connection.probing, signal);
    else if (connection.isOpen && due !== undefined) await joined(this.#probe([due]), signal);
    if (connection.isOpen) throw connection.refusal(facts);
  }

  async #try<T>(
    address: string,
    sendTo: Parcel<T>['sendTo'],
  ): Promise<{ answer: T } | { error: unknown; began: number }> {
    const began = this.#clock.now();
    try {
      const answer = await sendTo(address);
      this.#connection.answered(address, this.#clock.now() - began);
      return { answer };
    } catch (error) {
      this.#learn(address, began, error);
      // It may be this call alone that takes so long.
      if (isSilent(error)) void this.#probe([address]);
      return { error, began };
    }
  }

  #learn(address: string, began: number, error: unknown, isProbe = false): void {
    if (isNoAnswer(error)) {
      const code = error instanceof ConnectionError ? error.code : 'BAD_ANSWER';
      this.#connection.failed(address, began, { code, message: error.message }, isProbe);
    } else if (error instanceof ApiError || error instanceof CertificateError) this.#connection.answered(address);
  }

  /** One address after the other, until one answers. */
  #probe(addresses: readonly string[]): Promise<void> {
    return this.#connection.probe(async () => {
      for (const address of addresses) {
        const began = this.#clock.now();
        try {
          await this.#ping(address);
          return this.#connection.answered(address, this.#clock.now() - began);
        } catch (error) {
          this.#learn(address, began, error, true);
          if (!this.#connection.isOpen) return;
        }
      }
    });
  }

  #isWorthwhile(error: unknown, method: Method, tries: number, late: boolean, tried: ReadonlySet<string>): boolean {
    const { addresses } = this.#connection;
    if (error instanceof CertificateError || (error instanceof ConnectionError && closedCodes.has(error.code)))
      return false;
    if (error instanceof AnswerTimeoutError) return method === 'GET' && tries === 1 && addresses.hasOther(tried);
    if (late) return false;
    if (isSilent(error)) return tried.size < addresses.count;
    if (error instanceof ConnectionError && !error.sent) return tries < Math.max(mostTries, addresses.count);
    if (tries >= mostTries) return false;
    if (error instanceof NodeUnreachableError) return true;
    if (method !== 'GET') return false;
    return isPassing(error) || (isNoAnswer(error) && tried.size < addresses.count);
  }
}

/** The connection's fault, or that of something in front of the server; Proxmox VE itself knows no 502, 503 and 504. */
const isNoAnswer = (error: unknown): error is Error =>
  (error instanceof ConnectionError && !(error instanceof CertificateError) && !closedCodes.has(error.code)) ||
  error instanceof ForeignAnswerError ||
  (error instanceof ApiError && [502, 503, 504].includes(error.status));

/** Nothing came within the time: asking the same again would take as long. */
const isSilent = (error: unknown) =>
  error instanceof AnswerTimeoutError || (error instanceof ConnectionError && error.code === 'UND_ERR_CONNECT_TIMEOUT');

/** 596, 597 and 599 tell of the way inside the cluster. */
const isPassing = (error: unknown) =>
  error instanceof ConnectionError ||
  error instanceof NodeTimeoutError ||
  error instanceof StaleProxyError ||
  (error instanceof ApiError && error.status === 597);
