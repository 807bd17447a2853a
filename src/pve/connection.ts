import { Addresses } from './addresses.js';
import type { Random } from './back-off.js';
import type { Clock } from './clock.js';
import type { ConnectionState } from './connection-state.js';
import { BreakerOpenError, type RequestFacts } from './errors.js';

/** Why a try at an address failed. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Failures on end after which a cluster is left alone, and how long ago the first of them is then at least: a restart is over before. */
const failuresToOpen = 5;
const failingMs = 3000;

/**
 * What is known of the way to one cluster: its addresses, and a breaker. It opens when no address is good and either so
 * many tries on end have failed, for a while, or a probe has; then calls fail at once, and one probe at a time, by a call that comes
 * when one is due, finds out whether that can end. It outlives the clients of the cluster.
 */
export class Connection {
  readonly urls: readonly string[];
  readonly #addresses: Addresses;
  readonly #clock: Clock;
  #open = false;
  #since: number;
  #failures = 0;
  #failingSince = 0;
  #lastError: (Failure & { readonly at: number; readonly address: string }) | undefined;
  #latencyMs: number | undefined;
  #probing: Promise<void> | undefined;

  constructor(urls: readonly string[], clock: Clock, random: Random) {
    this.urls = urls;
    this.#clock = clock;
    this.#since = clock.now();
    this.#addresses = new Addresses(urls, clock.now(), random);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get addresses(): Pick<Addresses, 'count' | 'allBad' | 'choose' | 'hasOther'> {
    return this.#addresses;
  }

  /** The probe that is under way. */
  get probing(): Promise<void> | undefined {
    return this.#probing;
  }

  /** The address that may be probed now: none while a probe is under way. */
  due(): string | undefined {
    return this.#probing === undefined ? this.#addresses.due(this.#clock.now()) : undefined;
  }

  /** An answer of Proxmox VE, be it a refusal. `latencyMs`: of a good one. */
  answered(url: string, latencyMs?: number): void {
    const now = this.#clock.now();
    this.#addresses.answered(url, now, latencyMs);
    if (latencyMs !== undefined) this.#latencyMs = latencyMs;
    this.#failures = 0;
    if (!this.#open) return;
    this.#open = false;
    this.#since = now;
  }

  /** @param began when the try began */
  failed(url: string, began: number, { code, message }: Failure, isProbe = false): void {
    const now = this.#clock.now();
    if (!this.#addresses.failed(url, began, now, message)) return;
    this.#lastError = { at: now, code, message, address: url };
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    const again = this.#failures >= failuresToOpen && now - this.#failingSince >= failingMs;
    if (this.#open || !this.#addresses.allBad || !(isProbe || again)) return;
    this.#open = true;
    this.#since = now;
  }

  /** Runs a probe, or joins the one that is under way. It never rejects. */
  probe(run: () => Promise<void>): Promise<void> {
    this.#probing ??= run()
      .catch(() => undefined)
      .finally(() => {
        this.#probing = undefined;
      });
    return this.#probing;
  }

  /** What a call is told that is not sent. */
  refusal(facts: RequestFacts): BreakerOpenError {
    const now = this.#clock.now();
    const { code = '', message = '', at = now, address = '' } = this.#lastError ?? {};
    return new BreakerOpenError(facts, address, code, {
      reason: message,
      since: this.#since,
      failedAt: at,
      nextProbe: Math.max(now, this.#addresses.nextProbe ?? now),
      now,
    });
  }

  state(): ConnectionState {
    const { nextProbe } = this.#addresses;
    const last = this.#lastError;
    return {
      state: !this.#open ? 'closed' : this.#probing === undefined ? 'open' : 'probing',
      since: this.#since,
      ...(last === undefined ? {} : { lastError: { at: last.at, message: last.message, code: last.code } }),
      ...(this.#open && nextProbe !== undefined ? { nextProbe } : {}),
      ...(this.#latencyMs === undefined ? {} : { latencyMs: this.#latencyMs }),
      endpoints: this.#addresses.states(),
    };
  }
}
