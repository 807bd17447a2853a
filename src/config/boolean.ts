import { bad, type Checked, good, quote } from './faults.js';

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

/** `true`, `1`, `yes`, `on`, `false`, `0`, `no` or `off`, in any letter case. */
export function parseBoolean(text: string): Checked<boolean> {
  const value = words.get(text.trim().toLowerCase());
  return value === undefined ? bad(`is ${quote(text)}: write true or false`) : good(value);
}
