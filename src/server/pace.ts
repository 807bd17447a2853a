import { type Readable, Transform, type Writable } from 'node:stream';

/** More than calls can be under way (a test says so): beyond them it is answers in the making, of which there is an end soon. */
export const mostInHand = 320;
const newline = 10;

/**
 * Hands on what a client sends one message at a time, and none while it does not take its answers, or while too many
 * calls are in hand: what it sends then waits in its pipe, and not in our memory.
 */
export class Pace {
  readonly #output: Writable;
  #inHand = 0;
  #goOn: () => void = () => {};

  /** @param output where the answers go */
  constructor(output: Writable) {
    this.#output = output;
    output.on('drain', () => this.#goOn());
  }

  /** The messages of `input`. */
  of(input: Readable): Readable {
    const messages = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#handOn(messages, chunk).then(() => done(), done);
      },
    });
    input.once('close', () => messages.end());
    // It is not passed on by a pipe, and without a listener it would be thrown.
    input.once('error', () => messages.end());
    return input.pipe(messages);
  }

  /** One call, or what else is not answered at once. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    this.#inHand += 1;
    try {
      return await call();
    } finally {
      this.#inHand -= 1;
      this.#goOn();
    }
  }

  async #handOn(messages: Transform, chunk: Buffer): Promise<void> {
    for (let from = 0; from < chunk.length; ) {
      await this.#isFree();
      const end = chunk.indexOf(newline, from);
      const to = end < 0 ? chunk.length : end + 1;
      messages.push(chunk.subarray(from, to));
      from = to;
      // What is answered at once has then been answered.
      if (from < chunk.length) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #isFree(): Promise<void> {
    while (this.#inHand >= mostInHand || this.#output.writableNeedDrain)
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
  }
}
