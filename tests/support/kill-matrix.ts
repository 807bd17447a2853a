import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { type Area, callsOf, effectOf, remember } from './examples.js';
import { happened } from './fault-judge.js';
import { literally } from './fault-kinds.js';
import { type Faults, noteFault } from './fault-notes.js';
import { forgetRequests } from './forget-requests.js';
import { hasMixedRules, sameThings, unlisted } from './kill-judge.js';
import { leftovers, Victim } from './kill-victim.js';
import { type Facts, factsOf } from './world-facts.js';

export interface KillPlan {
  readonly areas: Readonly<Record<string, Area>>;
  readonly secretDir: string;
  /** Every so manyth case is run; 1 runs all. */
  readonly every: number;
  readonly offset?: number;
  readonly only?: RegExp;
  readonly onFault?: (fault: string, example: string) => void;
  readonly onArea?: (area: string, figures: KillFigures) => void;
}

export interface KillFigures {
  kills: number;
  readonly tools: Set<string>;
  examples: number;
  /** How the clusters stood after a kill, once all that ran had ended. */
  readonly as: { before: number; done: number; between: number };
  /** Kills that left a list of rules between old and new, which nothing marks. */
  rules: number;
  /** Rows that named what was there and should not be, or still ran. */
  listed: number;
  readonly faults: Faults;
}

/** A write of a good run: where to stop. */
interface Stop {
  readonly cluster: string;
  readonly method: string;
  readonly path: string;
  /** How many of the same come before it. */
  readonly skip: number;
}

interface Story {
  readonly simulator: Simulator;
  readonly env: Record<string, string>;
  speed(times: number): void;
  settle(): void;
}

async function beginStory({ prepare, env }: Area, secretDir: string): Promise<Story> {
  let at = Date.now();
  let real = Date.now();
  let times = 1;
  const now = () => {
    const seen = Date.now();
    at += (seen - real) * times;
    real = seen;
    return at;
  };
  const simulator = await startSimulator({ clock: { now }, http: true });
  prepare?.(simulator);
  return {
    simulator,
    env: {
      ...{ ...simulator.env(), PROXMOX_TOOLSETS: 'all', PROXMOX_SECRET_DIR: secretDir },
      ...{ PROXMOX_CLUSTER_VALIDATION: 'false', ...env },
    },
    speed: (given) => {
      now();
      times = given;
    },
    settle: () => {
      now();
      // More than what runs in the world from the start takes.
      at += 3_600_000;
      for (const cluster of simulator.clusters) void cluster.state;
    },
  };
}

const writesOf = (simulator: Simulator) =>
  simulator.clusters.flatMap(({ name, requests }) =>
    requests.filter(({ method }) => method !== 'GET').map((request) => ({ ...request, cluster: name })),
  );

