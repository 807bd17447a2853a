import type { ErrorText } from '../tools/error-text.js';

/** Why what a person has to confirm was not done. */
export type Unconfirmed =
  /** Whoever called has no way to ask. */
  | 'cannot ask'
  /** The question could not be put, or the answer not be read. */
  | 'not asked'
  | 'declined'
  | 'dismissed'
  /** Accepted with the box unticked. */
  | 'not ticked'
  | 'no answer'
  /** More than one question can show. */
  | 'too much'
  /** As many wait for the person already as may. */
  | 'too many waiting'
  /** It is not, or no longer, what the person was shown. */
  | 'changed';

/** A destructive call that no person agreed to, as `PROXMOX_CONFIRM` wants it. */
export class NotConfirmedError extends Error {
  override readonly name = 'NotConfirmedError';
  readonly why: Unconfirmed;
  /** What is other than it was shown. */
  readonly changed: readonly string[];
  constructor(why: Unconfirmed, changed: readonly string[] = []) {
    super(why);
    this.why = why;
    this.changed = changed;
  }
}

/** Questions that wait while one is open. */
export const mostWaiting = 8;

const isNo = 'Do not call again unless the user asks for it.';
/** For whoever cannot ask a person. */
export const onlyTheUser =
  'Tell the user: only he can change it, by a client that can ask him (MCP elicitation in form mode, protocol 2025-06-18 or later) or by PROXMOX_CONFIRM=argument.';

const texts: Readonly<Record<Unconfirmed, { readonly code: string; readonly message: string; readonly next: string }>> =
  {
    'cannot ask': {
      code: 'CANNOT_ASK',
      message: 'PROXMOX_CONFIRM wants a person to confirm this, and whoever called cannot ask one',
      next: `${onlyTheUser} dry_run shows the plan.`,
    },
    'not asked': {
      code: 'CANNOT_ASK',
      message: 'PROXMOX_CONFIRM wants a person to confirm this, and the client did not bring an answer',
      next: `${onlyTheUser} dry_run shows the plan.`,
    },
    declined: { code: 'NOT_CONFIRMED', message: 'The person was asked and said no', next: isNo },
    dismissed: { code: 'NOT_CONFIRMED', message: 'The person was asked and closed the question', next: isNo },
    'not ticked': {
      code: 'NOT_CONFIRMED',
      message: 'The person was asked and did not tick that it be done',
      next: isNo,
    },
    'no answer': {
      code: 'NOT_CONFIRMED',
      message: 'The person was asked and did not answer within 10 minutes',
      next: 'Call again when the user is there to answer.',
    },
    'too much': {
      code: 'TOO_MUCH_TO_ASK',
      message: 'PROXMOX_CONFIRM wants a person to confirm this, and it is more than one question can show whole',
      next: 'Do it in parts, each a call of its own: fewer guests, fewer requests or shorter texts. dry_run shows all of it.',
    },
    'too many waiting': {
      code: 'BUSY',
      message: `${mostWaiting} questions wait for the person already, and no more are kept`,
      next: 'Call again when some of them are answered.',
    },
    changed: {
      code: 'PLAN_CHANGED',
      message: 'It is no longer what the person was asked about',
      next: 'See the plan (dry_run), and call again if it is still meant: the person is then asked anew.',
    },
  };

export function describeNotConfirmed({ why, changed }: NotConfirmedError): ErrorText {
  const { code, message, next } = texts[why];
  return { code, message: `${message}; nothing was sent.`, next, ...(changed.length > 0 ? { changed } : {}) };
}
