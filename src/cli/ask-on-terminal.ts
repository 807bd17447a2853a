import { createInterface } from 'node:readline/promises';
import type { Readable, Writable } from 'node:stream';
import type { Ask } from '../client/question.js';

interface Terminal {
  readonly input: Readable;
  readonly output: Writable;
}

/** Asks whoever sits before the terminal; only the whole word is a yes. */
export function askOnTerminal({ input, output }: Terminal, redact: (text: string) => string): Ask {
  return async ({ text, tick }, signal) => {
    const lines = createInterface({ input, output, terminal: false });
    // The end of the input is no answer.
    const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
    try {
      const prompt = `${redact(text)}\n\n${tick}? Only the word yes does it: `;
      const typed = await Promise.race([lines.question(prompt, { signal }), ended]);
      if (typed === undefined) return { action: 'cancel', ticked: false };
      const isYes = typed.trim().toLowerCase() === 'yes';
      return isYes ? { action: 'accept', ticked: true } : { action: 'decline', ticked: false };
    } finally {
      lines.close();
    }
  };
}
