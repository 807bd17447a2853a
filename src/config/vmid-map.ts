import type { VmidRange } from './cluster-config.js';
import { notACluster } from './cluster-names.js';
import { bad, type Checked, good, type Notes, quote } from './faults.js';
import { parsePairs } from './pairs.js';

/** Proxmox gives no guest a VMID outside these. */
export const leastVmid = 100;
export const mostVmid = 999_999_999;

const example = '{"100-199":"production","9000":"staging"} or 100-199:production,9000:staging';

/** `9000` or `100-199`, both ends included. */
export function parseVmidRange(text: string): Checked<Omit<VmidRange, 'cluster'>> {
  const [, first, last = first] = /^\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?$/.exec(text) ?? [];
  const from = Number(first);
  const to = Number(last);
  const shape = `write VMIDs from ${leastVmid} to ${mostVmid}, such as 9000 or 100-199`;
  if (first === undefined || from < leastVmid || to < leastVmid) return bad(`has the range ${quote(text)}: ${shape}`);
  if (from > to) return bad(`has the range ${quote(text)}, which ends before it starts: write ${to}-${from}`);
  return good({ from, to });
}

/** `PROXMOX_CLUSTER_VMID_MAP`, in the order written; ranges of two clusters never overlap. */
export function parseVmidMap(text: string, names: readonly string[], notes: Notes): readonly VmidRange[] {
  const ranges: VmidRange[] = [];
  for (const { key, cluster } of parsePairs(text, example, notes) ?? []) {
    const range = parseVmidRange(key);
    if (!range.ok) notes.fault(range.problem);
    if (!names.includes(cluster)) notes.fault(`for the VMIDs ${quote(key)} ${notACluster(cluster, names)}`);
    if (range.ok && names.includes(cluster)) ranges.push({ ...range.value, cluster });
  }
  noteOverlaps(ranges, notes);
  return ranges;
}

/** Compares each range with the one before it that reaches furthest, which finds a contrary overlap wherever there is one. */
function noteOverlaps(ranges: readonly VmidRange[], notes: Notes): void {
  let furthest: VmidRange | undefined;
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    if (furthest !== undefined && range.from <= furthest.to) {
      const both = `${describe(furthest)} and ${describe(range)}, which overlap`;
      if (furthest.cluster === range.cluster) notes.warn(`has ${both}: one is enough`);
      else notes.fault(`has ${both}: give each VMID to one cluster`);
    }
    if (furthest === undefined || range.to > furthest.to) furthest = range;
  }
}

function describe({ from, to, cluster }: VmidRange): string {
  return `${from === to ? from : `${from}-${to}`} (${cluster})`;
}
