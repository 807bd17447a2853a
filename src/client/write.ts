import type { Params } from '../pve/params.js';
import { PolicyError } from '../pve/policy/policy-error.js';
import type { ResultTool } from '../tools/define.js';
import { Refused } from '../tools/refused.js';
import { type Scope, type Targets, worksOnSeveral } from '../tools/scope.js';
import { asksPerson } from './asks-person.js';
import { callContext, type Surroundings } from './call-context.js';
import { type Confirmed, confirmedGate } from './confirmed-gate.js';
import { confirmWrites } from './confirmed-write.js';
import { newRemarks, plannedContext } from './context.js';
import type { Execution } from './execution.js';
import { toldOf } from './file-progress.js';
import { ObjectTurns } from './object-turns.js';
import type { Body } from './outcome.js';
import { askingFirst, holdTarget, needsRehearsal, permitPlanned, permitSent } from './permitted.js';
import { planOf } from './plan.js';
import { describeTarget, lastLook, withTask } from './run-write.js';
import { PartialWriteError, recordingGate, sendingGate, type Write } from './write-gate.js';

/** Where a write goes. */
interface Site {
  readonly cluster: string;
  readonly target: Targets[Scope];
  /** What is to be said of the guest that is meant. */
  readonly beside: Promise<readonly string[]>;
}

/** Shows what would be sent, or sends it and reads the outcome. */
export async function runWrite(
  around: Surroundings,
  tool: ResultTool,
  site: Site,
  execution: Execution,
): Promise<Body> {
  const { shared } = execution.arguments;
  const isShown = shared.dry_run || (tool.effect === 'destroy' && !shared.confirm);
  const { cluster } = site;
  const target = describeTarget(site.target);
  const isRuled = needsRehearsal(around.registry, execution);
  if (isRuled) await holdTarget(around.registry, execution, cluster, site.target);
  if (isShown) return { kind: 'plan', plan: await show(around, tool, site, execution) };
  if (asksPerson(tool, around.registry.config)) {
    const plan = async () => {
      const { run, writes, sent, ruled, remarks } = rehearse(around, tool, site, execution);
      await ruled(run);
      const notes = [...(await site.beside), ...remarks.notes, ...remarks.outline];
      return { writes, sent, said: { notes, facts: remarks.presented } };
    };
    const confirmed = await confirmWrites(around, tool, { cluster, target, plan }, execution);
    return send(around, tool, site, execution, confirmed);
  }
  if (isRuled) await holdToRules(around, tool, site, execution);
  return send(around, tool, site, execution);
}

type Call = readonly [around: Surroundings, tool: ResultTool, site: Site, execution: Execution];

/** @throws {PolicyError} where a rule would stop it half way; what else hinders it shows when it is done */
async function holdToRules(...call: Call): Promise<void> {
  try {
    await show(...call);
  } catch (error) {
    if (error instanceof PolicyError) throw error;
  }
}

/** What would be sent. */
function show(...call: Call): Promise<Record<string, unknown>> {
  const [{ registry }, tool, { target }, { options }] = call;
  const rehearsal = rehearse(...call);
  const canAsk = options.ask === undefined ? 'out of reach' : 'asked';
  const person = asksPerson(tool, registry.config) ? canAsk : undefined;
  return rehearsal.ruled(planOf(tool, describeTarget(target), { ...rehearsal, person }));
}

/** The tool at work, with what it would send once it is through. */
function rehearse(around: Surroundings, tool: ResultTool, site: Site, execution: Execution) {
  const writes: Write[] = [];
  const sent = new Map<Write, Params>();
  const remarks = newRemarks();
  const refusals: PolicyError[] = [];
  const permit = permitPlanned(around.registry, execution, refusals);
  const gateOf = (name: string) => askingFirst(recordingGate(writes, labelOf(execution, name), sent), permit(name));
  const context = callContext(around, execution, { ...site, remarks, gateOf });
  const run = tool.run(plannedContext(context)).catch(async (error: unknown) => {
    if (error instanceof Refused) await error.before?.();
    throw error;
  });
  // Also where the tool would go on with the rest: what cannot be sent is not shown, and nothing is done by half.
  const ruled = <T>(pending: Promise<T>) =>
    pending.finally(() => {
      if (refusals[0] !== undefined) throw refusals[0];
    });
  return { writes, sent, remarks, run, ruled };
}

/** @throws {PartialWriteError} where it stopped after it had changed something */
async function send(
  around: Surroundings,
  tool: ResultTool,
  site: Site,
  execution: Execution,
  confirmed?: Confirmed,
): Promise<Body> {
  const { registry, clock, started, hide, hideSent } = around;
  const { signal, record } = execution.options;
  const done: Write[] = [];
  const before =
    tool.effect === 'destroy' ? lastLook(() => registry.getClient(site.cluster), site.target, signal) : async () => {};
  const remarks = newRemarks();
  const watched = toldOf(clock, execution.tell, 'sent');
  const note = (text: string) => remarks.notes.push(text);
  const ofCall = { clock, started, hide, hideSent, signal, done, before, watched, note, record };
  const permit = permitSent(registry, execution);
  const gateOf = (name: string) => {
    const label = labelOf(execution, name);
    const gate = sendingGate({ ...ofCall, client: () => registry.getClient(name), label });
    return askingFirst(confirmed === undefined ? gate : confirmedGate(gate, label, confirmed, done), permit(name));
  };
  const objects = new ObjectTurns(around, signal);
  const context = callContext(around, execution, { ...site, remarks, gateOf, objects });
  try {
    const result = tool.output.parse(await tool.run(context));
    const body = await withTask(tool, result, execution.arguments.shared, context);
    return { ...body, notes: [...remarks.notes, ...(body.notes ?? [])] };
  } catch (error) {
    if (done.length === 0) throw error;
    throw new PartialWriteError(error, done, remarks);
  } finally {
    objects.leave();
  }
}

/** Where a call works on several clusters, each request names its own. */
const labelOf = ({ tool }: Execution, cluster: string) => (worksOnSeveral(tool.scope) ? cluster : undefined);
