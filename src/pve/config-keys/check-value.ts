import { propertyFlag } from '../property-string.js';
import type { KeySpec, PartSpec, Parts, ValueSpec } from './key-spec.js';

/** A value as it is sent, or what is wrong with it. */
export type Checked = { readonly wire: string } | { readonly fault: string };

const nothing: ReadonlySet<string> = new Set();

/**
 * Checks what a key is to be set to.
 * @param release the cluster's major version, where it matters
 * @param present the parts that its present line has: they need not be repeated, and `tag=` takes one away
 */
export function checkValue(spec: KeySpec, value: unknown, release: number | undefined, present = nothing): Checked {
  if (typeof value === 'boolean') return checkBoolean(spec, value, release);
  if (typeof value !== 'string' && typeof value !== 'number') return { fault: 'takes a text, a number or a boolean' };
  const text = String(value);
  if (text === '' && !spec.lines) return { fault: "empty; to unset it, name it in 'delete'" };
  if (/[\r\n]/.test(text) && !spec.lines) return { fault: 'takes one line' };
  if (spec.type === 'flag') {
    const on = propertyFlag(text);
    if (on !== undefined) return withRelease(spec, on ? '1' : '0', release);
  }
  const given = present.size === 0 ? text : withoutUnset(text);
  const fault =
    (given === '' && text !== '' ? undefined : scalarFault(spec, given)) ??
    (spec.parts === undefined ? undefined : partsFault(spec.parts, text, release, present));
  return fault === undefined ? withRelease(spec, text, release) : { fault };
}

/** `agent: true` is `agent=1`: the key that may stand alone is a switch. */
function checkBoolean(spec: KeySpec, value: boolean, release: number | undefined): Checked {
  const bare = Object.values(spec.parts ?? {}).find((part) => part.bare);
  if (spec.type !== 'flag' && bare?.type !== 'flag') return { fault: `takes ${describe(spec)}, no boolean` };
  return withRelease(spec, value ? '1' : '0', release);
}

function withRelease(spec: ValueSpec, wire: string, release: number | undefined): Checked {
  const fault = releaseFault(spec, release);
  return fault === undefined ? { wire } : { fault };
}

function releaseFault({ since, until }: ValueSpec, release: number | undefined): string | undefined {
  if (release === undefined) return undefined;
  if (since !== undefined && release < since) return `known from Proxmox VE ${since} on; this cluster has ${release}`;
  return until !== undefined && release > until ? `gone since Proxmox VE ${until + 1}` : undefined;
}

/** Whether it depends on the version whether this can be set. */
export function dependsOnRelease(spec: KeySpec, value: unknown): boolean {
  const used = typeof value === 'string' && spec.parts !== undefined ? pieces(spec.parts, value) : [];
  const specs = [spec, ...used.flatMap(([name]) => spec.parts?.[name ?? ''] ?? [])];
  return specs.some(({ since, until }) => since !== undefined || until !== undefined);
}

function scalarFault(spec: ValueSpec, text: string): string | undefined {
  const { type, min, max, longest, oneOf, form } = spec;
  const fits =
    (type !== 'flag' || propertyFlag(text) !== undefined) &&
    (type !== 'integer' || /^[+-]?\d+$/.test(text)) &&
    (type !== 'number' || /^[+-]?\d+(?:\.\d+)?$/.test(text)) &&
    (min === undefined || Number(text) >= min) &&
    (max === undefined || Number(text) <= max) &&
    (longest === undefined || text.length <= longest) &&
    (oneOf === undefined || oneOf.includes(text)) &&
    (form === undefined || form.pattern.test(text));
  return fits ? undefined : `takes ${describe(spec)}`;
}

function describe({ type, min, max, longest, oneOf, form }: ValueSpec): string {
  if (oneOf !== undefined) return `one of ${oneOf.join(', ')}`;
  if (form !== undefined) return form.says;
  if (type === 'flag') return 'true or false';
  if (type === 'text') return longest === undefined ? 'a text' : `at most ${longest} characters`;
  const what = type === 'integer' ? 'a whole number' : 'a number';
  if (min !== undefined && max !== undefined) return `${what} from ${min} to ${max}`;
  if (min !== undefined) return `${what} of at least ${min}`;
  return max === undefined ? what : `${what} of at most ${max}`;
}

const isUnset = (piece: string) => piece.endsWith('=') && piece.indexOf('=') === piece.length - 1;
const withoutUnset = (text: string) =>
  text
    .split(',')
    .filter((piece) => !isUnset(piece))
    .join(',');

export function pieces(parts: Parts, text: string): (readonly [string | undefined, string])[] {
  const bare = Object.keys(parts).find((name) => parts[name]?.bare);
  return text
    .split(',')
    .filter((piece) => piece !== '')
    .map((piece) => {
      const at = piece.indexOf('=');
      return at < 0 ? ([bare, piece] as const) : ([piece.slice(0, at), piece.slice(at + 1)] as const);
    });
}

function partsFault(
  parts: Parts,
  text: string,
  release: number | undefined,
  present: ReadonlySet<string>,
): string | undefined {
  const given = new Set<string>();
  const unset = new Set<string>();
  for (const [name, value] of pieces(parts, text)) {
    const part = name !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (name === undefined || part === undefined)
      return `${name === undefined ? `'${value}' lacks its key` : `'${name}' is no part of it`}; it has ${shown(parts)}`;
    const real = part.sameAs ?? name;
    if (given.has(real)) return `'${real}' is given twice`;
    given.add(real);
    if (part.names !== undefined) given.add(part.names);
    if (value === '' && present.size > 0) {
      unset.add(real);
      continue;
    }
    const fault = releaseFault(part, release) ?? scalarFault(parts[real] ?? part, value);
    if (fault !== undefined) return `'${name}' ${fault}`;
  }
  const has = (name: string) => !unset.has(name) && (given.has(name) || present.has(name));
  const lacking = Object.entries(parts).find(([name, part]) => part.required && !has(name));
  return lacking === undefined ? undefined : `lacks '${lacking[0]}'`;
}

const isShown = ([, { sameAs, until }]: [string, PartSpec]) => sameAs === undefined && until === undefined;
const shown = (parts: Parts) =>
  Object.entries(parts)
    .filter(isShown)
    .map(([name]) => name)
    .join(', ');
