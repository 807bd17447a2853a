import { z } from 'zod';

const periods = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
const one = `(?:keep-)?(?:${periods.join('|')})=\\d{1,4}`;
const rule = new RegExp(`^(?:all|${one}(?:,${one}){0,5})$`);

// What is refined is checked like the rest, and not published: a client reads every byte of a schema.
export const word = z.string().refine((text) => text.length > 0 && text.length <= 256, '1 to 256 characters');

const vmids = /^[1-9]\d{2,8}(,[1-9]\d{2,8})*$/;

/** VMIDs as Proxmox lists them: `100,101`. */
export const isVmidList = (text: string) => vmids.test(text);

/** Text that Proxmox keeps with a backup. */
export const notes = z.string().refine((text) => text.length > 0 && text.length <= 500, '1 to 500 characters');

/** What is kept of the backups of each guest: `last=3,daily=7`. */
export const keep = z
  .string()
  .refine((text) => rule.test(text), "'all', or 'last=3,daily=7' of last, hourly, daily, weekly, monthly, yearly");

/** `last=3,daily=7` as Proxmox writes it: `keep-last=3,keep-daily=7`. */
export function pruneRule(written: string): string {
  if (written === 'all') return 'keep-all=1';
  return written
    .split(',')
    .map((part) => (part.startsWith('keep-') ? part : `keep-${part}`))
    .join(',');
}

/** A rule as this server takes it; Proxmox gives it as a property string, or in lists as an object. */
export function shortRule(written: string | Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (written === undefined) return undefined;
  const parts =
    typeof written === 'string'
      ? written.split(',')
      : Object.entries(written).map(([name, count]) => `${name}=${count}`);
  const short = parts.map((part) => part.replace(/^keep-/, '')).filter((part) => part !== '');
  if (short.some((part) => part === 'all=1')) return 'all';
  return short.length === 0 ? undefined : short.join(',');
}

// In a template a backslash and a line break are escaped (pve-manager, VZDump.pm, generate_notes).
export const notesTemplate = (text: string) => text.replaceAll('\\', '\\\\').replace(/\r?\n/g, '\\n');
