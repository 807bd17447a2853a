import type { ArgumentFault } from './input.js';

/** More than any tool takes; what is beyond is not looked at further. */
const deepest = 32;
const mostValues = 20_000;
const longestText = 1_048_576;
const longestKey = 256;

const tooMany = `has more than ${mostValues} values`;

/** What a guest is given as it is; anywhere else Proxmox ends a text at a NUL, or splits a list there. */
const carriesData = new Set(['content', 'input']);

interface Found {
  readonly argument: string;
  /** The argument, also of one that stands in `more`. */
  readonly field: string;
  readonly value: unknown;
  readonly depth: number;
}

/**
 * What no argument of any tool may be: nested deeper, longer or more than any of them takes, or text that is no Unicode,
 * of which something else would be sent. Later steps walk arguments by recursion and repeat them in errors.
 */
export function boundFaults(given: unknown): readonly ArgumentFault[] {
  const open: Found[] = [{ argument: 'arguments', field: '', value: given, depth: 0 }];
  for (let seen = 0; ; seen += 1) {
    const found = open.pop();
    if (found === undefined) return [];
    const { argument, field, value, depth } = found;
    const message = seen > mostValues ? tooMany : faultOf(found);
    if (message !== undefined) return [{ argument, message }];
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      const named = depth === 0 && !Array.isArray(value) ? key.slice(0, longestKey) : argument;
      const wrong = Array.isArray(value) ? undefined : keyFault(key);
      if (wrong !== undefined) return [{ argument, message: wrong }];
      const isArgument = depth === 0 || (depth === 1 && argument === 'more');
      open.push({ argument: named, field: isArgument ? key : field, value: inner, depth: depth + 1 });
    }
  }
}

function faultOf({ field, value, depth }: Found): string | undefined {
  if (typeof value === 'string') {
    if (value.length > longestText) return `must have at most ${longestText} characters`;
    if (value.includes('\0') && !carriesData.has(field)) return 'holds a NUL character';
    return value.isWellFormed() ? undefined : 'has half of a character (an unpaired surrogate)';
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > deepest) return `is nested more than ${deepest} deep`;
  return Array.isArray(value) && value.length > mostValues ? tooMany : undefined;
}

function keyFault(key: string): string | undefined {
  if (key.length > longestKey) return `has a name of ${key.length} characters`;
  return key.isWellFormed() ? undefined : 'has a name with half of a character (an unpaired surrogate)';
}
