/**
 * Room for so many at a time in each of several places, such as storages: a queue is taken up once all the places that
 * it needs have room, and one that has to wait holds up no other.
 */
export class Lanes {
  readonly #most: number;
  readonly #needs: readonly (readonly string[])[];
  readonly #busy = new Map<string, number>();
  #left: () => void = () => {};
  #someLeft = this.#next();

  /**
   * @param needs of each queue, the places
   * @param most queues that are under way in one place
   */
  constructor(needs: readonly (readonly string[])[], most: number) {
    this.#needs = needs;
    this.#most = most;
  }

  /** The queues with their places in line, each once, however many draw from it. */
  async *entries<T>(queues: readonly T[]): AsyncGenerator<[number, T]> {
    const waiting = new Map(queues.entries());
    while (waiting.size > 0) {
      const free = [...waiting].find(([index]) => this.#hasRoom(index));
      if (free === undefined) {
        await this.#someLeft;
        continue;
      }
      waiting.delete(free[0]);
      for (const lane of this.#of(free[0])) this.#busy.set(lane, (this.#busy.get(lane) ?? 0) + 1);
      yield free;
    }
  }

  /** A queue is done with. */
  leave(index: number): void {
    for (const lane of this.#of(index)) this.#busy.set(lane, (this.#busy.get(lane) ?? 1) - 1);
    const left = this.#left;
    this.#someLeft = this.#next();
    left();
  }

  #of = (index: number) => this.#needs[index] ?? [];

  #hasRoom = (index: number) => this.#of(index).every((lane) => (this.#busy.get(lane) ?? 0) < this.#most);

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#left = resolve;
    });
  }
}
