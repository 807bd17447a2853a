import type { Tool } from '../tools/define.js';

/** How many calls may be under way. */
interface Most {
  readonly calls: number;
  /** Of those, the ones that may wait for tasks for long: what is left is for reads alone. */
  readonly waits: number;
}

export const inAll: Most = { calls: 256, waits: 192 };
const each: Most = { calls: 64, waits: 48 };

/** How many calls are under way: by their cluster, and in all by the name of none. */
export type UnderWay = Map<string, { calls: number; waits: number }>;

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

const all = '';
/** Tools that see to several clusters by themselves. */
export const several = 'several clusters';

/** Counts the calls that are under way, in all and on each cluster, so that a flood is refused and one cluster's starves no other. */
export class Places {
  readonly #underWay: UnderWay | undefined;

  /** @param underWay shared with whoever calls beside; without it, nothing is refused */
  constructor(underWay?: UnderWay) {
    this.#underWay = underWay;
  }

  /** @throws {BusyError} before anything is done */
  inAll<T>(tool: Tool, call: () => Promise<T>): Promise<T> {
    return this.#counted(all, inAll, tool, call);
  }

  /**
   * What a call does on one cluster. A tool that sees to several by itself has places of its own; what sends nothing needs none.
   * @throws {BusyError} before anything is done there
   */
  on<T>(cluster: string, tool: Tool, call: () => Promise<T>): Promise<T> {
    if (tool.scope === 'configuration') return call();
    return this.#counted(tool.scope === 'across' ? several : cluster, each, tool, call);
  }

  async #counted<T>(where: string, most: Most, tool: Tool, call: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay;
    if (underWay === undefined) return call();
    const taken = underWay.get(where) ?? { calls: 0, waits: 0 };
    const waits = mayWait(tool) ? 1 : 0;
    refuse(where, taken, most, waits > 0);
    underWay.set(where, taken);
    taken.calls += 1;
    taken.waits += waits;
    try {
      return await call();
    } finally {
      taken.calls -= 1;
      taken.waits -= waits;
      if (taken.calls === 0) underWay.delete(where);
    }
  }
}

function refuse(where: string, taken: Most, most: Most, isWait: boolean): void {
  const name = where === all ? undefined : where;
  if (taken.calls >= most.calls) throw new BusyError(name, { underWay: taken.calls, most: most.calls, isWait: false });
  if (isWait && taken.waits >= most.waits)
    throw new BusyError(name, { underWay: taken.waits, most: most.waits, isWait: true });
}
