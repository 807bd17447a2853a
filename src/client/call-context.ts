import type { z } from 'zod';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Clock } from '../pve/clock.js';
import type { Calls, Context, Page, Tool } from '../tools/define.js';
import type { Scope, Targets } from '../tools/scope.js';
import { bindCalls, type WriteGate } from './calls.js';
import { makeContext, makeSide, type Remarks } from './context.js';
import type { Arguments } from './input.js';
import { lettingGo, type ObjectTurns } from './object-turns.js';
import type { Tell } from './progress.js';
import type { StartedTasks } from './started-tasks.js';
import { toolRefusal } from './tool-policy.js';
import type { Turns } from './turns.js';

/** What lasts longer than a call. */
export interface Surroundings {
  readonly registry: ClusterRegistry;
  readonly clock: Clock;
  readonly turns: Turns;
  /** Whose task is not another's. */
  readonly started: StartedTasks;
  readonly hide: (secret: string) => void;
  readonly hideSent: (secret: string) => void;
}

interface Call {
  readonly tool: Tool;
  readonly arguments: Arguments;
  readonly options: { readonly signal?: AbortSignal };
  readonly page: Page;
  readonly now: number;
  readonly tell: Tell;
}

interface Site {
  readonly cluster: string;
  readonly target: Targets[Scope];
  readonly remarks: Remarks;
  /** What writes to a cluster pass; a read needs none. */
  readonly gateOf?: (cluster: string) => WriteGate;
  /** Of a call that sends what it changes. */
  readonly objects?: ObjectTurns;
}

/** All that a tool is given for one call, on its cluster and on the others of its target. */
export function callContext(
  { registry, clock, turns, hide }: Surroundings,
  { tool, arguments: { own, shared }, options: { signal }, page, now, tell }: Call,
  { cluster, target, remarks, gateOf, objects }: Site,
): Context<Scope, z.ZodRawShape, Calls> {
  const ofCall = { clock, turns, signal, tell, remarks, hide, fleet: registry.config };
  const end = clock.now() + (shared.wait ? shared.timeout : 0) * 1000;
  const bound = (name: string) => {
    const current = () => registry.getClient(name);
    return { ...ofCall, config: registry.getClusterConfig(name), current, timeout: shared.timeout, end };
  };
  // Of several clusters, one whose rules refuse the tool fails its own requests and no more.
  const clientFor = (name: string) => {
    const refusal = toolRefusal(registry, tool, name);
    if (refusal !== undefined && tool.scope !== 'configuration') throw refusal;
    return registry.getClient(name);
  };
  const side = (name: string) => {
    const made = makeSide(bound(name));
    return {
      ...(objects === undefined ? made : lettingGo(objects, made)),
      call: bindCalls(() => clientFor(name), tool.calls, signal, gateOf?.(name), objects?.of(name, tool)),
    };
  };
  const general = makeContext(bound(cluster));
  return {
    ...general,
    now,
    pause: (ms) => {
      objects?.leave();
      return general.pause(ms);
    },
    ...side(cluster),
    at: ({ info }) => side(info.name),
    target,
    input: own,
    page,
  };
}
