import fc from 'fast-check';
import { z } from 'zod';
import { acceptedInput } from '../../src/client/input.js';
import type { Tool } from '../../src/tools/define.js';
import type { Seeded } from './seeded.js';

/** What no request may have as a key, as an item of a list, or as a parameter: nobody asks for it but by a trick. */
export const planted = 'zzplanted';

/** What is put around, or in place of, a value that is right. */
const tails = [
  `,${planted}=1`,
  `;${planted}=1`,
  `,${planted}`,
  `;${planted}`,
  ` ${planted}=1`,
  `=${planted}`,
  `\n${planted}=1`,
  `\r\n${planted}: 1`,
  `\r\n${planted}: 1\r\n\r\n`,
  `\0${planted}=1`,
  `&${planted}=1`,
  `?${planted}=1`,
  `#${planted}`,
  `"; ${planted}="1`,
  `/${planted}`,
  `%2f${planted}`,
  `%26${planted}%3d1`,
  `%2c${planted}%3d1`,
  `/../${planted}`,
  `/../../${planted}`,
  `\\..\\${planted}`,
  '/.',
  '/..',
  '/',
  '//',
  '\u2028',
  '\u202e',
  '\u0085',
  '\ufeff',
  '\ud800',
  '\0',
  ' ',
  '\t',
  '%00',
  '%0a',
  '\u2215x',
  '\uff0fx',
  '\uff0c\uff1d',
];
const wholes = [
  '',
  ' ',
  '.',
  '..',
  '/',
  '\\',
  '../..',
  '..%2f..',
  '%2e%2e',
  '%2e%2e%2f%2e%2e',
  '%252e%252e',
  '..\\..',
  '\u2025',
  '\uff0e\uff0e',
  '/etc/shadow',
  'a/b',
  'a%2fb',
  'a\0b',
  'a?b=c',
  'a#b',
  '\ud800',
  '\u202egnp.exe',
  '😀'.repeat(40),
  'e\u0301'.repeat(40),
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  'true',
  '-1',
  '0',
  '1e308',
  '-0',
  '0x64',
  '100.5',
  '99999999999999999999',
  '*',
  '?*'.repeat(60),
  `${'*a'.repeat(100)}!`,
  `${'a'.repeat(250)}!`,
  '(a+)+$',
  '(.*)*x',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '[',
  '\\',
  '$&',
  "$'",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expansion of a shell, and none of ours
  '${HOME}',
  '$(id)',
  '`id`',
  "'; drop table x; --",
  '<script>alert(1)</script>',
  '{{guestname}}',
  '%s%n%d',
  '-rf',
  '--help',
  `${'1,'.repeat(2000)}1`,
  `${'1-'.repeat(2000)}1`,
  `${' '.repeat(5000)}x`,
  `${'a.'.repeat(5000)}`,
  `${':'.repeat(5000)}x`,
  `${'a,'.repeat(20000)}`,
  `${'a=b,'.repeat(10000)}`,
  `1/${'1/'.repeat(4000)}x`,
  'x'.repeat(100_000),
  `a://${':'.repeat(8180)}`,
  `a://${':@'.repeat(4000)}/?${'sig=&'.repeat(50)}`,
  `a${'_Aaa'.repeat(40)}!`,
  '\\'.repeat(8000),
];
const numbers = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  -1,
  0.5,
  100.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 - 1,
  -(2 ** 53),
  1e21,
  99,
  100,
  1_000_000_000,
];

/** As it comes off the wire: `__proto__` is a key of its own. */
const fromWire = (text: string): unknown => JSON.parse(text);

