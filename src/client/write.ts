import type { ResultTool } from '../tools/define.js';
import { type Scope, type Targets, worksOnSeveral } from '../tools/scope.js';
import { callContext, type Surroundings } from './call-context.js';
import { newRemarks, plannedContext } from './context.js';
import type { Execution } from './execution.js';
import { toldOf } from './file-progress.js';
import type { Body } from './outcome.js';
import { planOf } from './plan.js';
import { describeTarget, lastLook, withTask } from './run-write.js';
import { PartialWriteError, recordingGate, sendingGate, type Write } from './write-gate.js';

/** Where a write goes. */
interface Site {
  readonly cluster: string;
  readonly target: Targets[Scope];
}

/** Shows what would be sent, or sends it and reads the outcome. */
export function runWrite(around: Surroundings, tool: ResultTool, site: Site, execution: Execution): Promise<Body> {
  const { shared } = execution.arguments;
  const isShown = shared.dry_run || (tool.effect === 'destroy' && !shared.confirm);
  return isShown ? show(around, tool, site, execution) : send(around, tool, site, execution);
}

async function show(around: Surroundings, tool: ResultTool, site: Site, execution: Execution): Promise<Body> {
  const writes: Write[] = [];
  const remarks = newRemarks();
  const gateOf = (name: string) => recordingGate(writes, labelOf(execution, name));
  const context = callContext(around, execution, { ...site, remarks, gateOf });
  const run = tool.run(plannedContext(context));
  return { kind: 'plan', plan: await planOf(tool, describeTarget(site.target), { writes, remarks, run }) };
}

/** @throws {PartialWriteError} where it stopped after it had changed something */
async function send(around: Surroundings, tool: ResultTool, site: Site, execution: Execution): Promise<Body> {
  const { registry, clock, started, hide, hideSent } = around;
  const { signal } = execution.options;
  const done: Write[] = [];
  const before =
    tool.effect === 'destroy' ? lastLook(() => registry.getClient(site.cluster), site.target, signal) : async () => {};
  const remarks = newRemarks();
  const watched = toldOf(clock, execution.tell, 'sent');
  const note = (text: string) => remarks.notes.push(text);
  const ofCall = { clock, started, hide, hideSent, signal, done, before, watched, note };
  const gateOf = (name: string) =>
    sendingGate({ ...ofCall, client: () => registry.getClient(name), label: labelOf(execution, name) });
  const context = callContext(around, execution, { ...site, remarks, gateOf });
  try {
    const result = tool.output.parse(await tool.run(context));
    const body = await withTask(tool, result, execution.arguments.shared, context);
    return { ...body, notes: [...remarks.notes, ...(body.notes ?? [])] };
  } catch (error) {
    if (done.length === 0) throw error;
    throw new PartialWriteError(error, done, remarks);
  }
}

/** Where a call works on several clusters, each request names its own. */
const labelOf = ({ tool }: Execution, cluster: string) => (worksOnSeveral(tool.scope) ? cluster : undefined);
