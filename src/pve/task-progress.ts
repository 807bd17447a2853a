/** How far a task says that it is, read from one line of its log. */
export interface TaskProgress {
  /** 0 to 100, where the line gives a percentage. */
  readonly percent?: number;
  /** Bytes. */
  readonly done?: number;
  readonly total?: number;
  /** Bytes a second. */
  readonly rate?: number;
  readonly message: string;
}

const units = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
  ['TiB', 1024 ** 4],
  ['KB', 1e3],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['TB', 1e12],
  // wget
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
]);

const bytes = (amount: string | undefined, unit: string | undefined) =>
  amount === undefined ? undefined : Math.round(Number(amount) * (units.get(unit ?? 'B') ?? 1));

const amount = '([\\d.]+) ?([KMGTk]?i?B)';
const share = new RegExp(`${amount} of ${amount}`);
const speed = new RegExp(`${amount}/s`);

type Reader = (line: string) => (Omit<TaskProgress, 'message'> & { readonly message?: string | undefined }) | undefined;

function sharePercent(line: string, pattern: RegExp): ReturnType<Reader> {
  const hit = pattern.exec(line);
  if (hit?.[1] === undefined) return undefined;
  const [, done, doneUnit, total, totalUnit] = share.exec(line) ?? [];
  return {
    percent: Math.min(100, Number(hit[1])),
    ...known({ done: bytes(done, doneUnit), total: bytes(total, totalUnit), rate: rateOf(line) }),
  };
}

function rateOf(line: string): number | undefined {
  const [, rate, unit] = speed.exec(line) ?? [];
  return bytes(rate, unit);
}

/** Without what the line does not tell. */
function known(
  given: Record<'done' | 'total' | 'rate', number | undefined>,
): Pick<TaskProgress, 'done' | 'total' | 'rate'> {
  const { done, total, rate } = given;
  return {
    ...(done === undefined ? {} : { done }),
    ...(total === undefined ? {} : { total }),
    ...(rate === undefined ? {} : { rate }),
  };
}

const mebibytes = (count: number) => `${(count / 1024 ** 2).toFixed(1)} MiB`;

/** `progress 12% (read 4123456 bytes, duration 3 sec)`, of a VM's restore; zeroes may stand between. */
function restored(line: string): ReturnType<Reader> {
  const hit = /^progress (\d+)% \(read (\d+) bytes\b.*?(?:duration (\d+) sec)?\)$/.exec(line);
  if (hit === null) return undefined;
  const percent = Math.min(100, Number(hit[1]));
  const done = Number(hit[2]);
  const seconds = Number(hit[3] ?? 0);
  const rate = seconds > 0 ? Math.round(done / seconds) : undefined;
  const pace = rate === undefined ? '' : `, ${mebibytes(rate)}/s`;
  return {
    percent,
    ...known({ done, total: undefined, rate }),
    message: `${percent}% restored, ${mebibytes(done)} read${pace}`,
  };
}

/** ` 45056K ........ ........  12% 45.1M 60s`, of a download; the last line ends in `100% 45.1M=60s`. */
function downloaded(line: string): ReturnType<Reader> {
  const hit = /^\s*(\d+)K [ .,]+\s(\d{1,3})%\s+([\d.]+)([KMG]?)(?:\s+(\S+)|=\S+)?\s*$/.exec(line);
  if (hit === null) return undefined;
  const percent = Math.min(100, Number(hit[2]));
  const done = Number(hit[1]) * 1024;
  const rate = bytes(hit[3], hit[4] || 'B');
  const left = hit[5] === undefined ? '' : `, ${hit[5]} left`;
  const pace = rate === undefined ? '' : `, ${mebibytes(rate)}/s`;
  return {
    percent,
    ...known({ done, total: undefined, rate }),
    message: `${percent}% downloaded, ${mebibytes(done)}${pace}${left}`,
  };
}

/** Memory that the guest keeps changing is sent again, so the share can pass 100 %. */
function migrated(line: string): ReturnType<Reader> {
  const hit = /transferred ([\d.]+) (\w+) of ([\d.]+) (\w+) VM-state/.exec(line);
  if (hit === null) return undefined;
  const done = bytes(hit[1], hit[2]) ?? 0;
  const total = bytes(hit[3], hit[4]) ?? 0;
  return { percent: total > 0 ? Math.min(99, (done / total) * 100) : 0, ...known({ done, total, rate: rateOf(line) }) };
}

/** `4194304000 bytes (4.2 GB, 3.9 GiB) copied, 21 s, 200 MB/s`: a volume on its way to another node, of which none says how large it is. */
function copied(line: string): ReturnType<Reader> {
  const hit = /(?:^|\s)(\d+) bytes .*copied, /.exec(line);
  return hit === null ? undefined : known({ done: Number(hit[1]), total: undefined, rate: rateOf(line) });
}

const readers: readonly Reader[] = [
  // clone, move and import of a disk that is not in use
  (line) => sharePercent(line, /^(?:\S+ \S+ )?transferred .+ of .+ \(([\d.]+)%\)$/),
  // mirror of a disk in use: `drive-scsi0: transferred 1.2 GiB of 32.0 GiB (3.75%) in 12s`
  (line) => sharePercent(line, /: transferred .+ \(([\d.]+)%\) in /),
  // vzdump of a VM
  (line) => sharePercent(line, /^INFO:\s+(\d+)% \(/),
  restored,
  downloaded,
  migrated,
  copied,
];

/** The progress that a line of a task's log tells of. */
export function readProgress(line: string): TaskProgress {
  for (const reader of readers) {
    const found = reader(line);
    if (found !== undefined) return { ...found, message: found.message ?? line };
  }
  return { message: line };
}
