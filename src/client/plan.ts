import type { ResultTool } from '../tools/define.js';
import { Refused } from '../tools/refused.js';
import type { Remarks } from './context.js';
import type { Write } from './write-gate.js';

interface Planned {
  readonly writes: readonly Write[];
  readonly remarks: Remarks;
  /** The tool, at work behind a gate that records. */
  readonly run: Promise<unknown>;
}

/** What a call would do. Where facts were presented, a refusal is shown beside them and is no error. */
export async function planOf(
  tool: ResultTool,
  target: Record<string, unknown>,
  { writes, remarks, run }: Planned,
): Promise<Record<string, unknown>> {
  const refused = await run.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Refused && Object.keys(remarks.presented).length > 0) return error;
      throw error;
    },
  );
  const notes = [...remarks.notes, ...remarks.outline];
  const next = refused === undefined ? nextOf(tool, writes) : refused.next;
  return {
    target,
    writes: refused === undefined ? writes : [],
    ...remarks.presented,
    ...(refused === undefined ? {} : { refused: refused.message, ...refused.facts }),
    ...(notes.length > 0 ? { notes } : {}),
    ...(next === undefined ? {} : { next }),
  };
}

function nextOf({ effect }: ResultTool, writes: readonly Write[]): string | undefined {
  if (writes.length === 0) return 'There is nothing to do.';
  return effect === 'destroy' ? "Nothing was sent. Call again with 'confirm': true to do it." : undefined;
}
