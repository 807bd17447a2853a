/** How far a task says that it is, read from one line of its log. */
export interface TaskProgress {
  /** 0 to 100, where the line gives a percentage. */
  readonly percent?: number;
  readonly message: string;
}

const percentages = [
  // clone, move and import of a disk that is not in use
  /^transferred .+ of .+ \(([\d.]+)%\)$/,
  // mirror of a disk in use: `drive-scsi0: transferred 1.2 GiB of 32.0 GiB (3.75%) in 12s`
  /: transferred .+ \(([\d.]+)%\) in /,
  // vzdump of a VM
  /^INFO:\s+(\d+)% \(/,
  // restore
  /^progress (\d+)% /,
  // wget
  /\s(\d{1,3})%\s+[\d.]+[KMG]?\s/,
];

const ram = /transferred ([\d.]+) (\w+) of ([\d.]+) (\w+) VM-state/;
const units = new Map([
  ['B', 0],
  ['KiB', 1],
  ['MiB', 2],
  ['GiB', 3],
  ['TiB', 4],
]);

const bytes = (amount: string, unit: string) => Number(amount) * 1024 ** (units.get(unit) ?? 0);

/** The progress that a line of a task's log tells of. */
export function readProgress(line: string): TaskProgress {
  const percent = percentOf(line);
  return percent === undefined ? { message: line } : { percent, message: line };
}

function percentOf(line: string): number | undefined {
  for (const pattern of percentages) {
    const hit = pattern.exec(line);
    if (hit?.[1] !== undefined) return Math.min(100, Number(hit[1]));
  }
  const hit = ram.exec(line);
  if (hit === null) return undefined;
  const [, done = '0', doneUnit = 'B', all = '1', allUnit = 'B'] = hit;
  // Memory that the guest keeps changing is sent again, so the share can pass 100 %.
  return Math.min(99, (bytes(done, doneUnit) / bytes(all, allUnit)) * 100);
}
