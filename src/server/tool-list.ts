import { accessOf } from '../pve/policy/operate-routes.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { mayDestroy } from '../tools/destroys.js';
import { needsTwoClusters } from '../tools/scope.js';
import { publishedInput } from './published-input.js';
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
function annotations(tool: Tool): PublishedTool['annotations'] {
  return tool.effect === 'read' && !tool.changesServer ? { readOnlyHint: true } : { destructiveHint: mayDestroy(tool) };
}

/** The whole catalogue as `tools/list` would answer it, sorted by name. */
export const publishTools = (multiCluster: boolean): PublishedTool[] =>
  sorted(multiCluster).map((tool) => publish(tool, multiCluster));

/** Every tool that can be offered, in the order of {@link publishTools}. */
export const offerTools = (multiCluster: boolean): Offer[] =>
  sorted(multiCluster).map(({ name, toolset, daily = false, scope, calls }) => ({
    name,
    toolset,
    daily,
    access: accessOf(calls),
    ...(needsTwoClusters(scope) ? { two: true } : {}),
  }));

function sorted(multiCluster: boolean): Tool[] {
  const all: readonly Tool[] = catalogue;
  return all
    .filter(({ scope }) => multiCluster || !needsTwoClusters(scope))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const publish = (tool: Tool, multiCluster: boolean): PublishedTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: publishedInput(tool, multiCluster),
  outputSchema,
  annotations: annotations(tool),
});
