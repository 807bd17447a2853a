import { parseObject } from './audit-line.js';

/** Lines that could not be written, as the first line that can be says. */
export interface GapNote {
  readonly event: 'gap';
  readonly lines: number;
  /** How many of them were about a request, and it was sent nevertheless. */
  readonly sent: number;
  /** The times of the first and the last of them. */
  readonly since: string;
  readonly until: string;
  /** Why, of the last. */
  readonly reason: string;
}

/** What is missing in a chain, until a line of it says so. */
export class Gap {
  readonly #required: boolean;
  #note: GapNote | undefined;

  /** @param required whether nothing was sent that could not be written down */
  constructor(required: boolean) {
    this.#required = required;
  }

  get note(): GapNote | undefined {
    return this.#note;
  }

  add(lines: readonly string[], reason: string): void {
    for (const line of lines) {
      const { time, event } = parseObject(line) ?? {};
      const until = typeof time === 'string' ? time : '';
      const { lines: count, sent, since } = this.#note ?? { lines: 0, sent: 0, since: until };
      const more = event === 'send' && !this.#required ? 1 : 0;
      this.#note = { event: 'gap', lines: count + 1, sent: sent + more, since, until, reason };
    }
  }

  /** A line says so. */
  told(): void {
    this.#note = undefined;
  }
}
