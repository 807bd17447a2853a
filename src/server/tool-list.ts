import { z } from 'zod';
import { acceptedInput } from '../client/input.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import type { Offer } from './tool-choice.js';

/** A tool as `tools/list` shows it. */
export interface PublishedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: object;
  readonly outputSchema: object;
  readonly annotations: { readonly readOnlyHint?: boolean; readonly destructiveHint?: boolean };
}

/** What an answer holds is told once, in the instructions. */
const outputSchema = { type: 'object' };

/** What is left out is true by default: it changes something, in an open world, and each time anew. */
function annotations({ effect }: Tool): PublishedTool['annotations'] {
  return effect === 'read' ? { readOnlyHint: true } : { destructiveHint: effect === 'destroy' };
}

/** Bounds are checked when a tool is called, and the error says them; published, they are a fifth of the whole list. */
const unpublished = new Set([
  '$schema',
  'additionalProperties',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
]);

/**
 * Arguments that many tools take and that are told once, in the instructions. Of a guest the VMID is enough, and what
 * destroys shows its plan until it is confirmed.
 */
function isToldOnce(argument: string, { scope, effect }: Tool): boolean {
  if (argument === 'fields' || argument === 'wait') return true;
  if (argument === 'dry_run') return effect === 'destroy';
  const guest = scope === 'vm' || scope === 'lxc' || scope === 'guest';
  return argument === 'source_node' || (argument === 'node' && (guest || scope === 'task' || scope === 'volume'));
}

// Without `$schema` a schema is read as 2020-12; naming draft-07 makes some clients refuse every call.
function inputSchema(tool: Tool, multiCluster: boolean): object {
  const { shape } = acceptedInput(tool, multiCluster);
  const told = Object.entries(shape).filter(([argument]) => !isToldOnce(argument, tool));
  const whole = z.toJSONSchema(z.looseObject(Object.fromEntries(told)), { io: 'input' });
  return JSON.parse(JSON.stringify(whole, (key, value) => (unpublished.has(key) ? undefined : value)));
}

/** The whole catalogue as `tools/list` would answer it, sorted by name. */
export const publishTools = (multiCluster: boolean): PublishedTool[] =>
  offerTools(multiCluster).map(({ tool }) => tool);

/** Every tool that can be offered, sorted by name. */
export function offerTools(multiCluster: boolean): Offer[] {
  const all: readonly Tool[] = catalogue;
  return all
    .map((tool) => ({ toolset: tool.toolset, daily: tool.daily === true, tool: publish(tool, multiCluster) }))
    .sort((a, b) => (a.tool.name < b.tool.name ? -1 : 1));
}

const publish = (tool: Tool, multiCluster: boolean): PublishedTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: inputSchema(tool, multiCluster),
  outputSchema,
  annotations: annotations(tool),
});
