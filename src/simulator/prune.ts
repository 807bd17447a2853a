import type { VolumeState } from './state.js';

export type PruneMark = 'keep' | 'remove' | 'protected' | 'renamed';

export interface PruneRow {
  readonly volume: VolumeState;
  readonly type: 'qemu' | 'lxc' | 'unknown';
  mark: PruneMark;
}

function weekOf(date: Date): string {
  const thursday = new Date(date);
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return `${thursday.getUTCFullYear()}/${Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7)}`;
}

/** The periods of `keep-*`, in the order in which they choose. */
const periods: readonly [string, (date: Date, ctime: number) => string][] = [
  ['keep-last', (_, ctime) => String(ctime)],
  ['keep-hourly', (date) => date.toISOString().slice(0, 13)],
  ['keep-daily', (date) => date.toISOString().slice(0, 10)],
  ['keep-weekly', weekOf],
  ['keep-monthly', (date) => date.toISOString().slice(0, 7)],
  ['keep-yearly', (date) => date.toISOString().slice(0, 4)],
];

/** `keep-last=3,keep-daily=7` */
export function keepOptions(text: string): Record<string, number> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.filter(([key]) => key !== '').map(([key = '', value]) => [key, Number(value)]));
}

function markGroup(rows: readonly PruneRow[], keep: Readonly<Record<string, number>>): void {
  const open = new Set(rows.filter((row) => row.mark === 'remove'));
  const alreadyKept: PruneRow[] = [];
  for (const [option, periodOf] of periods) {
    const wanted = keep[option] ?? 0;
    const nameOf = (row: PruneRow) => periodOf(new Date(row.volume.ctime * 1000), row.volume.ctime);
    const covered = new Set(alreadyKept.map(nameOf));
    const chosen = new Set<string>();
    for (const row of open) {
      const period = nameOf(row);
      if (chosen.size >= wanted) break;
      if (covered.has(period) || chosen.has(period)) continue;
      chosen.add(period);
      row.mark = 'keep';
      open.delete(row);
      alreadyKept.push(row);
    }
  }
}

function rowOf(volume: VolumeState, keepsAll: boolean): PruneRow {
  const type = volume.subtype ?? 'unknown';
  const named = /vzdump-(qemu|lxc)-\d+-\d{4}_|\/(vm|ct)\/\d+\//.test(volume.volid);
  const mark = volume.protected === true ? 'protected' : !named ? 'renamed' : keepsAll ? 'keep' : 'remove';
  return { volume, type, mark };
}

/** Says for each backup, newest first in each group, what a prune would do with it. */
export function markBackups(backups: readonly VolumeState[], keep: Readonly<Record<string, number>>): PruneRow[] {
  const keepsAll = keep['keep-all'] === 1 || Object.values(keep).every((count) => count === 0);
  const rows = [...backups].sort((a, b) => b.ctime - a.ctime).map((volume) => rowOf(volume, keepsAll));
  if (keepsAll) return rows;
  for (const group of new Set(rows.map((row) => `${row.type}/${row.volume.vmid}`))) {
    markGroup(
      rows.filter((row) => `${row.type}/${row.volume.vmid}` === group),
      keep,
    );
  }
  return rows;
}
