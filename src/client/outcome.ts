import type { Via } from '../clusters/route.js';
import { writeCursor } from './page.js';

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
export type Entry =
  | { readonly cluster: string; readonly body: ListBody | ResultBody }
  | { readonly cluster: string; readonly error: Error };

/** What a call gave, before it is cut to a page. */
export interface Outcome {
  /** The chosen cluster, or the selection as it was given. */
  readonly cluster: string;
  readonly via: Via;
  readonly by?: string;
  /** One entry a cluster, instead of the one body. */
  readonly many: boolean;
  readonly entries: readonly Entry[];
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
export function toAnswer(outcome: Outcome, limit: number = outcome.limit): PlainAnswer {
  const { cluster, via, by, many, entries } = outcome;
  const head = { cluster, via, ...(by === undefined ? {} : { by }) };
  const { shown, next } = cutEntries(entries, limit);
  const rest = next === undefined ? {} : { next_cursor: writeCursor(next) };
  if (!many) return { ...head, ...shown[0], cluster, ...rest };
  const lists = entries.flatMap((entry) => ('body' in entry && entry.body.kind === 'list' ? [entry.body] : []));
  const total = lists.length === 0 ? {} : { total: lists.reduce((sum, { total }) => sum + total, 0) };
  return { ...head, clusters: shown, ...total, ...rest };
}

function cutEntries(entries: readonly Entry[], limit: number) {
  let left = limit;
  let next: { cluster: string; offset: number } | undefined;
  const shown = entries.map((entry) => {
    const { cluster } = entry;
    if ('error' in entry) return { cluster, error: entry.error };
    if (entry.body.kind === 'result') return { cluster, result: entry.body.result };
    const { rows, offset, total, notes } = entry.body;
    const items = rows.slice(0, left);
    left -= items.length;
    if (next === undefined && offset + items.length < total) next = { cluster, offset: offset + items.length };
    return { cluster, items, total, ...(notes.length > 0 ? { notes } : {}) };
  });
  return { shown, next };
}
