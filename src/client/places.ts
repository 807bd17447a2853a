import type { Tool } from '../tools/define.js';

/** How many calls may be under way. */
interface Most {
  readonly calls: number;
  /** Of those, the ones that may wait for tasks for long: what is left is for reads alone. */
  readonly waits: number;
}

/** What the server holds, and what one cluster may hold of it. */
export interface Limits {
  readonly inAll: Most;
  readonly each: Most;
}

export const serverLimits: Limits = {
  inAll: { calls: 256, waits: 192 },
  each: { calls: 64, waits: 48 },
};

/** So many calls are under way that this one was not begun. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
  /** Where there are so many; none where it is the server as a whole. */
  readonly where: string | undefined;
  readonly underWay: number;
  readonly most: number;
  /** Whether it is only writes and waits that there are too many of. */
  readonly isWait: boolean;
  constructor(where: string | undefined, { underWay, most, isWait }: Omit<BusyError, keyof Error | 'where'>) {
    super(`${underWay} calls are under way`);
    this.where = where;
    this.underWay = underWay;
    this.most = most;
    this.isWait = isWait;
  }
}

/** Waits for a task, or may. */
const mayWait = (tool: Tool) => tool.effect !== 'read' || 'timeout' in tool.input;

const several = 'several clusters';

/** Counts the calls that are under way, in all and on each cluster, so that a flood is refused and one cluster's starves no other. */
export class Places {
  readonly #limits: Limits | undefined;
  readonly #inAll = { calls: 0, waits: 0 };
  readonly #each = new Map<string, { calls: number; waits: number }>();

  /** @param limits none: whoever calls knows what he does */
  constructor(limits?: Limits) {
    this.#limits = limits;
  }

  /** @throws {BusyError} before anything is done */
  inAll<T>(tool: Tool, call: () => Promise<T>): Promise<T> {
    return this.#count(this.#inAll, this.#limits?.inAll, undefined, tool, call);
  }

  /**
   * What a call does on one cluster. A tool that sees to several by itself has places of its own; what sends nothing needs none.
   * @throws {BusyError} before anything is done there
   */
  async on<T>(cluster: string, tool: Tool, call: () => Promise<T>): Promise<T> {
    if (tool.scope === 'configuration') return call();
    const where = tool.scope === 'across' ? several : cluster;
    const taken = this.#each.get(where) ?? { calls: 0, waits: 0 };
    this.#each.set(where, taken);
    try {
      return await this.#count(taken, this.#limits?.each, where, tool, call);
    } finally {
      if (taken.calls === 0) this.#each.delete(where);
    }
  }

  async #count<T>(
    taken: { calls: number; waits: number },
    most: Most | undefined,
    where: string | undefined,
    tool: Tool,
    call: () => Promise<T>,
  ): Promise<T> {
    const waits = mayWait(tool) ? 1 : 0;
    if (most !== undefined) {
      if (taken.calls >= most.calls)
        throw new BusyError(where, { underWay: taken.calls, most: most.calls, isWait: false });
      if (waits > 0 && taken.waits >= most.waits)
        throw new BusyError(where, { underWay: taken.waits, most: most.waits, isWait: true });
    }
    taken.calls += 1;
    taken.waits += waits;
    try {
      return await call();
    } finally {
      taken.calls -= 1;
      taken.waits -= waits;
    }
  }
}
