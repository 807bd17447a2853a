import { type Area, callsOf, effectOf, remember } from './examples.js';
import { type Course, countBy, judgeCourse, runningTasks, writeKey } from './fault-judge.js';
import { type FaultKind, faultKinds, type Leaving } from './fault-kinds.js';
import { openFaultStage, type Stage } from './fault-stage.js';
import { differences, type Facts, factsOf } from './world-facts.js';

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
  readonly faults: Map<string, { count: number; example: string }>;
}

/** A call that goes well, and what it then sends and makes. */
interface Good {
  readonly requests: readonly Leaving[];
  readonly usual: Course['usual'];
  readonly before: Facts;
  readonly after: Facts;
  readonly volatile: ReadonlySet<string>;
  readonly data: Record<string, any> | undefined;
}

async function runWell(stage: Stage, tool: string, args: Record<string, unknown>, putBack: () => void) {
  const before = factsOf(stage.simulator);
  const first = await stage.run(tool, args);
  stage.settle();
  const after = factsOf(stage.simulator);
  putBack();
  const second = await stage.run(tool, args);
  stage.settle();
  const again = factsOf(stage.simulator);
  putBack();
  if (first.answer.isError) throw new Error(`${tool} fails where nothing is wrong: ${first.answer.text}`);
  const good: Good = {
    requests: first.requests,
    usual: countBy([...first.writes], writeKey),
    before,
    after,
    volatile: new Set(differences(after, again)),
    data: second.answer.structured,
  };
  return { good, changes: first.writes.length, waits: first.requests.some(({ startsTask }) => startsTask) };
}

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

function note({ faults }: FaultFigures, { onFault }: FaultPlan, fault: string, example: string): void {
  const known = faults.get(fault);
  if (known !== undefined) {
    known.count += 1;
    return;
  }
  faults.set(fault, { count: 1, example });
  onFault?.(fault, example);
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

async function runArea(name: string, area: Area, plan: FaultPlan, figures: FaultFigures, turn: { due: number }) {
  const { http = true, every, only } = plan;
  const stage = await openFaultStage(area, plan.secretDir, { http });
  let last: Record<string, any> | undefined;
  for (const { tool, args } of callsOf(area, () => last)) {
    if (tool === 'proxmox-reload-configuration') continue;
    stage.settle();
    const putBack = remember(stage.simulator);
    const { good, changes, waits } = await runWell(stage, tool, args, putBack);
    const isMeant = effectOf(tool) !== 'read' && (changes > 1 || waits) && (only === undefined || only.test(tool));
    if (isMeant) {
      figures.tools.add(tool);
      figures.examples += 1;
      figures.requests += good.requests.length;
      for (const at of distinct(good.requests)) {
        const request = good.requests[at];
        if (request === undefined) continue;
        for (const kind of faultKinds) {
          if (!kind.fits(request) || (kind.needsTls ?? false) === http) continue;
          turn.due += 1;
          if (turn.due % every !== 0) continue;
          const { hit, found, text } = await tryOne(stage, tool, args, good, at, kind);
          putBack();
          figures.cases += 1;
          if (hit) {
            figures.met += 1;
            figures.kinds.set(kind.name, (figures.kinds.get(kind.name) ?? 0) + 1);
          }
          for (const one of found)
            note(
              figures,
              plan,
              `${tool}: ${withoutNumbers(one)}`,
              `${name}: request ${at} ${request.cluster} ${request.method} ${request.path}, ${kind.name}: ${text.slice(0, 1500)}`,
            );
        }
      }
    }
    const { answer } = await stage.run(tool, args);
    if (answer.isError) note(figures, plan, `${tool}: fails afterwards`, answer.text);
    last = answer.structured;
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
