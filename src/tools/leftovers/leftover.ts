import { z } from 'zod';

const kinds = [
  'running_task',
  'ha_move',
  'locked_guest',
  'half_snapshot',
  'backup_snapshot',
  'unused_disk',
  'orphan_volume',
  'unnamed_volume',
  'stray_copy',
  'move_token',
  'staged_network',
  'pending_sdn',
  'ending_replication',
] as const;

/** Something that a call may have left, as it is found by looking. */
export const leftover = z.object({
  kind: z.enum(kinds),
  sure: z.enum(['certain', 'possible']),
  what: z.string(),
  node: z.string().optional(),
  vmid: z.number().optional(),
  name: z.string().optional(),
  lock: z.string().optional(),
  snapname: z.string().optional(),
  disk: z.string().optional(),
  volid: z.string().optional(),
  size: z.number().optional(),
  tokenid: z.string().optional(),
  type: z.string().optional(),
  id: z.string().optional(),
  state: z.string().optional(),
  upid: z.string().optional(),
  /** Since when it has been so, or what is known of that. */
  since: z.string().optional(),
  /** On the same cluster: a tool with its arguments, or what only a person can do. */
  take_back: z.object({
    tool: z.string().optional(),
    arguments: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
    by_hand: z.string().optional(),
  }),
});
export type Leftover = z.input<typeof leftover>;

/** What was found, and what could not be looked at. */
export interface Found {
  readonly rows: readonly Leftover[];
  readonly notes: readonly string[];
}

export const byTool = (
  tool: string,
  args: Readonly<Record<string, string | number | boolean>>,
): Leftover['take_back'] => ({ tool, arguments: args });

/** In the order in which they should be seen to: what runs may still become whole by itself. */
export const inOrder = (rows: readonly Leftover[]): Leftover[] =>
  rows.toSorted(
    (a, b) =>
      kinds.indexOf(a.kind) - kinds.indexOf(b.kind) ||
      (a.vmid ?? 0) - (b.vmid ?? 0) ||
      compare(a.node ?? '', b.node ?? '') ||
      compare(a.volid ?? a.snapname ?? a.id ?? '', b.volid ?? b.snapname ?? b.id ?? ''),
  );

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
