import { z } from 'zod';
import { nearest } from '../config/nearest.js';
import type { Tool } from '../tools/define.js';
import { mayDestroy } from '../tools/destroys.js';
import { needsTwoClusters, scopeArguments } from '../tools/scope.js';
import { boundFaults } from './argument-bounds.js';

/** One thing that is wrong with a call's arguments. */
export interface ArgumentFault {
  /** The argument, or the path to the part of it. */
  readonly argument: string;
  readonly message: string;
}

/** Arguments that the tool does not take; nothing was sent. */
export class InvalidArgumentsError extends Error {
  override readonly name = 'InvalidArgumentsError';
  readonly tool: string;
  readonly faults: readonly ArgumentFault[];
  constructor(tool: string, faults: readonly ArgumentFault[]) {
    super(faults.map(({ argument, message }) => `${argument}: ${message}`).join('; '));
    this.tool = tool;
    this.faults = faults;
  }
}

export const defaultLimit = 100;
/** Seconds; clients cut a call at 60. */
const defaultTimeout = 45;

const clusterArgument = {
  one: z.string().min(1).max(256).optional().describe('Cluster'),
  placed: z.string().min(1).max(256).optional().describe('Cluster, or auto'),
  many: z.string().min(1).max(1024).optional().describe('Or group, a,b, all'),
};

const pageArguments = {
  limit: z.int().min(1).max(1000).optional().describe('Rows'),
  cursor: z.string().min(1).max(32_768).optional().describe('next_cursor'),
  fields: z.array(z.string().min(1).max(64)).min(1).max(50).optional().describe('Only these fields'),
};

/** Whether a tool starts a task, whose outcome is then waited for. */
export const startsTask = (tool: Tool): boolean => tool.effect !== 'read' && 'upid' in tool.output.shape;

const timeout = z.int().min(1).max(3600).optional().describe(`Seconds; default ${defaultTimeout}`);

function writeArguments(tool: Tool) {
  if (tool.effect === 'read') return {};
  return {
    dry_run: z.boolean().optional().describe('Plan only'),
    ...(mayDestroy(tool) ? { confirm: z.boolean().optional().describe('Do it') } : {}),
    ...(startsTask(tool)
      ? {
          wait: z.boolean().optional().describe('For the task; default true'),
          timeout,
        }
      : {}),
    ...(tool.waits ? { timeout } : {}),
  };
}

const takesSeveral = ({ scope, effect }: Tool) => scope === 'across' || (effect === 'read' && !needsTwoClusters(scope));

/** The arguments that a tool takes; a single cluster needs no `cluster`. */
export function acceptedInput(tool: Tool, multiCluster: boolean): z.ZodObject {
  const cluster =
    tool.scope === 'configuration' || !multiCluster
      ? {}
      : { cluster: clusterArgument[tool.placed ? 'placed' : takesSeveral(tool) ? 'many' : 'one'] };
  return z.strictObject({
    ...scopeArguments[tool.scope],
    ...tool.input,
    ...(tool.kind === 'list' ? pageArguments : {}),
    ...writeArguments(tool),
    ...cluster,
  });
}

const routing = z.object({
  cluster: z.string().optional(),
  target_cluster: z.string().optional(),
  vmid: z.int().optional(),
  name: z.string().optional(),
  hostname: z.string().optional(),
  source_vmid: z.int().optional(),
  source_name: z.string().optional(),
  source_node: z.string().optional(),
  volid: z.string().optional(),
  node: z.string().optional(),
  storage: z.string().optional(),
  upid: z.string().optional(),
  limit: z.int().default(defaultLimit),
  cursor: z.string().optional(),
  fields: z.array(z.string()).optional(),
  dry_run: z.boolean().default(false),
  confirm: z.boolean().default(false),
  wait: z.boolean().default(true),
  timeout: z.number().default(defaultTimeout),
});

/** A call's arguments, checked: the tool's own, and those that the scope, the routing and the paging read. */
export interface Arguments {
  readonly own: Record<string, unknown>;
  readonly shared: z.output<typeof routing>;
}

const schemas = new WeakMap<Tool, { whole: z.ZodObject; own: z.ZodObject }>();

function schemasOf(tool: Tool) {
  const known = schemas.get(tool);
  if (known !== undefined) return known;
  // `cluster` is taken in single-cluster mode too, where there is nothing to choose.
  const made = { whole: acceptedInput(tool, true), own: z.object(tool.input) };
  schemas.set(tool, made);
  return made;
}

/**
 * Checks a call's arguments. `null` counts as absent; what is not known is refused.
 * @throws {InvalidArgumentsError} with every fault
 */
