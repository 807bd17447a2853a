import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';

type Level = keyof Log;
type Line = [level: Level, fields: Readonly<Record<string, unknown>>, message: string];

/** Of a client that never says that it is ready, not all is kept. */
const mostKept = 1000;

/** Keeps lines until the real log has been loaded, so that loading it delays nothing. */
export class DeferredLog implements Log {
  readonly #clock: Clock;
  #log: Log | undefined;
  #kept: Line[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  attach(log: Log): void {
    this.#log = log;
    for (const [level, fields, message] of this.#kept) log[level](fields, message);
    this.#kept = [];
  }

  readonly debug: Log['debug'] = (fields, message) => this.#write(['debug', fields, message]);
  readonly info: Log['info'] = (fields, message) => this.#write(['info', fields, message]);
  readonly warn: Log['warn'] = (fields, message) => this.#write(['warn', fields, message]);
  readonly error: Log['error'] = (fields, message) => this.#write(['error', fields, message]);

  #write([level, fields, message]: Line): void {
    const time = new Date(this.#clock.now()).toISOString();
    if (this.#log !== undefined) this.#log[level](fields, message);
    else if (this.#kept.length < mostKept) this.#kept.push([level, { time, ...fields }, message]);
  }
}
