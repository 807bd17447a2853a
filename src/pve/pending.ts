import { z } from 'zod';
import { type Attempt, attempt } from './attempt.js';
import { type Answer, endpoint } from './endpoint.js';
import { failureInWords } from './failure.js';
import { number, text } from './loose.js';
import { shownField } from './secret-fields.js';

const row = z.object({
  key: z.string(),
  value: text.optional(),
  pending: text.optional(),
  /** 1, or 2 where its disk is destroyed with it. */
  delete: number.optional(),
});

/** Every key of a configuration: what it is now, and what waits for a restart. */
export const pendingRows = endpoint('GET /nodes/{node}/{type}/{vmid}/pending', z.array(row));
type Row = z.output<typeof row>;

/** A change that the running guest has not taken: it comes with the next stop and start. */
export const waiting = z.object({
  key: z.string(),
  current: z.string().optional(),
  pending: z.string().optional(),
  deleted: z.literal(true).optional(),
});
export type Waiting = z.output<typeof waiting>;

const mask = (key: string, value: string | undefined) => (value === undefined ? undefined : shownField(key, value));

/** What waits, in the order of the keys. */
export function waitingOf(rows: readonly Row[]): Waiting[] {
  return rows
    .filter((one) => one.pending !== undefined || (one.delete ?? 0) > 0)
    .map(({ key, value, pending, delete: gone }) => ({
      key,
      current: mask(key, value),
      pending: mask(key, pending),
      ...(gone ? ({ deleted: true } as const) : {}),
    }))
    .sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }));
}

/** What waits, in an answer; left out where it could not be read. */
export const afterwards = { pending: z.array(waiting).optional(), needs_restart: z.boolean().optional() };

/** What waits after a change; the change is done whether or not this can be read. */
export async function waitingAfter(
  asked: Promise<Answer<Row[]>>,
  note: (text: string) => void,
): Promise<{ pending?: Waiting[]; needs_restart?: boolean }> {
  const outcome: Attempt<Answer<Row[]>> = await attempt(asked);
  if ('error' in outcome) {
    note(`what waits for a restart could not be read: ${failureInWords(outcome.error)}`);
    return {};
  }
  const pending = waitingOf(outcome.value.data);
  return { pending, needs_restart: pending.length > 0 };
}
