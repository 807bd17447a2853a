import { redactText } from './redact-text.js';
import { SecretFinder } from './secret-finder.js';
import { withoutShapes } from './token-shapes.js';

const mask = '[redacted]';
/** Of secrets that came in arguments, so many of the last ones at least, unless they are very long. */
const mostSent = 200;
/** Characters of all of them: each is looked for in many spellings. */
const longestSent = 131_072;

/** Cuts secrets out of text that leaves: JSON stays JSON. */
export type Redact = (text: string) => string;

export interface Redactor extends Redact {
  /** Has a secret cut out from now on. */
  readonly hide: (secret: string) => void;
  /** The same for one that a call was given, until many others have been given. */
  readonly hideSent: (secret: string) => void;
}

/**
 * Cuts these secrets, however they are encoded, and every string of the form of a token, a ticket or a private key.
 * @returns and ways to add secrets that are made or given later
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const kept = new Set(secrets);
  const sent = new Set<string>();
  let length = 0;
  let finder = new SecretFinder(kept);
  const hide = (secret: string) => {
    if (kept.has(secret)) return;
    kept.add(secret);
    finder.add(secret);
  };
  const hideSent = (secret: string) => {
    if (kept.has(secret)) return;
    if (!sent.delete(secret)) {
      finder.add(secret);
      length += secret.length;
    }
    sent.add(secret);
    if (sent.size <= mostSent * 2 && length <= longestSent * 2) return;
    // Many at a time: all is built anew for it.
    for (const old of sent) {
      if (sent.size <= mostSent && length <= longestSent) break;
      sent.delete(old);
      length -= old.length;
    }
    finder = new SecretFinder([...kept, ...sent]);
  };
  const redact = (text: string) => redactText(text, (plain) => withoutShapes(finder.cut(plain, mask), mask), mask);
  return Object.assign(redact, { hide, hideSent });
}
