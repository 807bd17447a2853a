import type { Clock } from '../pve/clock.js';
import { NotConfirmedError } from './not-confirmed.js';
import type { Tell } from './progress.js';
import type { Ask, Question, Reply } from './question.js';

/** Milliseconds; then the answer is no. */
export const longestWait = 600_000;
/** A client that cuts a call that is silent for a minute hears of this one before. */
const tellEvery = 20_000;

/** How a question is put, and by whom. */
export interface Asking {
  readonly ask: Ask;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  readonly tell: Tell;
}

/**
 * Waits until the person has said yes.
 * @throws {NotConfirmedError} for whatever else, also for an answer that does not come
 */
export async function askPerson(question: Question, asking: Asking): Promise<void> {
  const { action, ticked } = await replyTo(question, asking);
  if (action === 'decline') throw new NotConfirmedError('declined');
  if (action !== 'accept') throw new NotConfirmedError('dismissed');
  if (!ticked) throw new NotConfirmedError('not ticked');
}

async function replyTo(question: Question, { ask, clock, signal, tell }: Asking): Promise<Reply> {
  signal?.throwIfAborted();
  // Aborted only where the question is to be withdrawn: after an answer there is nothing left to withdraw.
  const withdrawn = new AbortController();
  const waiting = new AbortController();
  const withdraw = () => {
    withdrawn.abort(signal?.reason);
    waiting.abort(signal?.reason);
  };
  signal?.addEventListener('abort', withdraw, { once: true });
  const late = clock.sleep(longestWait, waiting.signal).then(() => {
    withdrawn.abort(new DOMException('no answer came in time', 'TimeoutError'));
    throw new NotConfirmedError('no answer');
  });
  try {
    const answered = ask(question, withdrawn.signal);
    const words = 'waiting for the answer of the person who was asked';
    tell(0, undefined, words)
      .then(() => keepTelling(words, { tell, clock, signal: waiting.signal }))
      .catch(() => undefined);
    return await Promise.race([answered, late]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof NotConfirmedError ? error : new NotConfirmedError('not asked');
  } finally {
    signal?.removeEventListener('abort', withdraw);
    waiting.abort();
  }
}

/** Until the signal is aborted. */
export async function keepTelling(
  words: string,
  { tell, clock, signal }: Pick<Asking, 'tell' | 'clock' | 'signal'>,
): Promise<never> {
  for (;;) {
    await clock.sleep(tellEvery, signal);
    await tell(0, undefined, words);
  }
}
