import { z } from 'zod';
import type { Params } from '../../pve/params.js';
import { interfaceName } from '../arguments/names.js';
import { InvalidInput } from '../invalid-input.js';

const parts = 'type in|out|group, action, macro, proto, dport, source, dest, iface, log, comment, enable';

// Spelt out as a schema, its thirteen fields would cost every client more than the rest of the tool.
/** A rule; what is in it is checked by {@link readRule} and {@link readChanges}. */
export const ruleArgument = z.looseObject({}).describe(parts);

/** Several, in the order in which they are to stand. */
export const rulesArgument = z.array(z.looseObject({})).max(200).describe('As rule of proxmox-firewall-add-rule');

const word = z.union([z.string(), z.number()]).transform(String).pipe(z.string().min(1).max(512)).optional();
const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'] as const;

const fields = {
  type: z
    .string()
    .toLowerCase()
    .pipe(z.enum(['in', 'out', 'forward', 'group'])),
  action: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{1,19}$/, 'ACCEPT, DROP, REJECT, or a security group'),
  macro: z.string().min(1).max(128).optional(),
  proto: word,
  source: word,
  dest: word,
  sport: word,
  dport: word,
  'icmp-type': word,
  iface: interfaceName.optional(),
  log: z.enum(levels).optional(),
  comment: z.string().max(1024).optional(),
  enable: z
    .union([z.boolean(), z.stringbool(), z.int().min(0).max(1)])
    .transform(Boolean)
    .optional(),
};
const whole = z.strictObject(fields);
const part = whole.partial();

type Given = Readonly<Record<string, unknown>>;

/** What a listed rule has beside what can be set, so that what was read can be sent back. */
const listedOnly = new Set(['pos', 'digest', 'ipversion']);

const settable = (given: Given) =>
  Object.fromEntries(
    Object.entries(given)
      .filter(([key]) => !listedOnly.has(key))
      .map(([key, value]) => [key === 'icmp_type' ? 'icmp-type' : key, value]),
  );

function check<S extends z.ZodType>(schema: S, given: Given, argument: string): z.output<S> {
  const parsed = schema.safeParse(settable(given));
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    ...parsed.error.issues.map(({ path, message }) => ({ argument: [argument, ...path].join('.'), message })),
  );
}

/** Proxmox knows actions in capitals alone, and security groups in lower case. */
function readAction(rule: z.output<typeof part>, argument: string): string | undefined {
  if (rule.action === undefined || rule.type === 'group') return rule.action?.toLowerCase();
  const action = rule.action.toUpperCase();
  if (/^(ACCEPT|DROP|REJECT)$/.test(action)) return action;
  if (rule.type === undefined) return rule.action.toLowerCase();
  throw new InvalidInput({
    argument: `${argument}.action`,
    message: 'ACCEPT, DROP or REJECT; a group needs type group',
  });
}

/**
 * A new rule as Proxmox takes it, switched on unless it says otherwise: left out, Proxmox would leave it off.
 * @throws {InvalidInput} with the faults that can be seen before anything is sent
 */
export function readRule(given: Given, argument: string): Params {
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const rule = check(whole, present, argument);
  const port = rule.dport === undefined ? 'sport' : 'dport';
  if (rule[port] !== undefined && rule.proto === undefined && rule.macro === undefined)
    throw new InvalidInput({ argument: `${argument}.proto`, message: `a ${port} needs a protocol, such as tcp` });
  return { ...rule, action: readAction(rule, argument), enable: rule.enable ?? true };
}

/** Changes of a rule: a field that is `null` is taken out. */
export function readChanges(given: Given, argument: string): Params {
  const known = settable(given);
  const gone = Object.keys(known).filter((key) => known[key] === null);
  const kept = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== null));
  const rule = check(part, kept, argument);
  const unknown = gone.filter((key) => !(key in fields) || key === 'type' || key === 'action');
  if (unknown.length > 0)
    throw new InvalidInput(
      ...unknown.map((key) => ({ argument: `${argument}.${key}`, message: 'it cannot be taken out' })),
    );
  const action = readAction(rule, argument);
  return {
    ...rule,
    ...(action === undefined ? {} : { action }),
    delete: gone.length > 0 ? gone.join(',') : undefined,
  };
}
