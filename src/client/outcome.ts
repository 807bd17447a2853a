import type { Via } from '../clusters/route.js';
import { placeKey, shareOut, writeCursor } from './page.js';

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
  readonly notes?: readonly string[];
  /** Whether the task that was waited for did not end well, or something of several did not. */
  readonly failed?: boolean;
}

/** What a write would send; nothing of it was sent. */
export interface PlanBody {
  readonly kind: 'plan';
  readonly plan: Record<string, unknown>;
}

export type Body = ListBody | ResultBody | PlanBody;

/** What one cluster gave. */
export type Entry<E = Error> = {
  readonly cluster: string;
  /** The cluster that was asked in its place. */
  readonly answeredBy?: string;
} & (
  | { readonly body: Body }
  /** `offset`: where its page began. */
  | { readonly error: E; readonly offset: number; readonly notes?: readonly string[] }
);

/** What a call gave, before it is cut to a page. */
export interface Outcome<E = Error> {
  /** The chosen cluster, or the selection as it was given. */
  readonly cluster: string;
  readonly via: Via;
  readonly by?: string;
  /** The other cluster, of a call that works on two. */
  readonly target?: string;
  /** One entry a cluster, instead of the one body. */
  readonly many: boolean;
  readonly entries: readonly Entry<E>[];
  /** What its cursor belongs to. */
  readonly mark: string;
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

/** The body with remarks before its own. */
export function withNotes(body: Body, notes: readonly string[]): Body {
  if (notes.length === 0) return body;
  if (body.kind !== 'plan') return { ...body, notes: [...notes, ...(body.notes ?? [])] };
  const { notes: own, next, ...plan } = body.plan;
  const all = [...notes, ...(Array.isArray(own) ? own : [])];
  return { ...body, plan: { ...plan, notes: all, ...(next === undefined ? {} : { next }) } };
}

export const answerHead = ({ cluster, target, via, by }: Pick<Outcome, 'cluster' | 'target' | 'via' | 'by'>) => ({
  cluster,
  ...(target === undefined ? {} : { target_cluster: target }),
  via,
  ...(by === undefined ? {} : { by }),
});

/** The answer with at most `limit` rows over all clusters, and a cursor where there are more. */
export function toAnswer<E>(outcome: Outcome<E>, limit: number = outcome.limit): PlainAnswer {
  const { cluster, many, entries, continued } = outcome;
  const head = answerHead(outcome);
  const lists = entries.map((entry) => ('body' in entry && entry.body.kind === 'list' ? entry.body : undefined));
  const shares = shareOut(
    limit,
    lists.map((list) => list?.rows.length ?? 0),
  );
  const shown = entries.map((entry, index) => shownEntry(entry, shares[index] ?? 0));
  const left = rowsLeft(outcome, lists, shares);
  const rest = left.size === 0 ? {} : { next_cursor: writeCursor(outcome.mark, left) };
  if (!many) return { ...head, ...shown[0], cluster, ...rest };
  // A later page has only the clusters with rows left, and one that failed has an unknown number: no sum is that of all.
  const counted = lists.flatMap((list) => list?.total ?? []);
  const whole = !continued && counted.length === entries.length;
  const total = whole ? { total: counted.reduce((sum, one) => sum + one, 0) } : {};
  return { ...head, clusters: shown, ...total, ...rest };
}

/** Where each cluster goes on. One that failed on a later page keeps its place as long as another has rows left. */
function rowsLeft<E>(
  { entries }: Outcome<E>,
  lists: readonly (ListBody | undefined)[],
  shares: readonly number[],
): Map<string, number> {
  const left = new Map<string, number>();
  for (const [index, list] of lists.entries()) {
    if (list === undefined || list.rows.length === 0) continue;
    const next = list.offset + (shares[index] ?? 0);
    const entry = entries[index];
    if (next < list.total && entry !== undefined) left.set(placeKey(entry), next);
  }
  if (left.size === 0) return left;
  for (const entry of entries) if ('error' in entry && entry.offset > 0) left.set(placeKey(entry), entry.offset);
  return left;
}

function shownEntry<E>(entry: Entry<E>, rows: number): { readonly cluster: string; readonly [key: string]: unknown } {
  const { cluster, answeredBy } = entry;
  const head = answeredBy === undefined ? { cluster } : { cluster, answered_by: answeredBy };
  if ('error' in entry)
    return { ...head, error: entry.error, ...(entry.notes === undefined ? {} : { notes: entry.notes }) };
  if (entry.body.kind === 'result') {
    const { result, notes = [] } = entry.body;
    return { ...head, result, ...(notes.length > 0 ? { notes } : {}) };
  }
  if (entry.body.kind === 'plan') return { ...head, plan: entry.body.plan };
  const { total, notes } = entry.body;
  return { ...head, items: entry.body.rows.slice(0, rows), total, ...(notes.length > 0 ? { notes } : {}) };
}
