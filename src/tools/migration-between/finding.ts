import { z } from 'zod';

/** Something that hinders a move, or that is to be known before it. */
export const finding = z.object({
  code: z.string(),
  message: z.string(),
  /** What to do about it. */
  fix: z.string().optional(),
  /** To be run by the user on a node of the cluster that it is about. */
  pveum: z.array(z.string()).optional(),
});
export type Finding = z.output<typeof finding>;

/** What was found: `stops` keep it from being done at all. */
export interface Findings {
  readonly stops: readonly Finding[];
  readonly warnings: readonly Finding[];
}

export const joined = (...all: readonly Findings[]): Findings => ({
  stops: all.flatMap(({ stops }) => stops),
  warnings: all.flatMap(({ warnings }) => warnings),
});

/** The findings whose condition holds. */
export const those = (...candidates: readonly (Finding | false | undefined)[]): Finding[] =>
  candidates.flatMap((candidate) => (candidate ? [candidate] : []));