export function parseArguments(tool: Tool, given: unknown): Arguments {
  const unreadable = boundFaults(given);
  if (unreadable.length > 0) throw new InvalidArgumentsError(tool.name, unreadable);
  const present = withoutNulls(unfold(tool, given ?? {}));
  const { whole, own } = schemasOf(tool);
  const parsed = whole.safeParse(present);
  if (!parsed.success) throw new InvalidArgumentsError(tool.name, faultsOf(parsed.error, present, whole.shape));
  const shared = routing.parse(parsed.data);
  const faults = [...guestFaults(tool, shared), ...fieldFaults(tool, shared.fields)];
  if (faults.length > 0) throw new InvalidArgumentsError(tool.name, faults);
  return { own: own.parse(present), shared };
}

/** What stands in `more` is an argument as any other: the schema groups there what is seldom needed. */
function unfold(tool: Tool, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || !('more' in given)) return given;
  const { more, ...beside } = given;
  if (more === null) return beside;
  if (typeof more !== 'object' || Array.isArray(more))
    throw new InvalidArgumentsError(tool.name, [{ argument: 'more', message: 'an object of further arguments' }]);
  const twice = Object.keys(more).find((argument) => argument in beside);
  if (twice !== undefined)
    throw new InvalidArgumentsError(tool.name, [{ argument: `more.${twice}`, message: 'stands beside it too' }]);
  return { ...beside, ...more };
}

function withoutNulls(given: unknown): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given;
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
}

function faultsOf(error: z.ZodError, given: unknown, shape: z.ZodRawShape): ArgumentFault[] {
  const known = Object.keys(shape);
  const ofWrongType = error.issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => path.join('.'));
  // The validator measures what is of a wrong type too: a text as if it were the list.
  const told = error.issues.filter((issue) => !isOfSize(issue) || !ofWrongType.includes(issue.path.join('.')));
  return told.flatMap((issue) => {
    const [argument] = issue.path;
    const meaning = typeof argument === 'string' ? meaningOf(shape, argument) : '';
    if (issue.code !== 'unrecognized_keys') {
      const missing = issue.path.length === 1 && typeof argument === 'string' && !isGiven(given, argument);
      const message = missing ? `is needed${meaning}` : `${inWords(issue)}${meaning}`;
      return [{ argument: issue.path.join('.') || 'arguments', message }];
    }
    return issue.keys.map((key) => {
      const meant = nearest(key, known);
      const inner = issue.path.length > 0;
      const hint = meant === undefined || inner ? `this tool takes ${known.join(', ')}` : `did you mean '${meant}'?`;
      const message = inner ? `not known there${meaning}` : `not an argument of this tool; ${hint}`;
      return { argument: [...issue.path, key].join('.'), message };
    });
  });
}

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };
const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  int: 'a whole number',
  object: 'an object',
  boolean: 'true or false',
};

function isOfSize(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig {
  return issue.code === 'too_small' || issue.code === 'too_big';
}

/** What is wrong with a value, for people; the validator speaks of its types. */
function inWords(issue: z.core.$ZodIssue): string {
  if (isOfSize(issue)) {
    const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
    const unit = units[issue.origin];
    const most = issue.code === 'too_big';
    if (!most && bound === 1 && unit !== undefined) return 'must not be empty';
    return `must ${unit === undefined ? 'be' : 'have'} at ${most ? 'most' : 'least'} ${bound}${unit === undefined ? '' : ` ${unit}`}`;
  }
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  return issue.message;
}

const isGiven = (given: unknown, argument: string) => typeof given === 'object' && given !== null && argument in given;

/** What the list of tools says of an argument; of one in `more` it says the name alone. */
function meaningOf(shape: z.ZodRawShape, argument: string): string {
  const described = z.globalRegistry.get(shape[argument] ?? z.never())?.description;
  return described === undefined ? '' : ` (${argument}: ${described})`;
}

function guestFaults(tool: Tool, { vmid, name, source_vmid, source_name }: Arguments['shared']): ArgumentFault[] {
  if (tool.scope === 'source-vm' || tool.scope === 'source-lxc')
    return source_vmid !== undefined || source_name !== undefined
      ? []
      : [{ argument: 'source_vmid', message: "give 'source_vmid' or 'source_name'" }];
  const namesGuest =
    tool.scope === 'vm' || tool.scope === 'lxc' || tool.scope === 'guest' || tool.scope === 'guest-between';
  if (!namesGuest || vmid !== undefined || name !== undefined) return [];
  return [{ argument: 'vmid', message: "give 'vmid' or 'name'" }];
}

function fieldFaults(tool: Tool, fields: readonly string[] = []): ArgumentFault[] {
  const known = Object.keys(tool.output.shape);
  return fields
    .filter((field) => !known.includes(field))
    .map((field) => ({ argument: 'fields', message: `no field '${field}'; there are ${known.join(', ')}` }));
}
