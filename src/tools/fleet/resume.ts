import { z } from 'zod';
import { outcome } from '../bulk/run-steps.js';

/** A row of an earlier result, as it was given. */
export const earlierRow = z.looseObject({
  cluster: z.string().optional(),
  vmid: z.number(),
  name: z.string().optional(),
  ...outcome,
});
export type EarlierRow = z.output<typeof earlierRow>;

/** What an earlier result says of a guest: do it, follow its task, or leave it as it is. */
export type Verdict =
  | { readonly go: true }
  | { readonly follow: string }
  | { readonly settled: 'skipped' | 'unknown'; readonly why: string };

/** What is to become of a guest, given the row that an earlier call answered for it. */
export function judgeRow(row: EarlierRow | undefined, name: string | undefined): Verdict {
  if (row === undefined || row.outcome === 'left' || row.outcome === 'failed' || row.outcome === 'skipped')
    return { go: true };
  if (row.name !== name)
    return { settled: 'skipped', why: `it was called ${row.name ?? 'nothing'} before: look at it` };
  if (row.outcome === 'ok' || row.outcome === 'warnings') return { settled: 'skipped', why: 'done before' };
  if (row.upid !== undefined) return { follow: row.upid };
  return { settled: 'unknown', why: 'not done again, as it may have been done: look, then leave its row out' };
}

/** Whether its task was under way: it is followed, also where the filter no longer fits the guest. */
export const isBegun = (row: EarlierRow | undefined): boolean =>
  row?.upid !== undefined && (row.outcome === 'running' || row.outcome === 'unknown');

/** The rows by cluster and VMID; of one cluster alone they need not name it. */
export function earlierRows(rows: readonly EarlierRow[] = [], onlyCluster: string): Map<string, EarlierRow> {
  return new Map(rows.map((row) => [keyOf(row.cluster ?? onlyCluster, row.vmid), row]));
}

export const keyOf = (cluster: string, vmid: number) => `${cluster} ${vmid}`;
