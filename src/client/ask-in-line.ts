import { type Asking, askPerson, keepTelling } from './ask-person.js';
import { mostWaiting, NotConfirmedError } from './not-confirmed.js';
import type { Question } from './question.js';
import type { Turns } from './turns.js';

const line = 'question';

/**
 * One question at a time: a call that waits for its own tells so, and one that is cancelled waits no longer.
 * @throws {NotConfirmedError} for whatever is no yes
 */
export async function askInLine(turns: Turns, question: Question, asking: Asking): Promise<void> {
  const { signal } = asking;
  if (turns.waiting(line) >= mostWaiting) throw new NotConfirmedError('too many waiting');
  const inLine = new AbortController();
  const words = 'waiting until the person has answered what was asked before';
  keepTelling(words, { ...asking, signal: inLine.signal }).catch(() => undefined);
  const ask = () => {
    inLine.abort();
    return askPerson(question, asking);
  };
  try {
    await turns.take(line, ask, signal);
  } finally {
    inLine.abort();
  }
}
