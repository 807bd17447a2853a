import { z } from 'zod';

/** KiB/s; beyond it a number may be written as no server reads it. */
export const mostRate = 1_000_000_000;

/** How fast data may be copied, in KiB/s; 0 is no limit. */
export const bwlimit = z.int().min(0).max(mostRate).optional().describe('KiB/s');
