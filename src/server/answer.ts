import { describeError, type TokenIdOf } from '../client/describe-error.js';
import { answerHead, type Entry, type Outcome, type PlainAnswer, toAnswer } from '../client/outcome.js';
import { ToolPolicyError } from '../client/tool-policy.js';
import type { ErrorText } from '../tools/error-text.js';
import { isPresentable, presentError, presentOutcome } from './present.js';
import { shorten, shortenFacts } from './shorten.js';

/** The most that one answer may hold; clients cut or file away what is longer. */
export const mostCharacters = 25_000;

/** What the model gets. */
export interface ToolAnswer {
  readonly structured: Record<string, unknown> | undefined;
  /** JSON; of `structured` where that is there. */
  readonly text: string;
  readonly isError: boolean;
  /** Whose words may stand in it; absent where all of it is this server's own. */
  readonly untrusted?: string;
}

/** An error as an answer: text alone, as the output schema does not hold for it. */
export function errorAnswer(error: unknown, tokenIdOf?: TokenIdOf): ToolAnswer {
  const chosen = error instanceof ToolPolicyError ? error.chosen : undefined;
  return textAnswer({ ...(chosen && answerHead(chosen)), error: presentError(describeError(error, tokenIdOf)) });
}

/** An error with its facts as text; long lists in it are shortened until it fits. */
export function textAnswer(answer: Readonly<Record<string, unknown>>): ToolAnswer {
  return { structured: undefined, text: JSON.stringify(shortenFacts(answer, mostCharacters)), isError: true };
}

/** An outcome as an answer that keeps within {@link mostCharacters}; rows that do not fit are left to the next page. */
export function outcomeAnswer(outcome: Outcome, tokenIdOf: TokenIdOf): ToolAnswer {
  const isError = outcome.entries.length > 0 && outcome.entries.every(failed);
  const told = withTexts(outcome, tokenIdOf);
  const raw = toAnswer(told);
  const json = JSON.stringify(raw);
  const whole = isPresentable(json) ? raw : toAnswer(presentOutcome(told));
  if (isError && !outcome.many && 'error' in whole) return textAnswer(whole);
  const text = whole === raw ? json : JSON.stringify(whole);
  if (text.length <= mostCharacters) return { structured: whole, text, isError };
  const cut = cutToFit(presentOutcome(told), text.length);
  return { structured: cut, text: JSON.stringify(cut), isError };
}

/** A cluster that gave an error, or whose task did not end well. */
const failed = (entry: Entry) => 'error' in entry || (entry.body.kind === 'result' && entry.body.failed === true);

/** The outcome with each cluster's error in words. */
function withTexts(outcome: Outcome, tokenIdOf: TokenIdOf): Outcome<ErrorText> {
  const entries = outcome.entries.map((entry) =>
    'error' in entry ? { ...entry, error: describeError(entry.error, tokenIdOf) } : entry,
  );
  return { ...outcome, entries };
}

/** The most rows that fit, found by halving; where even one does not, what is long is cut. */
function cutToFit(outcome: Outcome<ErrorText>, length: number): PlainAnswer {
  const noted = (rows: number): PlainAnswer => ({
    ...toAnswer(outcome, rows),
    cut: `to ${rows} rows, to stay under ${mostCharacters} characters; go on with next_cursor, or ask for fewer fields`,
  });
  const fitsIn = (rows: number) => JSON.stringify(noted(rows)).length <= mostCharacters;
  let fits = 0;
  let fails = outcome.limit;
  // Rows are of much the same length: a guess from the whole saves most of the halving.
  const guess = Math.floor((outcome.limit * mostCharacters * 0.9) / length);
  if (guess > 0 && guess < fails && fitsIn(guess)) fits = guess;
  const near = Math.ceil(guess * 1.25);
  if (near > fits && near < fails && !fitsIn(near)) fails = near;
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (fitsIn(middle)) fits = middle;
    else fails = middle;
  }
  return fits > 0 ? noted(fits) : shorten(toAnswer(outcome, 1), mostCharacters);
}
