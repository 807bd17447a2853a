import { z } from 'zod';
import { number } from '../../pve/loose.js';
import { isoTime } from '../../pve/time.js';
import { type Consolidation, readSamples, seriesNames, summarise, summary, thin } from './series.js';

/** Rows of `rrddata`: what they hold differs by kind and by version, and a gap is a row with its time alone. */
export const rrdRows = z.array(z.looseObject({ time: number }));

/** The arguments of every metrics tool. */
export const historyInput = {
  timeframe: z.enum(['hour', 'day', 'week', 'month', 'year']).optional().describe('Default hour'),
  cf: z.enum(['AVERAGE', 'MAX']).optional().describe('Default AVERAGE'),
  points: z.int().min(1).max(200).optional().describe('At most; default 60'),
};

/** What every metrics tool answers beside what it is about. */
export const historyOutput = {
  timeframe: z.string(),
  cf: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
  step: z.number().optional(),
  summary: z.record(z.string(), summary),
  points: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.number().nullable())) }),
  notes: z.array(z.string()).optional(),
};

interface Asked {
  readonly timeframe?: 'hour' | 'day' | 'week' | 'month' | 'year' | undefined;
  readonly cf?: Consolidation | undefined;
  readonly points?: number | undefined;
}

export const rrdQuery = ({ timeframe = 'hour', cf = 'AVERAGE' }: Asked) => ({ timeframe, cf });

/** So many numbers fit into an answer, whatever the number of series. */
const longestTable = 1800;

export function history(rows: z.output<typeof rrdRows>, asked: Asked) {
  const { timeframe, cf } = rrdQuery(asked);
  const samples = readSamples(rows);
  const fitting = Math.floor(longestTable / (seriesNames(samples).length + 1));
  const { step, columns, rows: thinned } = thin(samples, Math.max(1, Math.min(asked.points ?? 60, fitting)), cf);
  const [first, last] = [samples[0], samples.at(-1)];
  return {
    timeframe,
    cf,
    ...(first === undefined || last === undefined ? {} : { from: isoTime(first.time), to: isoTime(last.time), step }),
    summary: summarise(samples),
    points: { columns, rows: thinned },
    ...(thinned.length === 0 ? { notes: ['Proxmox has recorded no values for this time.'] } : {}),
  };
}
