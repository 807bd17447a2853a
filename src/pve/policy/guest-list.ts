import type { Clock } from '../clock.js';
import type { GuestResource } from '../resources.js';

/** Milliseconds for which a list does for reads: each would else cost two requests. */
const recent = 5000;

/** The guests of a cluster, as rules need them: of a write as they are right before it. */
export class GuestList {
  readonly #clock: Clock;
  #last: { readonly at: number; readonly guests: readonly GuestResource[] } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(isWrite: boolean, ask: () => Promise<readonly GuestResource[]>): Promise<readonly GuestResource[]> {
    const at = this.#clock.now();
    if (!isWrite && this.#last !== undefined && at - this.#last.at < recent) return this.#last.guests;
    const guests = await ask();
    this.#last = { at, guests };
    return guests;
  }
}
