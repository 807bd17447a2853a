/** An error as it is told: a code to act on, a sentence, what to do next, and facts beside them. */
export interface ErrorText {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly [fact: string]: unknown;
}
