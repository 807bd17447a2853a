import { z } from 'zod';
import { publishedInput } from '../client/input.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';

/** A tool as `tools/list` shows it. */
export interface PublishedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: object;
  readonly annotations: { readonly readOnlyHint: boolean; readonly [hint: string]: boolean };
}

const string = { type: 'string' };
const routed = { cluster: string, via: string };

/** The first level of an answer; what lies below differs by version and is not promised. */
function outputSchema(tool: Tool, multiCluster: boolean): object {
  const body =
    tool.kind === 'list' ? { items: { type: 'array', items: { type: 'object' } } } : { result: { type: 'object' } };
  const several = { clusters: { type: 'array', items: { type: 'object' } } };
  const fleet = tool.scope === 'fleet';
  const mayBeSeveral = multiCluster && tool.effect === 'read' && tool.scope !== 'configuration';
  const properties = { ...routed, ...(fleet ? {} : body), ...(fleet || mayBeSeveral ? several : {}) };
  return { type: 'object', properties, required: ['cluster'] };
}

function annotations({ effect }: Tool): PublishedTool['annotations'] {
  if (effect === 'read') return { readOnlyHint: true, openWorldHint: false };
  return { readOnlyHint: false, destructiveHint: effect === 'destroy', idempotentHint: false, openWorldHint: false };
}

/** Bounds are checked when a tool is called, and the error says them; published, they are a fifth of the whole list. */
const unpublished = new Set(['$schema', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum']);

// Without `$schema` a schema is read as 2020-12; naming draft-07 makes some clients refuse every call.
function inputSchema(tool: Tool, multiCluster: boolean): object {
  const whole = z.toJSONSchema(publishedInput(tool, multiCluster), { io: 'input' });
  return JSON.parse(JSON.stringify(whole, (key, value) => (unpublished.has(key) ? undefined : value)));
}

/** The catalogue as `tools/list` answers it, sorted by name. */
export function publishTools(multiCluster: boolean): PublishedTool[] {
  const all: readonly Tool[] = catalogue;
  return all
    .map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema: inputSchema(tool, multiCluster),
      outputSchema: outputSchema(tool, multiCluster),
      annotations: annotations(tool),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
