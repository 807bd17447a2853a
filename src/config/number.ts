import { bad, type Checked, good, quote } from './faults.js';

/** A whole number in decimal digits, both limits included. */
export function parseWholeNumber(text: string, least: number, most: number, unit: string): Checked<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return good(value);
  return bad(`is ${quote(text)}: write whole ${unit} from ${least} to ${most}`);
}
