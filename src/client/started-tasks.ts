import { ApiError } from '../pve/errors.js';

/** What is known of tasks that writes of ours have started, over all calls. */
export class StartedTasks {
  readonly #upids = new Set<string>();
  readonly #unanswered = new Map<string, Set<{ isShared: boolean }>>();

  add(cluster: string, upid: string): void {
    const [oldest] = this.#upids;
    if (this.#upids.size >= 2000 && oldest !== undefined) this.#upids.delete(oldest);
    this.#upids.add(`${cluster} ${upid}`);
  }

  has(cluster: string, upid: string): boolean {
    return this.#upids.has(`${cluster} ${upid}`);
  }

  /**
   * Runs a write whose task is not known yet.
   * @param like writes of one such name could be taken for each other
   * @param write is given a look whether another could have started the same task: it has no answer yet, or got none
   */
  async starting<T>(like: string, write: (isShared: () => boolean) => Promise<T>): Promise<T> {
    const mine = { isShared: false };
    const all = this.#unanswered.get(like) ?? new Set();
    this.#unanswered.set(like, all.add(mine));
    try {
      return await write(() => mine.isShared || all.size > 1);
    } catch (error) {
      // What the server refused has started none.
      if (!(error instanceof ApiError)) for (const other of all) other.isShared = true;
      throw error;
    } finally {
      all.delete(mine);
      if (all.size === 0) this.#unanswered.delete(like);
    }
  }
}
