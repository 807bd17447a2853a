import { z } from 'zod';
import { configId } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';

const longest = 40;

export const snapname = configId(longest)
  .refine((name) => name !== 'current' && name !== 'pending', 'Proxmox keeps this name to itself')
  .describe('Name');

export const expiresDays = z.int().min(1).max(3650).optional().describe('Adds -expYYYYMMDD');

const day = 24 * 60 * 60 * 1000;

/**
 * A name that carries the last day, UTC, on which the snapshot is kept: `before-upgrade-exp20261231`.
 * @throws {InvalidInput} where there is no room for it
 */
export function withExpiry(name: string, days: number | undefined, now: number): string {
  if (days === undefined) return name;
  const last = new Date(now + days * day).toISOString().slice(0, 10).replaceAll('-', '');
  const whole = `${name}-exp${last}`;
  if (whole.length <= longest) return whole;
  const message = `with its expiry it has ${whole.length} characters, and Proxmox takes ${longest}`;
  throw new InvalidInput({ argument: 'snapname', message });
}

/** The last day that a name carries, as `2026-12-31`, and whether it has passed; `undefined` where it carries none. */
export function expiryOf(name: string, now: number): { readonly last: string; readonly passed: boolean } | undefined {
  const [, year, month, date] = /-exp(\d{4})(\d{2})(\d{2})$/.exec(name) ?? [];
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const last = `${year}-${month}-${date}`;
  const begins = Date.parse(`${last}T00:00:00Z`);
  // 2026-02-30 is no day, and some engines make 2 March of it.
  if (Number.isNaN(begins) || new Date(begins).toISOString().slice(0, 10) !== last) return undefined;
  return { last, passed: now >= begins + day };
}
