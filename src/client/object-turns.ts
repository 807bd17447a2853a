import type { Clock } from '../pve/clock.js';
import { firstOf } from '../pve/first-of.js';
import { methodOf, type Route } from '../pve/route.js';
import { parseUpid } from '../pve/upid.js';
import type { Calls, Side } from '../tools/define.js';
import type { Scope } from '../tools/scope.js';
import type { Turns } from './turns.js';

const ofGuest = /^\/nodes\/[^/]+\/[^/]+\/([^/]+)\/(?:config|pending|resize|move_disk|move_volume|unlink)$/;
const ofOthers =
  /^(?:.*\/firewall(?=\/)|\/storage|\/nodes\/[^/]+\/(?:config|dns|hosts|network)|\/cluster\/(?:backup|ha|mapping|metrics|notifications|options|replication|sdn))(?=\/|$)/;

/** The file of a cluster's configuration that a path is of, where two changes of it at once spoil each other. */
function objectOf(path: string): string | undefined {
  const guest = ofGuest.exec(path)?.[1];
  return guest === undefined ? ofOthers.exec(path)?.[0] : `guest ${guest}`;
}

const templateOf = (route: Route) => objectOf(route.slice(route.indexOf(' ') + 1));

/** Their end is the change of the configuration. */
const changesConfig = new Set(['qmconfig', 'resize']);

/** Milliseconds that who has a turn waits for another one: two such could wait for each other. */
const waitsBeside = 10_000;

/** The requests of a tool to one cluster, as they concern whose turn it is. */
export interface TurnsOfCalls {
  beforeRead(route: Route, path: string): Promise<void>;
  afterWrite(path: string): void;
}

/**
 * What one call is about to change. It reads that, and sends its change with the digest that it read; so that no other
 * call of this process makes the digest an old one between the two, those that change the same take turns.
 */
export class ObjectTurns {
  readonly #turns: Turns;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #held = new Map<string, Promise<() => void>>();

  constructor({ turns, clock }: { readonly turns: Turns; readonly clock: Clock }, signal: AbortSignal | undefined) {
    this.#turns = turns;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** A turn begins when a tool reads what it can also change. */
  of(cluster: string, { calls, scope }: { readonly calls: Calls; readonly scope: Scope }): TurnsOfCalls {
    const writes = Object.values(calls).filter(({ route }) => methodOf(route) !== 'GET');
    const changed = new Set(writes.map(({ route }) => templateOf(route)));
    return {
      beforeRead: async (route, path) => {
        const object = objectOf(path);
        if (object !== undefined && changed.has(templateOf(route))) await this.#take(`${cluster} ${object}`);
      },
      // What acts on many changes each once.
      afterWrite: (path) => {
        if (scope === 'across') this.#end(`${cluster} ${objectOf(path)}`);
      },
    };
  }

  /** Lets the next ones go on. */
  leave(): void {
    for (const key of this.#held.keys()) this.#end(key);
  }

  /** The same, for as long as a task may take. */
  leaveFor(upid: string): void {
    if (!changesConfig.has(parseUpid(upid)?.type ?? '')) this.leave();
  }

  async #take(key: string): Promise<void> {
    const turn = this.#held.get(key) ?? this.#begin(key);
    this.#held.set(key, turn);
    try {
      await turn;
    } catch (error) {
      if (this.#signal?.aborted) throw error;
      // It goes on without; the digest still stands guard.
      if (this.#held.get(key) === turn) this.#held.delete(key);
    }
  }

  /** Gives what ends the turn. */
  #begin(key: string): Promise<() => void> {
    const signals = [this.#signal ?? [], this.#held.size > 0 ? this.#clock.timeout(waitsBeside) : []].flat();
    const signal = signals.length > 1 ? firstOf(...signals) : signals[0];
    return new Promise((resolve, reject) => {
      const until = () => new Promise<void>((over) => resolve(() => over()));
      this.#turns.take(key, until, signal).catch(reject);
    });
  }

  #end(key: string): void {
    this.#held.get(key)?.then(
      (over) => over(),
      () => undefined,
    );
    this.#held.delete(key);
  }
}

/** A cluster's side of a call that holds nobody up while it waits for something else. */
export const lettingGo = <S extends Pick<Side<Calls>, 'wait' | 'finish' | 'startInTurn' | 'claimVmid'>>(
  turns: ObjectTurns,
  side: S,
): S => ({
  ...side,
  wait: (task, options) => {
    turns.leaveFor(task.upid);
    return side.wait(task, options);
  },
  finish: (upid) => {
    turns.leaveFor(upid);
    return side.finish(upid);
  },
  startInTurn: (key, start) => {
    turns.leave();
    return side.startInTurn(key, start);
  },
  claimVmid: (given, make, preferred) => {
    turns.leave();
    return side.claimVmid(given, make, preferred);
  },
});
