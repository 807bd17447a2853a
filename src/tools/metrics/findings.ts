import type { Statistics, Trend } from './statistics.js';

/** A series as it was measured. */
export interface Series extends Statistics {
  readonly name: string;
  readonly last: number;
  readonly trend?: Trend | undefined;
}

/** What is full at which size. */
const limits = [
  { used: 'mem', of: 'maxmem', what: 'memory' },
  { used: 'memused', of: 'memtotal', what: 'memory' },
  { used: 'disk', of: 'maxdisk', what: 'the root disk' },
  { used: 'rootused', of: 'roottotal', what: 'the root file system' },
  { used: 'swapused', of: 'swaptotal', what: 'swap' },
  { used: 'used', of: 'total', what: 'the storage' },
] as const;

const sizes: readonly string[] = ['maxcpu', ...limits.map(({ of }) => of)];

/** A size that was set, not a use that was measured. */
export const isSize = (name: string): boolean => sizes.includes(name);

/** Fewer values than this say nothing. */
export const fewest = 12;

const percent = (share: number) => `${Math.round(share * 100)} %`;

function ofLoad(series: ReadonlyMap<string, Series>): string[] {
  const [cpu, iowait] = [series.get('cpu'), series.get('iowait')];
  const pressures = [...series.values()].filter(({ name, p95 }) => /^pressure.*some$/.test(name) && p95 >= 10);
  return [
    ...(cpu && cpu.p95 >= 0.9
      ? [`cpu is short: 95 % of the time up to ${percent(cpu.p95)} of its CPUs are in use`]
      : []),
    ...(cpu && cpu.max < 0.1 ? [`cpu idles: never more than ${percent(cpu.max)} of its CPUs were in use`] : []),
    ...(iowait && iowait.p95 >= 0.1 ? [`disks are slow: p95 of iowait is ${percent(iowait.p95)}`] : []),
    ...pressures.map(({ name, p95 }) => `${name} is high: programs waited ${Math.round(p95)} % of the time at p95`),
  ];
}

/** A line that explains half of what is seen is taken for one. */
const steady = 0.5;

function ofLimits(series: ReadonlyMap<string, Series>): string[] {
  return limits.flatMap(({ used, of, what }) => {
    const [use, size] = [series.get(used), series.get(of)?.last];
    // Of a VM the use of its disk is always 0: Proxmox does not see into it.
    if (use === undefined || size === undefined || size <= 0 || use.max === 0) return [];
    const { trend } = use;
    const days = trend && trend.perDay > 0 && trend.r2 >= steady ? (size - use.last) / trend.perDay : undefined;
    return [
      ...(use.p95 / size >= 0.9 ? [`${what} is short: p95 is ${percent(use.p95 / size)} of its size`] : []),
      ...(days !== undefined && days < 90
        ? [`${what} grows: at this trend it is full in ${Math.max(0, Math.round(days))} days`]
        : []),
    ];
  });
}

/** What stands out, by plain rules; nothing of series with too few values. */
export function findingsOf(all: readonly Series[]): string[] {
  const judged = new Map(all.filter(({ samples }) => samples >= fewest).map((one) => [one.name, one]));
  return [...ofLoad(judged), ...ofLimits(judged)];
}