const deep = (depth: number) => fromWire(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const deepObject = (depth: number) => fromWire(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
const strangers = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => '',
  () => [],
  () => ({}),
  () => [null],
  () => [[]],
  () => deep(1000),
  () => deepObject(1000),
  () => deep(10_000),
  () => deepObject(10_000),
  () => fromWire(`{"__proto__":{"${planted}":1}}`),
  () => fromWire(`{"constructor":{"prototype":{"${planted}":1}}}`),
  () => fromWire('{"toString":1,"valueOf":1,"toJSON":1}'),
  () => fromWire('{"then":1,"length":5,"0":"a"}'),
  () => Array.from({ length: 5000 }, (_, index) => index + 100),
  () => Array.from({ length: 5000 }, () => 'x'),
  () => Array.from({ length: 1200 }, () => `a://${':'.repeat(8180)}`),
  () => Array.from({ length: 15_000 }, (_, index) => `word-1-${index}`),
  () => Array.from({ length: 200_000 }, (_, index) => `word-1-${index}`),
  () => ({ password: Array.from({ length: 15_000 }, (_, index) => `word-1-${index}`) }),
  () => ({ password: Array.from({ length: 500 }, (_, index) => `"\\${index}"\\`.repeat(500)) }),
];

interface Shape {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
}

const shapes = new WeakMap<Tool, Readonly<Record<string, Shape>>>();

/** The arguments of a tool, as its schema says. */
function shapesOf(tool: Tool): Readonly<Record<string, Shape>> {
  const known = shapes.get(tool);
  if (known !== undefined) return known;
  const schema: Shape = z.toJSONSchema(acceptedInput(tool, true), { io: 'input', unrepresentable: 'any' }) as Shape;
  const made = schema.properties ?? {};
  shapes.set(tool, made);
  return made;
}

const samples = new Map<string, readonly string[]>();

/** Strings that a pattern lets through; the strangest of them are what a check by that pattern alone lets out. */
function passing(pattern: string): readonly string[] {
  const known = samples.get(pattern);
  if (known !== undefined) return known;
  let found: readonly string[] = [];
  try {
    found = fc.sample(fc.stringMatching(new RegExp(pattern), { size: 'small' }), { numRuns: 30, seed: 1 });
  } catch {
    // One that looks ahead or behind cannot be turned round.
  }
  samples.set(pattern, found);
  return found;
}

function usual(shape: Shape, random: Seeded): unknown {
  if (shape.enum !== undefined) return random.pick(shape.enum);
  if (shape.anyOf?.[0] !== undefined) return usual(random.pick(shape.anyOf), random);
  if (shape.type === 'boolean') return random.chance(0.7);
  if (shape.type === 'integer' || shape.type === 'number') return Math.max(1, shape.minimum ?? 1);
  if (shape.type === 'array') return [usual(shape.items ?? { type: 'string' }, random)];
  if (shape.type === 'object')
    return Object.fromEntries(Object.entries(shape.properties ?? {}).map(([name, one]) => [name, usual(one, random)]));
  const fitting = shape.pattern === undefined ? [] : passing(shape.pattern);
  return fitting.length > 0 ? random.pick(fitting) : 'pve1';
}

function hostileString(value: string, { pattern }: Shape, random: Seeded): string {
  const way = random.next();
  if (way < 0.0005) return random.chance(0.5) ? 'a'.repeat(10_000_000) : `${value}${',a=b'.repeat(2_500_000)}`;
  if (way < 0.2 && pattern !== undefined && passing(pattern).length > 0) return random.pick(passing(pattern));
  if (way < 0.5) return random.pick(wholes);
  if (way < 0.85) return value + random.pick(tails);
  if (way < 0.95) return random.pick(tails) + value;
  const at = random.below(value.length + 1);
  return value.slice(0, at) + random.pick(tails) + value.slice(at);
}

function hostileObject(value: object, shape: Shape, random: Seeded): unknown {
  const names = Object.keys(value);
  if (random.chance(0.1) || names.length === 0) return { ...value, [planted]: 1 };
  const name = random.pick(names);
  const inner: unknown = Reflect.get(value, name);
  return { ...value, [name]: hostile(inner, shape.properties?.[name] ?? {}, random) };
}

function hostileArray(value: readonly unknown[], shape: Shape, random: Seeded): unknown {
  if (value.length === 0 || random.chance(0.15)) return [...value, ...value, ...value];
  const at = random.below(value.length);
  return value.map((one, index) => (index === at ? hostile(one, shape.items ?? {}, random) : one));
}

/** A value that is right, made wrong. */
function hostile(value: unknown, shape: Shape, random: Seeded): unknown {
  if (random.chance(0.08)) return random.pick(strangers)();
  if (random.chance(0.04)) return random.pick(numbers);
  if (random.chance(0.04)) return random.pick(wholes);
  if (typeof value === 'string') return hostileString(value, shape, random);
  if (typeof value === 'number') return random.chance(0.8) ? random.pick(numbers) : `${value}${random.pick(tails)}`;
  if (Array.isArray(value)) return hostileArray(value, shape, random);
  if (typeof value === 'object' && value !== null) return hostileObject(value, shape, random);
  return typeof value === 'boolean' ? !value : random.pick(strangers)();
}

/** Keys that mean something to JavaScript, beside what the tool takes. */
function withStrangeKeys(args: Record<string, unknown>, random: Seeded): unknown {
  const json = JSON.stringify(args).slice(1, -1);
  const rest = json === '' ? '' : `,${json}`;
  const heads = [
    `{"__proto__":{"${planted}":1}${rest}}`,
    `{"constructor":{"prototype":{"${planted}":1}}${rest}}`,
    `{"more":{"__proto__":{"${planted}":1}}${rest}}`,
    `{"more":{"constructor":1}${rest}}`,
    `{"more":{${json}},"toString":1}`,
    `{"more":{${json}}}`,
    `{"${planted}":1${rest}}`,
    `[${rest.slice(1) === '' ? '' : `{${json}}`}]`,
    '"x"',
  ];
  return fromWire(random.pick(heads));
}

/** The arguments of a call that goes through, with one or several of them made hostile. */
export function hostileArguments(tool: Tool, args: Record<string, unknown>, random: Seeded): unknown {
  if (random.chance(0.03)) return withStrangeKeys(args, random);
  const shapesOfTool = shapesOf(tool);
  const names = Object.keys(shapesOfTool);
  const given = Object.keys(args).filter((name) => names.includes(name));
  if (names.length === 0) return withStrangeKeys(args, random);
  const changed: Record<string, unknown> = { ...args };
  const count = random.chance(0.7) ? 1 : 2 + random.below(3);
  for (let done = 0; done < count; done += 1) {
    // What stands in the example gets further than what was left out of it.
    const name = random.pick(given.length > 0 && random.chance(0.65) ? given : names);
    const shape = shapesOfTool[name] ?? {};
    const value = changed[name] ?? usual(shape, random);
    changed[name] = changed[name] === undefined && random.chance(0.15) ? value : hostile(value, shape, random);
  }
  return changed;
}
