import { z } from 'zod';
import { quotedName } from '../../pve/quoted.js';
import { parseUpid } from '../../pve/upid.js';
import { outcome } from '../bulk/run-steps.js';
import { InvalidInput } from '../invalid-input.js';

/** A row of an earlier result, as it was given. */
export const earlierRow = z.looseObject({
  cluster: z.string(),
  vmid: z.number(),
  name: z.string().optional(),
  action: z.string(),
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
    return {
      settled: 'skipped',
      why: `it was called ${row.name === undefined ? 'nothing' : quotedName(row.name)} before: look at it`,
    };
  if (row.outcome === 'ok' || row.outcome === 'warnings') return { settled: 'skipped', why: 'done before' };
  if (row.upid !== undefined) return { follow: row.upid };
  return { settled: 'unknown', why: 'not done again, as it may have been done: look, then leave its row out' };
}

/** Whether its task was under way: it is followed, also where the filter no longer fits the guest. */
export const isBegun = (row: EarlierRow | undefined): boolean =>
  row?.upid !== undefined && (row.outcome === 'running' || row.outcome === 'unknown');

/**
 * The rows by cluster and VMID.
 * @param action what the call is to do: what another has done says nothing of it
 * @throws {InvalidInput} for rows of another action, of clusters that the call leaves out, and with the task of another guest
 */
export function earlierRows(
  rows: readonly EarlierRow[] = [],
  action: string,
  clusters: readonly string[],
): Map<string, EarlierRow> {
  for (const row of rows) {
    const why = whyForeign(row, action, clusters);
    if (why !== undefined)
      throw new InvalidInput({ argument: 'resume', message: `the row of ${keyOf(row.cluster, row.vmid)} ${why}` });
  }
  return new Map(rows.map((row) => [keyOf(row.cluster, row.vmid), row]));
}

function whyForeign(row: EarlierRow, action: string, clusters: readonly string[]): string | undefined {
  if (row.action !== action) return `is of '${row.action}', and this call is of '${action}'`;
  if (!clusters.includes(row.cluster)) return `is of a cluster that this call leaves out: name it in 'cluster'`;
  if (row.upid !== undefined && parseUpid(row.upid)?.id !== String(row.vmid)) return 'has a upid that is not its own';
  return undefined;
}

export const keyOf = (cluster: string, vmid: number) => `${cluster} ${vmid}`;
