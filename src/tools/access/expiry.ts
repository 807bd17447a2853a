import { z } from 'zod';
import { isoTime } from '../../pve/time.js';

/** Zero is how Proxmox writes never. */
export const expiryTime = (seconds: number | undefined) => (seconds ? isoTime(seconds) : null);

/** A day, which is UTC's, or a time that names its zone. */
const times = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: -1 }),
]);

/** When a user or token stops working. */
export const expire = z
  .string()
  .max(40)
  .refine(
    (text) => text === 'never' || times.safeParse(text).success,
    'give 2027-06-01 (UTC), 2027-06-01T12:00Z, or never',
  )
  .optional()
  .describe('ISO time, or never');

/** As Proxmox takes it. */
export function expirySeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text === 'never' ? 0 : Math.floor(Date.parse(text) / 1000);
}
