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

/** Percentage points that a move has to gain, shared among the nodes: below that it costs more than it brings. */
const leastGain = 0.5;

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
export const fitsOn = ({ memory, used, promised, cpus }: Level, { mem, maxmem, cores }: Mover): boolean =>
  cores <= cpus && freeMemory({ memory, used: used + mem, promised: promised + maxmem }) >= 0;

/** The load of a node with a guest more, or one less. */
function loadWith({ used, memory, busy, cpus }: Level, mover: Mover, sign: 1 | -1, by: Measure): number {
  const [part, whole] = by === 'memory' ? [used + sign * mover.mem, memory] : [busy + sign * mover.busy, cpus];
  return whole > 0 ? (Math.max(0, part) / whole) * 100 : 0;
}

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
    if (best === undefined || imbalance(now, terms.by) - best.imbalance < leastGain / nodes.length) return moves;
    now = best.after;
    left.delete(best.mover.vmid);
    moves.push({ vmid: best.mover.vmid, from: best.mover.node, to: best.to, imbalance: best.imbalance });
  }
  return moves;
}

/** The move that lowers the imbalance most; of a large cluster there are many to weigh, so each is weighed by its two nodes. */
function bestMove(now: readonly Level[], movers: readonly Mover[], { by, allowed }: Terms) {
  const nodes = new Map(now.map((node) => [node.node, node]));
  const loads = now.map((node) => loadOf(node, by));
  const sum = loads.reduce((total, load) => total + load, 0);
  const squares = loads.reduce((total, load) => total + load ** 2, 0);
  let best: { readonly mover: Mover; readonly from: Level; readonly to: Level; readonly spread: number } | undefined;
  for (const mover of movers) {
    const from = nodes.get(mover.node);
    if (from === undefined) continue;
    const before = loadOf(from, by);
    const without = loadWith(from, mover, -1, by);
    for (const [index, to] of now.entries()) {
      if (to === from) continue;
      const there = loads[index] ?? 0;
      const withIt = loadWith(to, mover, 1, by);
      const mean = (sum - before - there + without + withIt) / now.length;
      const spread = (squares - before ** 2 - there ** 2 + without ** 2 + withIt ** 2) / now.length - mean ** 2;
      const isBetter = best === undefined || spread < best.spread;
      if (isBetter && fitsOn(to, mover) && allowed(mover.vmid, to.node)) best = { mover, from, to, spread };
    }
  }
  if (best === undefined) return undefined;
  const { mover, from, to } = best;
  const after = now.map((one) => (one === to ? changed(one, mover, 1) : one === from ? changed(one, mover, -1) : one));
  return { mover, to: to.node, after, imbalance: imbalance(after, by) };
}
