import { toWords } from '../../pve/quoted.js';
import type { Bound } from './ha-bounds.js';
import { changed, fitsOn, type Level, type Mover } from './level.js';

/** A guest that is to leave its node. */
export interface Leaver extends Mover {
  readonly running: boolean;
  readonly bound?: Bound | undefined;
}

export interface Relocation {
  readonly moves: readonly { readonly vmid: number; readonly from: string; readonly to: string }[];
  /** Guests for which there is no node, and why. */
  readonly stuck: ReadonlyMap<number, string>;
}

interface Terms {
  /** Where every guest of the cluster is. */
  readonly places: ReadonlyMap<number, string>;
  /** Why a guest cannot go to a node, as far as is known. */
  refusal(vmid: number, to: string): string | undefined;
}

/** A guest that is off takes none of a node's memory nor its CPUs. */
const needsOf = (leaver: Leaver): Mover =>
  leaver.running ? leaver : { ...leaver, mem: 0, maxmem: 0, busy: 0, cores: 0 };

const roomAfter = (node: Level, mover: Mover) => {
  const { memory, used, promised } = changed(node, mover, 1);
  return memory > 0 ? 1 - Math.max(used, promised) / memory : 0;
};

/**
 * Where guests go that are to leave: the largest first, each to the node that has the most memory left with it, none where
 * memory would be promised or used twice, and as HA wants it.
 */
export function relocate(
  targets: readonly Level[],
  leavers: readonly Leaver[],
  { places, refusal }: Terms,
): Relocation {
  const moves: { vmid: number; from: string; to: string }[] = [];
  const stuck = new Map<number, string>();
  const now = new Map(targets.map((target) => [target.node, target]));
  const where = new Map(places);
  const largestFirst = leavers.toSorted((a, b) => needsOf(b).maxmem - needsOf(a).maxmem || a.vmid - b.vmid);
  for (const leaver of largestFirst) {
    const needs = needsOf(leaver);
    const judged = [...now.values()].map((node) => ({
      node,
      why: unfit(node, leaver, where) ?? refusal(leaver.vmid, node.node),
    }));
    const names = judged.filter(({ why }) => why === undefined).map(({ node }) => node.node);
    const [best] = judged
      .filter(({ why, node }) => why === undefined && homesFirst(leaver, names).includes(node.node))
      .sort((a, b) => roomAfter(b.node, needs) - roomAfter(a.node, needs) || (a.node.node < b.node.node ? -1 : 1));
    const returning = comesBack(leaver, best?.node.node);
    if (best === undefined || returning !== undefined) {
      const reasons = [...new Set(judged.flatMap(({ why }) => why ?? []))].sort().join('; ');
      stuck.set(leaver.vmid, returning ?? (reasons || 'there is no node for it'));
      continue;
    }
    const to = best.node.node;
    now.set(to, changed(best.node, needs, 1));
    where.set(leaver.vmid, to);
    moves.push({ vmid: leaver.vmid, from: leaver.node, to });
  }
  return { moves, stuck };
}

/** Why a node does not do for a guest. */
function unfit(target: Level, leaver: Leaver, where: ReadonlyMap<number, string>): string | undefined {
  const { node } = target;
  const { bound } = leaver;
  const rules = bound?.rules.join(', ');
  if (bound?.only !== undefined && !bound.only.includes(node)) return `HA rule ${rules} keeps it off ${node}`;
  const foe = bound?.apart.find((vmid) => where.get(vmid) === node);
  if (foe !== undefined) return `HA rule ${rules} keeps it apart from ${foe}, which is on ${node}`;
  const friend = bound?.together.find((vmid) => {
    const place = where.get(vmid);
    return place !== undefined && place !== leaver.node && place !== node;
  });
  if (friend !== undefined) return `HA rule ${rules} keeps it with ${friend}, which is on ${where.get(friend)}`;
  return fitsOn(target, needsOf(leaver)) ? undefined : `${node} has too little memory or CPUs left`;
}

/** Of nodes that would do, those that HA prefers: to the others it would not leave the guest. */
function homesFirst({ bound }: Leaver, names: readonly string[]): readonly string[] {
  const homes = names.filter((name) => bound?.homes?.includes(name));
  return homes.length > 0 ? homes : names;
}

/** HA brings a guest back to the node that it prefers as soon as that is there. */
function comesBack({ bound, node }: Leaver, to: string | undefined): string | undefined {
  if (to === undefined || bound?.homes === undefined || !bound.returns) return undefined;
  if (!bound.homes.includes(node) || bound.homes.includes(to)) return undefined;
  return `HA would bring it back (${toWords(bound.rules)}): 'ha-manager crm-command node-maintenance enable ${node}' on a shell moves it, and no API call does`;
}
