import { z } from 'zod';
import { InvalidArgumentsError } from './input.js';

/** Where a list goes on: in which cluster, and after how many of its rows. */
export interface Position {
  readonly cluster: string;
  readonly offset: number;
}

const written = z.tuple([z.string(), z.int().min(0)]);

export function writeCursor({ cluster, offset }: Position): string {
  return Buffer.from(JSON.stringify([cluster, offset])).toString('base64url');
}

/** @throws {InvalidArgumentsError} for a string that no answer gave, or one of another selection of clusters */
export function readCursor(tool: string, cursor: string | undefined, clusters: readonly string[]): Position | undefined {
  if (cursor === undefined) return undefined;
  const parsed = written.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  const [cluster, offset] = parsed.success ? parsed.data : [];
  if (cluster === undefined || offset === undefined || !clusters.includes(cluster))
    throw new InvalidArgumentsError(tool, [
      { argument: 'cursor', message: 'give the next_cursor of the same call, or leave it out to start anew' },
    ]);
  return { cluster, offset };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
