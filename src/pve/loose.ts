import { z } from 'zod';

// Proxmox types are loose: the same field comes as 1, "1", true or not at all, by the history of a Perl scalar.

/** A number that may come as a string. */
export const number = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
  z.number(),
);

/** A boolean that may come as 1, 0, "1", "0", "" or a real one. */
export const flag = z.preprocess((value) => {
  if (value === 1 || value === '1') return true;
  if (value === 0 || value === '0' || value === '') return false;
  return value;
}, z.boolean());

/** A string that may come as a number. */
export const text = z.preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string());
