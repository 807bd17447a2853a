import type { Via } from '../clusters/route.js';
import { shareOut, writeCursor } from './page.js';

/** Rows of one cluster, from an offset on, and how many there are in all. */
export interface ListBody {
  readonly kind: 'list';
  readonly rows: readonly Record<string, unknown>[];
  readonly offset: number;
  readonly total: number;
  readonly notes: readonly string[];
}

export interface ResultBody {
  readonly kind: 'result';
  readonly result: Record<string, unknown>;
}

/** What one cluster gave. */
export type Entry<E = Error> =
  | { readonly cluster: string; readonly body: ListBody | ResultBody }
  | { readonly cluster: string; readonly error: E };

/** What a call gave, before it is cut to a page. */
export interface Outcome<E = Error> {
  /** The chosen cluster, or the selection as it was given. */
  readonly cluster: string;
  readonly via: Via;
  readonly by?: string;
  /** One entry a cluster, instead of the one body. */
  readonly many: boolean;
  readonly entries: readonly Entry<E>[];
  /** Whether this is a later page. */
  readonly continued: boolean;
  /** Rows at most. */
  readonly limit: number;
}

/** An answer as it leaves: plain data, but for errors. */
export interface PlainAnswer {
  readonly cluster: string;
  readonly via: Via;
  readonly by?: string;
  readonly [key: string]: unknown;
}

/** The answer with at most `limit` rows over all clusters, and a cursor where there are more. */
export function toAnswer<E>(outcome: Outcome<E>, limit: number = outcome.limit): PlainAnswer {
  const { cluster, via, by, many, entries, continued } = outcome;
  const head = { cluster, via, ...(by === undefined ? {} : { by }) };
  const lists = entries.map((entry) => ('body' in entry && entry.body.kind === 'list' ? entry.body : undefined));
  const shares = shareOut(
    limit,
    lists.map((list) => list?.rows.length ?? 0),
  );
  const shown = entries.map((entry, index) => shownEntry(entry, shares[index] ?? 0));
  const left = new Map<string, number>();
  for (const [index, list] of lists.entries()) {
    const next = (list?.offset ?? 0) + (shares[index] ?? 0);
    const { cluster: name = '' } = entries[index] ?? {};
    if (list !== undefined && next < list.total) left.set(name, next);
  }
  const rest = left.size === 0 ? {} : { next_cursor: writeCursor(left) };
  if (!many) return { ...head, ...shown[0], cluster, ...rest };
  // A later page has only the clusters with rows left, whose sum is not that of all.
  const counted = lists.flatMap((list) => list?.total ?? []);
  const total = counted.length === 0 || continued ? {} : { total: counted.reduce((sum, one) => sum + one, 0) };
  return { ...head, clusters: shown, ...total, ...rest };
}

function shownEntry<E>(entry: Entry<E>, rows: number): { readonly cluster: string; readonly [key: string]: unknown } {
  const { cluster } = entry;
  if ('error' in entry) return { cluster, error: entry.error };
  if (entry.body.kind === 'result') return { cluster, result: entry.body.result };
  const { total, notes } = entry.body;
  return { cluster, items: entry.body.rows.slice(0, rows), total, ...(notes.length > 0 ? { notes } : {}) };
}
