import { type Area, callsOf, effectOf, remember } from './examples.js';
import { type Course, countBy, judgeCourse, runningTasks, writeKey } from './fault-judge.js';
import { type FaultKind, faultKinds, type Leaving } from './fault-kinds.js';
import { type Faults, noteFault } from './fault-notes.js';
import { openFaultStage, type Ran, type Stage } from './fault-stage.js';
import { differences, factsOf } from './world-facts.js';

export interface FaultPlan {
  readonly areas: Readonly<Record<string, Area>>;
  readonly secretDir: string;
  /** Every so manyth case is run; 1 runs all. */
  readonly every: number;
  /** Which of them, from 0 on. */
  readonly offset?: number;
  readonly http?: boolean;
  readonly onFault?: (fault: string, example: string) => void;
  readonly onArea?: (area: string, figures: FaultFigures) => void;
  /** Narrows it down to look into something. */
  readonly only?: RegExp;
}

export interface FaultFigures {
  cases: number;
  /** Cases whose fault was met. */
  met: number;
  readonly tools: Set<string>;
  examples: number;
  requests: number;
  readonly kinds: Map<string, number>;
  readonly faults: Faults;
}

/** A call that goes well, and what it then sends and makes. */
type Good = Pick<Course, 'before' | 'after' | 'volatile' | 'usual'>;

/** Of requests that are asked again and again, the first and the last. */
export function distinct(requests: readonly Leaving[]): number[] {
  const keyOf = ({ cluster, method, path }: Leaving) => `${cluster} ${method} ${path}`;
  const last = new Map(requests.map((request, index) => [keyOf(request), index]));
  const seen = new Set<string>();
  return [...requests.keys()].filter((index) => {
    const request = requests[index];
    if (request === undefined) return false;
    const key = keyOf(request);
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst || request.method !== 'GET' || last.get(key) === index;
  });
}

async function tryOne(
  stage: Stage,
  tool: string,
  args: Record<string, unknown>,
  good: Good,
  at: number,
  kind: FaultKind,
) {
  const ran = await stage.run(tool, args, { index: at, kind });
  const running = runningTasks(stage.simulator);
  const dead = await stage.lives();
  stage.settle();
  const { text, isError } = ran.answer;
  const now = factsOf(stage.simulator);
  const course = { ...good, kind, now, writes: ran.writes, text, isError, running };
  return {
    hit: ran.hit,
    text,
    found: [...judgeCourse(course), ...(dead === undefined ? [] : [`the next call fails: ${dead}`])],
  };
}

const withoutNumbers = (text: string) => text.replace(/UPID:\S+/g, 'UPID').slice(0, 160);

interface Case {
  readonly at: number;
  readonly request: Leaving;
  readonly kind: FaultKind;
}

/** What can happen to the requests of a call. */
const casesOf = (requests: readonly Leaving[], http: boolean): Case[] =>
  distinct(requests).flatMap((at) => {
    const request = requests[at];
    if (request === undefined) return [];
    return faultKinds
      .filter((kind) => kind.fits(request) && (kind.needsTls ?? false) !== http)
      .map((kind) => ({ at, request, kind }));
  });

/** Whether it changes something in several steps, or changes it and waits. */
const isOfSteps = (tool: string, { writes, requests }: Ran) =>
  effectOf(tool) !== 'read' && (writes.length > 1 || requests.some(({ startsTask }) => startsTask));

async function runArea(name: string, area: Area, plan: FaultPlan, figures: FaultFigures, turn: { due: number }) {
  const { http = true, every, only } = plan;
  const stage = await openFaultStage(area, plan.secretDir, { http });
  let last: Record<string, any> | undefined;
  for (const { tool, args } of callsOf(area, () => last)) {
    if (tool === 'proxmox-reload-configuration') continue;
    const before = factsOf(stage.simulator);
    const putBack = effectOf(tool) === 'read' ? () => {} : remember(stage.simulator);
    const first = await stage.run(tool, args);
    stage.settle();
    const { text, isError, structured } = first.answer;
    if (isError) noteFault(figures.faults, plan.onFault, `${tool}: fails where nothing is wrong`, text);
    last = structured;
    if (isError || !isOfSteps(tool, first) || only?.test(tool) === false) continue;
    figures.examples += 1;
    figures.requests += first.requests.length;
    const due = casesOf(first.requests, http).filter(() => {
      turn.due += 1;
      return turn.due % every === 0;
    });
    if (due.length === 0) continue;
    figures.tools.add(tool);
    const after = factsOf(stage.simulator);
    const putForth = remember(stage.simulator);
    putBack();
    await stage.run(tool, args);
    stage.settle();
    const volatile = new Set(differences(after, factsOf(stage.simulator)));
    const good = { before, after, volatile, usual: countBy(first.writes, writeKey) };
    for (const { at, request, kind } of due) {
      putBack();
      const { hit, found, text } = await tryOne(stage, tool, args, good, at, kind);
      figures.cases += 1;
      if (hit) figures.met += 1;
      if (hit) figures.kinds.set(kind.name, (figures.kinds.get(kind.name) ?? 0) + 1);
      const where = `${name}: request ${at} ${request.cluster} ${request.method} ${request.path}, ${kind.name}`;
      for (const one of found)
        noteFault(figures.faults, plan.onFault, `${tool}: ${withoutNumbers(one)}`, `${where}: ${text.slice(0, 1500)}`);
    }
    putForth();
  }
  await stage.close();
}

/** Every fault at every request of every call of several steps. */
export async function tryFaults(plan: FaultPlan): Promise<FaultFigures> {
  const figures: FaultFigures = {
    cases: 0,
    met: 0,
    tools: new Set(),
    examples: 0,
    requests: 0,
    kinds: new Map(),
    faults: new Map(),
  };
  const turn = { due: plan.offset ?? 0 };
  for (const [name, area] of Object.entries(plan.areas)) {
    await runArea(name, area, plan, figures, turn);
    plan.onArea?.(name, figures);
  }
  return figures;
}
