import type { Tool } from '../../tools/define.js';
import { acceptedInput } from '../input.js';
import { shown } from '../write-gate.js';

/** What is longer is told by its length: a flood of text belongs in no record. */
const most = { characters: 2000, entries: 40, depth: 5, name: 100 };
const notShown = '[not shown]';

// Of a webhook; and what a program in a guest reads.
const maskedNames = /^(?:headers|body|input)$/i;

/**
 * The arguments of a call as they may be kept: secrets masked by the rules of plans, files that are written to guests by
 * their length, and of an argument that the tool does not know only that it was there.
 */
export function maskArguments(tool: Tool, given: unknown): unknown {
  if (!isPlain(given)) return bounded('arguments', given, 0);
  const { more, ...beside } = given;
  const all = isPlain(more) ? { ...beside, ...more } : beside;
  const known = acceptedInput(tool, true).shape;
  const writesFile = writesToGuest(tool);
  return Object.fromEntries(
    Object.entries(all)
      .slice(0, most.entries)
      .map(([name, value]) => {
        if (!Object.hasOwn(known, name)) return [cut(name), notShown];
        return [name, writesFile && name === 'content' ? lengthOf(value) : bounded(name, value, 0)];
      }),
  );
}

/** What a request carries, masked for a plan already; a file's content is kept by its length alone. */
export function maskParameters(path: string, parameters: Readonly<Record<string, unknown>>): unknown {
  const isFile = path.endsWith('/agent/file-write');
  const masked = Object.entries(parameters).map(([name, value]) => [
    cut(name),
    isFile && name === 'content' ? lengthOf(value) : bounded(name, value, 0),
  ]);
  return Object.fromEntries(masked);
}

const writesToGuest = ({ calls }: Tool) =>
  Object.values(calls).some(({ route }) => route.endsWith('/agent/file-write'));

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const cut = (name: string) => (name.length > most.name ? `${name.slice(0, most.name)}...` : name);

function lengthOf(value: unknown): unknown {
  if (typeof value !== 'string') return notShown;
  // One that plans have cut says how long it was.
  return /\(\d+ characters\)$/.exec(value)?.[0] ?? `(${value.length} characters)`;
}

/** @param argument as tools spell it; the rules know the names that Proxmox has */
function bounded(argument: string, value: unknown, depth: number): unknown {
  const name = argument.replaceAll('_', '-');
  if (maskedNames.test(name)) return notShown;
  if (typeof value === 'string') return value.length > most.characters ? lengthOf(value) : shown(name, value);
  if (typeof value !== 'object' || value === null) return shown(name, value);
  if (shown(name, '') !== '' || depth >= most.depth) return notShown;
  if (Array.isArray(value)) {
    const rest = value.length - most.entries;
    const first = value.slice(0, most.entries).map((one) => bounded(name, one, depth + 1));
    return rest > 0 ? [...first, `... (${rest} more)`] : first;
  }
  const entries = Object.entries(value).slice(0, most.entries);
  return Object.fromEntries(entries.map(([key, inner]) => [cut(key), bounded(key, inner, depth + 1)]));
}
