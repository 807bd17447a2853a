import { freeMemory, type NodeRoom } from './room.js';

/** What is to be levelled. */
export type Measure = 'memory' | 'cpu';

/** A guest that runs and could move. */
export interface Mover {
  readonly vmid: number;
  readonly node: string;
  /** Bytes that it uses, and that it is configured with. */
  readonly mem: number;
  readonly maxmem: number;
  /** CPUs' worth of load, and its virtual CPUs. */
  readonly busy: number;
  readonly cores: number;
}

export interface Move {
  readonly vmid: number;
  readonly from: string;
  readonly to: string;
  /** {@link imbalance} once it is done. */
  readonly imbalance: number;
}

/** What is known of a node to level it. */
export type Level = Pick<NodeRoom, 'node' | 'memory' | 'used' | 'promised' | 'cpus' | 'busy' | 'vcpus' | 'running'>;

interface Terms {
  readonly by: Measure;
  readonly most: number;
  allowed(vmid: number, to: string): boolean;
}

/** Percentage points that a move has to gain: it costs more than it brings below that. */
const leastGain = 0.25;

/** The share in use, in percent. */
export function loadOf({ used, memory, busy, cpus }: Level, by: Measure): number {
  const [part, whole] = by === 'memory' ? [used, memory] : [busy, cpus];
  return whole > 0 ? (part / whole) * 100 : 0;
}

/** The standard deviation of the loads of nodes, in percentage points. */
export function imbalance(nodes: readonly Level[], by: Measure): number {
  if (nodes.length === 0) return 0;
  const loads = nodes.map((node) => loadOf(node, by));
  const mean = loads.reduce((sum, load) => sum + load, 0) / loads.length;
  return Math.sqrt(loads.reduce((sum, load) => sum + (load - mean) ** 2, 0) / loads.length);
}

/** A node with a guest more, or one less. */
export function changed<N extends Level>(node: N, { mem, maxmem, busy, cores }: Mover, by: 1 | -1): N {
  return {
    ...node,
    used: Math.max(0, node.used + by * mem),
    promised: Math.max(0, node.promised + by * maxmem),
    busy: Math.max(0, node.busy + by * busy),
    vcpus: Math.max(0, node.vcpus + by * cores),
    running: Math.max(0, node.running + by),
  };
}

/** Whether a guest can run there beside what runs there. */
export const fitsOn = (node: Level, mover: Mover): boolean =>
  mover.cores <= node.cpus && freeMemory(changed(node, mover, 1)) >= 0;

/**
 * The moves that level nodes, each the one that lowers the imbalance most. None goes where the memory promised to running
 * guests, or used, would be more than there is; no guest moves twice.
 */
export function levelOut(nodes: readonly Level[], movers: readonly Mover[], terms: Terms): Move[] {
  const moves: Move[] = [];
  let now = [...nodes];
  const left = new Map(movers.map((mover) => [mover.vmid, mover]));
  while (moves.length < terms.most) {
    const best = bestMove(now, [...left.values()], terms);
    if (best === undefined || imbalance(now, terms.by) - best.imbalance < leastGain) return moves;
    now = best.after;
    left.delete(best.mover.vmid);
    moves.push({ vmid: best.mover.vmid, from: best.mover.node, to: best.to, imbalance: best.imbalance });
  }
  return moves;
}

function bestMove(now: readonly Level[], movers: readonly Mover[], { by, allowed }: Terms) {
  const known = new Set(now.map(({ node }) => node));
  const candidates = movers
    .filter(({ node }) => known.has(node))
    .flatMap((mover) =>
      now
        .filter((to) => to.node !== mover.node && allowed(mover.vmid, to.node) && fitsOn(to, mover))
        .map((to) => {
          const after = now.map((one) => {
            if (one.node === to.node) return changed(one, mover, 1);
            return one.node === mover.node ? changed(one, mover, -1) : one;
          });
          return { mover, to: to.node, after, imbalance: imbalance(after, by) };
        }),
    );
  return candidates.reduce<(typeof candidates)[number] | undefined>(
    (best, one) => (best === undefined || one.imbalance < best.imbalance ? one : best),
    undefined,
  );
}
