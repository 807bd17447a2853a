/** What was asked for cannot be done as things are; nothing was sent. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** What to do instead. */
  readonly next: string;
  /** Told beside it. */
  readonly facts: Readonly<Record<string, unknown>>;
  constructor(reason: string, next: string, facts: Readonly<Record<string, unknown>> = {}) {
    super(reason);
    this.next = next;
    this.facts = facts;
  }
}
