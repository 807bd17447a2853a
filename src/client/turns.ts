import { joined } from '../pve/joined.js';

/** Work that must not run at once, by key; different keys do not wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, number>();
  readonly #tasks = new Map<string, string>();

  /** @param signal once it is aborted, the turn is not waited for, and goes by without the work */
  async take<T>(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    this.#waiting.set(key, this.waiting(key) + 1);
    try {
      await joined(before, signal);
    } finally {
      this.#leave(key);
    }
    return mine;
  }

  /** How many wait for their turn. */
  waiting(key: string): number {
    return this.#waiting.get(key) ?? 0;
  }

  #leave(key: string): void {
    const left = this.waiting(key) - 1;
    if (left > 0) this.#waiting.set(key, left);
    else this.#waiting.delete(key);
  }

  /** As `take`, for what starts a task: the next one's turn comes when that task is `over`, whoever waited for it. */
  startTask<T extends { readonly upid: string }>(
    key: string,
    over: (upid: string) => Promise<void>,
    start: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const inTurn = async () => {
      const before = this.#tasks.get(key);
      if (before !== undefined) await over(before);
      this.#tasks.delete(key);
      const started = await start();
      this.#tasks.set(key, started.upid);
      return started;
    };
    return this.take(key, inTurn, signal);
  }
}
