import type { Tool } from './define.js';

/** Whether some call of it may lose data or stop a service; such a tool takes `confirm`. */
export const mayDestroy = ({ effect, destroysIf }: Tool): boolean => effect === 'destroy' || destroysIf !== undefined;

/** The tool as it counts for a call with these arguments of its own. */
export const asCalled = (tool: Tool, input: Readonly<Record<string, unknown>>): Tool =>
  tool.destroysIf?.(input) === true ? { ...tool, effect: 'destroy' } : tool;
