import { z } from 'zod';
import { endpoint } from './endpoint.js';

/** The names of all pools that the token may see. */
export const poolNames = endpoint('GET /pools', z.array(z.object({ poolid: z.string() })));
