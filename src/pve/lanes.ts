/** A place in which one request is under way. */
export interface Lane {
  /** Whether it had to wait for it. */
  readonly waited: boolean;
  leave(): void;
}

/** So many things at once and no more; the others wait in line, first come, first served. */
export class Lanes {
  #free: number;
  readonly #line = new Set<() => void>();

  constructor(most: number) {
    this.#free = most;
  }

  /** Rejects with the signal's reason once that is aborted, and is then out of the line. */
  async enter(signal?: AbortSignal): Promise<Lane> {
    signal?.throwIfAborted();
    const waited = this.#free === 0;
    if (waited) await this.#turn(signal);
    else this.#free -= 1;
    return { waited, leave: () => this.#leave() };
  }

  async through<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const lane = await this.enter(signal);
    try {
      return await work();
    } finally {
      lane.leave();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#line.delete(go);
        reject(signal?.reason);
      };
      const go = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      this.#line.add(go);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  /** A lane that is left goes to the next in the line. */
  #leave(): void {
    const [next] = this.#line;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#line.delete(next);
    next();
  }
}

/** What one cluster is asked at once: seven requests, and the eighth lane is the probe's. */
export class ClusterLanes {
  readonly requests = new Lanes(7);
  /** Each may take hours, and reads are to pass by them. */
  readonly uploads = new Lanes(4);
}

/**
 * Those of every cluster, by its addresses: they outlast configurations and clients, so that an old and a new one share
 * them, and so do two names of one cluster.
 */
export type AllLanes = Map<string, ClusterLanes>;

export function lanesOf(apiUrls: readonly string[], all: AllLanes): ClusterLanes {
  const key = [...apiUrls].sort().join(' ');
  const known = all.get(key) ?? new ClusterLanes();
  all.set(key, known);
  return known;
}
