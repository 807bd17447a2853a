import type { ResultTool } from '../tools/define.js';
import { Refused } from '../tools/refused.js';
import type { Remarks } from './context.js';
import { onlyTheUser } from './not-confirmed.js';
import type { Write } from './write-gate.js';

/** Where a person has to be asked before it is done: whether whoever calls can ask one. */
export type Person = 'asked' | 'out of reach';

interface Planned {
  readonly writes: readonly Write[];
  readonly remarks: Remarks;
  /** The tool, at work behind a gate that records. */
  readonly run: Promise<unknown>;
  readonly person: Person | undefined;
}

const personNotes: Readonly<Record<Person, string>> = {
  asked: 'PROXMOX_CONFIRM: a person is asked before it is done.',
  'out of reach':
    'PROXMOX_CONFIRM: a person has to be asked before it is done, and whoever calls cannot ask one: it would be refused (CANNOT_ASK).',
};

/** What a call would do. Where facts were presented, a refusal is shown beside them and is no error. */
export async function planOf(
  tool: ResultTool,
  target: Record<string, unknown>,
  { writes, remarks, run, person }: Planned,
): Promise<Record<string, unknown>> {
  const refused = await run.then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Refused && Object.keys(remarks.presented).length > 0) return error;
      throw error;
    },
  );
  const asks = refused === undefined && writes.length > 0 ? person : undefined;
  const notes = [...remarks.notes, ...remarks.outline, ...(asks === undefined ? [] : [personNotes[asks]])];
  const next = refused === undefined ? nextOf(tool, writes, asks) : refused.next;
  return {
    target,
    writes: refused === undefined ? writes : [],
    ...remarks.presented,
    ...(refused === undefined ? {} : { refused: refused.message, ...refused.facts }),
    ...(notes.length > 0 ? { notes } : {}),
    ...(next === undefined ? {} : { next }),
  };
}

function nextOf({ effect }: ResultTool, writes: readonly Write[], person: Person | undefined): string | undefined {
  if (writes.length === 0) return 'There is nothing to do.';
  if (person === 'out of reach') return `Nothing was sent. ${onlyTheUser}`;
  return effect === 'destroy' ? "Nothing was sent. Call again with 'confirm': true to do it." : undefined;
}
