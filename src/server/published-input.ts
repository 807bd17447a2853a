import { z } from 'zod';
import { acceptedInput } from '../client/input.js';
import type { Tool } from '../tools/define.js';

/** Bounds are checked when a tool is called, and the error says them; published, they are a fifth of the whole list. */
const unpublished = new Set([
  '$schema',
  'additionalProperties',
  'propertyNames',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);

/** What nearly every tool takes stands in `more`, by name; the instructions say what it does. */
const byName = ['dry_run', 'wait', 'timeout', 'fields', 'source_node'];
/** Scopes where the VMID, the UPID or the volume says enough; a node that is given is checked. */
const nodeByName = new Set(['vm', 'lxc', 'guest', 'guest-between', 'task', 'volume']);
/** Of a tool's own optional arguments, how many have their own place in the schema; tools write the usual ones first. */
const ownPlaces = { daily: 4, other: 0 };

const property = z.looseObject({ type: z.unknown(), enum: z.array(z.unknown()).optional() });
type Property = z.output<typeof property>;
const objectSchema = z.looseObject({ properties: z.record(z.string(), property) });

// Without `$schema` a schema is read as 2020-12; naming draft-07 makes some clients refuse every call.
function schemaOf(shape: z.ZodRawShape): z.output<typeof objectSchema> {
  const whole = z.toJSONSchema(z.looseObject(shape), { io: 'input' });
  const text = JSON.stringify(whole, (key, value) => (unpublished.has(key) ? undefined : value));
  return objectSchema.parse(JSON.parse(text));
}

/**
 * A tool's arguments as they are published. The seldom ones are named in the description of one object, `more`: each may
 * stand in it or beside it.
 */
export function publishedInput(tool: Tool, multiCluster: boolean): object {
  const { shape } = acceptedInput(tool, multiCluster);
  const seldom = seldomArguments(tool, shape);
  const { properties, ...rest } = schemaOf(shape);
  if (seldom.length < 2) return { ...rest, properties };
  const kept = Object.entries(properties).filter(([argument]) => !seldom.includes(argument));
  const description = seldom.map((argument) => nameOf(argument, properties[argument])).join(', ');
  return { ...rest, properties: { ...Object.fromEntries(kept), more: { type: 'object', description } } };
}

function seldomArguments(tool: Tool, shape: z.ZodRawShape): string[] {
  const isOptional = (argument: string) => z.object({ [argument]: shape[argument] ?? z.never() }).safeParse({}).success;
  const own = Object.keys(tool.input).filter(isOptional);
  const places = tool.daily ? ownPlaces.daily : ownPlaces.other;
  const shared = byName.filter((argument) => argument in shape);
  const node = nodeByName.has(tool.scope) && 'node' in shape && !('node' in tool.input) ? ['node'] : [];
  return [...new Set([...own.slice(places), ...node, ...shared])];
}

/** An argument with what it takes, where that is not plain. */
function nameOf(argument: string, property: Property | undefined): string {
  if (property?.enum !== undefined) return `${argument} (${property.enum.join(', ')})`;
  return property?.type === 'array' ? `${argument}[]` : argument;
}
