/** What was asked for cannot be done as things are; nothing was sent. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** What to do instead. */
  readonly next: string;
  /** Told beside it. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The write that it stands before, where a rule may have the last word; only a plan puts it to the rules. */
  readonly before: (() => Promise<unknown>) | undefined;
  constructor(
    reason: string,
    next: string,
    facts: Readonly<Record<string, unknown>> = {},
    before?: () => Promise<unknown>,
  ) {
    super(reason);
    this.next = next;
    this.facts = facts;
    this.before = before;
  }
}
