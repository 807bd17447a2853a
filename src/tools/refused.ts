/** What was asked for cannot be done as things are; nothing was sent. */
export class Refused extends Error {
  override readonly name = 'Refused';
  /** What to do instead. */
  readonly next: string;
  constructor(reason: string, next: string) {
    super(reason);
    this.next = next;
  }
}
