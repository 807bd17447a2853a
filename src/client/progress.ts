import { oneLine } from '../pve/quoted.js';

/** Steps that a call has done, of how many, in words. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

export type Tell = (progress: number, total: number | undefined, message: string) => Promise<void>;

/** Clients show about this much. */
const mostCharacters = 200;

/** Whoever is quoted in what was cut is still quoted. */
const closed = (text: string) => ((text.split('"').length - 1) % 2 === 0 ? text : `${text}"`);

/** What a call tells of its progress: one rising count, over all the clusters that it works on. */
export class ProgressReport {
  readonly #send: ((progress: Progress) => Promise<void>) | undefined;
  readonly #parts = new Map<string, { readonly progress: number; readonly total: number | undefined }>();
  #told = 0;

  constructor(send: ((progress: Progress) => Promise<void>) | undefined) {
    this.#send = send;
  }

  /** Whether anything was told. */
  get begun(): boolean {
    return this.#told > 0;
  }

  of(cluster: string): Tell {
    return async (progress, total, message) => {
      this.#parts.set(cluster, { progress, total });
      const parts = [...this.#parts.values()];
      const done = parts.reduce((sum, part) => sum + part.progress, 0);
      const all = parts.reduce<number | undefined>(
        (sum, part) => (sum === undefined || part.total === undefined ? undefined : sum + part.total),
        0,
      );
      this.#told = Math.max(done, this.#told + 0.01);
      const text = closed(oneLine(message, mostCharacters - 2));
      await this.#send?.({ progress: this.#told, message: text, ...(all === undefined ? {} : { total: all }) });
    };
  }
}
