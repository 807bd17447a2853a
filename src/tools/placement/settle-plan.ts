import { inTurns } from '../../pve/attempt.js';

/** How a guest goes: while it runs, by a stop and a start, or while it is off; and bytes of disks that are copied. */
export interface Passage {
  readonly how: 'live' | 'restart' | 'offline';
  readonly disk_bytes: number;
}

/** Whether a guest can go to a node; `pinned`: it can go to none. */
export type Verdict = Passage | { readonly pinned: string } | { readonly denied: string };

interface Planned {
  readonly vmid: number;
  readonly to: string;
}

export interface SettledPlan<M> {
  readonly moves: readonly (M & Passage)[];
  /** Guests that would have been moved and cannot be. */
  readonly pinned: ReadonlyMap<number, string>;
}

/** Rounds of planning: each looks at the guests that the round before brought into the plan. */
const mostRounds = 30;

const keyOf = (vmid: number, to: string) => `${vmid} ${to}`;

/**
 * Makes a plan of which each move is known to be possible, while only those are looked at that a plan has: what cannot
 * move is left out, and the plan made again.
 */
export async function settlePlan<M extends Planned>(
  make: (refusal: (vmid: number, to: string) => string | undefined) => readonly M[],
  judge: (vmid: number, to: string) => Promise<Verdict>,
): Promise<SettledPlan<M>> {
  const pinned = new Map<number, string>();
  const passages = new Map<string, Passage>();
  const denied = new Map<string, string>();
  const refusal = (vmid: number, to: string) => pinned.get(vmid) ?? denied.get(keyOf(vmid, to));
  const orUnknown = (vmid: number, to: string) =>
    refusal(vmid, to) ?? (passages.has(keyOf(vmid, to)) ? undefined : 'it was not looked at');
  for (let round = 0; ; round += 1) {
    const moves = make(round < mostRounds ? refusal : orUnknown);
    const unknown = moves.filter(({ vmid, to }) => !passages.has(keyOf(vmid, to)));
    if (unknown.length === 0) return { moves: moves.flatMap((move) => withPassage(move, passages)), pinned };
    const verdicts = await inTurns(unknown, ({ vmid, to }) => judge(vmid, to));
    for (const [index, { vmid, to }] of unknown.entries()) {
      const verdict = verdicts[index];
      if (verdict === undefined) continue;
      if ('denied' in verdict) denied.set(keyOf(vmid, to), verdict.denied);
      else if ('pinned' in verdict) pinned.set(vmid, verdict.pinned);
      else passages.set(keyOf(vmid, to), verdict);
    }
  }
}

function withPassage<M extends Planned>(move: M, passages: ReadonlyMap<string, Passage>): (M & Passage)[] {
  const passage = passages.get(keyOf(move.vmid, move.to));
  return passage === undefined ? [] : [{ ...move, ...passage }];
}
