import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { flag, number, text } from '../../pve/loose.js';

const user = z.object({
  userid: z.string(),
  enable: flag.optional(),
  expire: number.optional(),
  groups: z.union([z.string(), z.array(z.string())]).optional(),
  firstname: text.optional(),
  lastname: text.optional(),
  email: text.optional(),
  comment: text.optional(),
  tokens: z
    .array(
      z.object({
        tokenid: text,
        privsep: flag.optional(),
        expire: number.optional(),
        comment: text.optional(),
      }),
    )
    .optional(),
});
export type User = z.output<typeof user>;

/** Those that the token may see; with `full` their groups and tokens. */
export const allUsers = endpoint('GET /access/users', z.array(user));
