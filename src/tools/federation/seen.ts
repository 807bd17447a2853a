import type { Items } from './difference.js';

/** What was seen of one cluster. */
export interface Seen {
  readonly items: Items;
  /** What could not be looked at, in words. */
  readonly unread: readonly string[];
}
