/** Tasks that are known to belong to other writes, of all calls. */
export class StartedTasks {
  readonly #upids = new Set<string>();

  add(cluster: string, upid: string): void {
    const [oldest] = this.#upids;
    if (this.#upids.size >= 2000 && oldest !== undefined) this.#upids.delete(oldest);
    this.#upids.add(`${cluster} ${upid}`);
  }

  has(cluster: string, upid: string): boolean {
    return this.#upids.has(`${cluster} ${upid}`);
  }
}
