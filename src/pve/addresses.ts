import { backOff, type Random } from './back-off.js';
import type { EndpointState } from './connection-state.js';

interface Address {
  readonly url: string;
  state: 'up' | 'bad' | 'untried';
  since: number;
  failures: number;
  failedAt: number;
  answeredAt: number;
  lastError?: string;
  nextProbe: number;
  latencyMs?: number;
}

/** The addresses of one cluster: which is asked next, and which are left alone until when. */
export class Addresses {
  readonly #all: readonly Address[];
  readonly #random: Random;
  #current = 0;

  constructor(urls: readonly string[], now: number, random: Random) {
    const never = Number.NEGATIVE_INFINITY;
    this.#all = urls.map((url) => ({
      url,
      state: 'untried',
      since: now,
      failures: 0,
      failedAt: never,
      answeredAt: never,
      nextProbe: never,
    }));
    this.#random = random;
  }

  get count(): number {
    return this.#all.length;
  }

  get allBad(): boolean {
    return this.#all.every(({ state }) => state === 'bad');
  }

  /**
   * The address for a request: the one that was good last, then the others that are not bad, then the bad ones, the one
   * that failed longest ago first; of each kind those before where it was not tried yet.
   */
  choose(tried: ReadonlySet<string>): string {
    const turn = (address: Address) =>
      (this.#all.indexOf(address) - this.#current + this.#all.length) % this.#all.length;
    const rank = (address: Address) => (address.state === 'bad' ? 2 : 0) + (tried.has(address.url) ? 1 : 0);
    const order = (a: Address, b: Address) =>
      rank(a) - rank(b) || (a.state === 'bad' ? a.failedAt - b.failedAt : 0) || turn(a) - turn(b);
    return [...this.#all].sort(order)[0]?.url ?? '';
  }

  /** Whether there is one that is not bad and was not tried. */
  hasOther(tried: ReadonlySet<string>): boolean {
    return this.#all.some(({ url, state }) => state !== 'bad' && !tried.has(url));
  }

  answered(url: string, now: number, latencyMs?: number): void {
    const address = this.#find(url);
    if (address === undefined) return;
    if (address.state !== 'up') address.since = now;
    // One that came back waits until the present one fails.
    if (this.#all[this.#current]?.state === 'bad') this.#current = this.#all.indexOf(address);
    address.state = 'up';
    address.failures = 0;
    address.answeredAt = now;
    if (latencyMs !== undefined) address.latencyMs = latencyMs;
  }

  /**
   * Makes the wait longer only where it was over: one that is asked all the same, as no other is good, may fail often.
   * @param began when the request was sent: of many that fail at one time only the first counts, and one that began
   * before the last good answer says nothing new
   * @returns whether it counted
   */
  failed(url: string, began: number, now: number, reason: string): boolean {
    const address = this.#find(url);
    if (address === undefined || began < address.failedAt || began < address.answeredAt) return false;
    address.failedAt = now;
    address.lastError = reason;
    if (address.state === 'bad' && now < address.nextProbe) return true;
    if (address.state !== 'bad') address.since = now;
    address.state = 'bad';
    address.failures += 1;
    address.nextProbe = now + backOff(address.failures, this.#random);
    return true;
  }

  /** The bad address that may be asked again now, the longest due first. */
  due(now: number): string | undefined {
    const [first] = this.#bad();
    return first !== undefined && first.nextProbe <= now ? first.url : undefined;
  }

  /** When the first of the bad ones may be asked again. */
  get nextProbe(): number | undefined {
    return this.#bad()[0]?.nextProbe;
  }

  states(): EndpointState[] {
    return this.#all.map(({ url, state, since, lastError, nextProbe, latencyMs }) => ({
      url,
      state,
      since,
      ...(lastError === undefined ? {} : { lastError }),
      ...(state === 'bad' ? { nextProbe } : {}),
      ...(latencyMs === undefined ? {} : { latencyMs }),
    }));
  }

  #bad(): Address[] {
    return this.#all.filter(({ state }) => state === 'bad').sort((a, b) => a.nextProbe - b.nextProbe);
  }

  #find(url: string): Address | undefined {
    return this.#all.find((address) => address.url === url);
  }
}
