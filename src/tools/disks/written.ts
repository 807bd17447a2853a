import { z } from 'zod';

/**
 * A text of a form that is checked and not published: a pattern costs more than the words that say the same. A control
 * character is never part of it: Proxmox splits lists at a NUL too (Tools.pm, split_list).
 */
export const written = (form: RegExp, example: string) =>
  z
    .string()
    .max(512)
    .refine((text) => form.test(text) && !/\p{Cc}/u.test(text), example);
