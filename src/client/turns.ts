/** Work that must not run at once, by key; different keys do not wait for each other. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #tasks = new Map<string, string>();

  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.catch(() => undefined);
    this.#last.set(key, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }

  /** As `take`, for what starts a task: the next one's turn comes when that task is `over`, whoever waited for it. */
  startTask<T extends { readonly upid: string }>(
    key: string,
    over: (upid: string) => Promise<void>,
    start: () => Promise<T>,
  ): Promise<T> {
    return this.take(key, async () => {
      const before = this.#tasks.get(key);
      if (before !== undefined) await over(before);
      this.#tasks.delete(key);
      const started = await start();
      this.#tasks.set(key, started.upid);
      return started;
    });
  }
}