function stopsOf(writes: ReturnType<typeof writesOf>): Stop[] {
  const seen = new Map<string, number>();
  return writes.filter(happened).map(({ cluster, method, path }) => {
    const key = `${cluster} ${method} ${path}`;
    const skip = seen.get(key) ?? 0;
    seen.set(key, skip + 1);
    return { cluster, method, path, skip };
  });
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds of real time. */
const longest = 15_000;

/** Runs a call to one of its writes, held before it is done or after, and kills the server there. */
async function killAt(story: Story, victim: Victim, [tool, args]: Asking, stop: Stop, done: boolean): Promise<boolean> {
  const { simulator } = story;
  const cluster = simulator.cluster(stop.cluster);
  const hits = cluster.faultHits;
  const { method, path, skip } = stop;
  cluster.setFault({ kind: done ? 'late' : 'hung' }, { method, path: literally(path), skip, times: 1 });
  story.speed(120);
  const answered = (await victim.begin(tool, args))();
  const ended = answered.then(
    () => true,
    () => true,
  );
  const began = performance.now();
  while (cluster.faultHits === hits && performance.now() - began < longest)
    if (await Promise.race([ended, soon(5).then(() => false)])) break;
  story.speed(1);
  await victim.kill();
  cluster.setFault(undefined);
  return cluster.faultHits > hits;
}

type Asking = readonly [tool: string, args: Record<string, unknown>];

async function tryKill(
  story: Story,
  victim: Victim,
  asking: Asking,
  stop: Stop,
  done: boolean,
  good: { before: Facts; after: Facts },
) {
  const { simulator } = story;
  if (!(await killAt(story, victim, asking, stop, done)))
    return { found: ['was not reached'], as: undefined, listed: 0, rules: false };
  const first = await leftovers(victim);
  const atOnce = unlisted(simulator, good.before, good.after, first);
  story.settle();
  const second = await leftovers(victim);
  const now = factsOf(simulator);
  const as: keyof KillFigures['as'] = sameThings(now, good.before)
    ? 'before'
    : sameThings(now, good.after)
      ? 'done'
      : 'between';
  return {
    found: [...atOnce, ...unlisted(simulator, good.before, good.after, second)],
    as,
    listed: first.length,
    rules: hasMixedRules(good.before, good.after, now),
  };
}

async function runArea(name: string, area: Area, plan: KillPlan, figures: KillFigures, turn: { due: number }) {
  const story = await beginStory(area, plan.secretDir);
  const { simulator } = story;
  const victim = new Victim(story.env);
  let last: Record<string, any> | undefined;
  for (const { tool, args } of callsOf(area, () => last)) {
    story.settle();
    const putBack = remember(simulator);
    const before = factsOf(simulator);
    forgetRequests(simulator);
    const upids = simulator.clusters.reduce((sum, { state }) => sum + state.tasks.length, 0);
    story.speed(120);
    const { data, isError, text } = await victim.call(tool, args);
    story.speed(1);
    if (isError) noteFault(figures.faults, plan.onFault, `${tool}: fails where nothing is wrong`, text);
    last = data;
    story.settle();
    const stops = stopsOf(writesOf(simulator));
    const waits = simulator.clusters.reduce((sum, { state }) => sum + state.tasks.length, 0) > upids;
    const isMeant = effectOf(tool) !== 'read' && (stops.length > 1 || waits) && (plan.only?.test(tool) ?? true);
    if (!isMeant) continue;
    const good = { before, after: factsOf(simulator) };
    const putForth = remember(simulator);
    figures.examples += 1;
    for (const stop of stops)
      for (const done of [false, true]) {
        turn.due += 1;
        if (turn.due % plan.every !== 0) continue;
        putBack();
        const { found, as, listed, rules } = await tryKill(story, victim, [tool, args], stop, done, good);
        figures.kills += 1;
        figures.tools.add(tool);
        figures.listed += listed;
        if (rules) figures.rules += 1;
        if (as !== undefined) figures.as[as] += 1;
        const where = `${name}: killed ${done ? 'after' : 'before'} ${stop.cluster} ${stop.method} ${stop.path} (${stop.skip})`;
        for (const one of found)
          noteFault(figures.faults, plan.onFault, `${tool}: ${one.replace(/UPID:\S+/g, 'UPID')}`, where);
      }
    putForth();
  }
  await victim.kill();
  await simulator.close();
}

/** Kills the server at every write of every call of several steps, starts it again, and looks what it lists. */
export async function tryKills(plan: KillPlan): Promise<KillFigures> {
  const figures: KillFigures = {
    ...{ kills: 0, tools: new Set(), examples: 0, listed: 0, rules: 0, faults: new Map() },
    as: { before: 0, done: 0, between: 0 },
  };
  const turn = { due: plan.offset ?? 0 };
  for (const [name, area] of Object.entries(plan.areas)) {
    await runArea(name, area, plan, figures, turn);
    plan.onArea?.(name, figures);
  }
  return figures;
}
