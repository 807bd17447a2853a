import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Arguments, InvalidArgumentsError } from './input.js';

/** Where a list goes on: for each cluster that has rows left, by its {@link placeKey}, after how many of them. */
export type Position = ReadonlyMap<string, number>;

/** Where the rows of a cluster are read, and from which on. */
export interface Start {
  readonly cluster: string;
  /** The cluster that gave the pages before, in place of this one. */
  readonly answeredBy?: string;
  readonly offset: number;
}

/** No name of a cluster has it. */
const inPlaceOf = '\n';

export const placeKey = ({ cluster, answeredBy }: Pick<Start, 'cluster' | 'answeredBy'>) =>
  answeredBy === undefined ? cluster : `${answeredBy}${inPlaceOf}${cluster}`;

/** Where each of the clusters begins, or goes on; one without rows left is not asked. */
export function startsOf(clusters: readonly string[], position: Position | undefined): Start[] {
  if (position === undefined) return clusters.map((cluster) => ({ cluster, offset: 0 }));
  const starts = [...position].map(([key, offset]) => startOf(key, offset));
  return clusters.flatMap((cluster) => starts.find((start) => start.cluster === cluster) ?? []);
}

function startOf(key: string, offset: number): Start {
  const [first = '', cluster] = key.split(inPlaceOf);
  return cluster === undefined ? { cluster: first, offset } : { cluster, answeredBy: first, offset };
}

const written = z.tuple([z.string(), z.array(z.tuple([z.string(), z.int().min(0)])).min(1)]);

/** What a cursor belongs to: the same tool with the same arguments, but for how much of each row and page is shown. */
export function callMark(tool: string, { own, shared }: Arguments): string {
  const { limit: _limit, cursor: _cursor, fields: _fields, ...places } = shared;
  return createHash('sha256')
    .update(JSON.stringify([tool, own, places]))
    .digest('base64url')
    .slice(0, 8);
}

export function writeCursor(mark: string, position: Position): string {
  return Buffer.from(JSON.stringify([mark, [...position]])).toString('base64url');
}

/**
 * @param fallbackOf the cluster that may answer in place of another
 * @throws {InvalidArgumentsError} for a string that no answer to this very call gave
 */
export function readCursor(
  tool: string,
  mark: string,
  cursor: string | undefined,
  clusters: readonly string[],
  fallbackOf: (cluster: string) => string | undefined = () => undefined,
): Position | undefined {
  if (cursor === undefined) return undefined;
  const parsed = written.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  const [given, position = []] = parsed.success ? parsed.data : [];
  const isKnown = ([key, offset]: [string, number]) => {
    const { cluster, answeredBy } = startOf(key, offset);
    return clusters.includes(cluster) && (answeredBy === undefined || answeredBy === fallbackOf(cluster));
  };
  if (given === mark && position.every(isKnown)) return new Map(position);
  throw new InvalidArgumentsError(tool, [
    {
      argument: 'cursor',
      message: 'give the next_cursor of the same call, its other arguments unchanged, or leave it out to start anew',
    },
  ]);
}

/** How many rows each list shows of `limit` in all: evenly, and what one does not need goes to the others. */
export function shareOut(limit: number, available: readonly number[]): number[] {
  const shares = available.map(() => 0);
  for (let left = limit; left > 0; ) {
    const hungry = available.flatMap((rows, index) => (rows > (shares[index] ?? 0) ? [index] : []));
    if (hungry.length === 0) break;
    const each = Math.max(1, Math.floor(left / hungry.length));
    for (const index of hungry) {
      const more = Math.min(each, left, (available[index] ?? 0) - (shares[index] ?? 0));
      shares[index] = (shares[index] ?? 0) + more;
      left -= more;
    }
  }
  return shares;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
