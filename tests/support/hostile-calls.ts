import { describeError } from '../../src/client/describe-error.js';
import { Executor } from '../../src/client/execute.js';
import { toAnswer } from '../../src/client/outcome.js';
import { createRedactor } from '../../src/client/redact/redact.js';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { silentLog } from '../../src/pve/log.js';
import { createTransport, type Fetch, type Transport } from '../../src/pve/transport.js';
import { type PveVersion, type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import type { Tool } from '../../src/tools/define.js';
import { type Area, callsOf, remember } from './examples.js';
import { type Faults, noteFault } from './fault-notes.js';
import { judge, loadContracts, type Sent } from './hostile-requests.js';
import { hostileArguments, planted } from './hostile-values.js';
import { leapingClock } from './leaping-clock.js';
import { Seeded } from './seeded.js';

/** Milliseconds of real time; hardly any call takes a tenth of it on a quiet machine. */
const longestCall = 10_000;

export interface Figures {
  cases: number;
  tools: number;
  /** How the cases ended. */
  readonly ended: { refused: number; failed: number; answered: number };
  requests: number;
  writes: number;
  /** Requests with a value that the server itself refuses; each is a fault too. */
  refusedByServer: number;
  slowestMs: number;
  readonly faults: Faults;
}

export interface Plan {
  readonly areas: Readonly<Record<string, Area>>;
  readonly cases: number;
  readonly seed: number;
  /** Where answers with new secrets may put them. */
  readonly secretDir: string;
  /** Told of each fault when it is first met. */
  readonly onFault?: (fault: string, example: string) => void;
}

const headOf = async function* (body: AsyncIterable<Uint8Array>, seen: (head: string) => void) {
  let first = true;
  for await (const piece of body) {
    if (first) seen(Buffer.from(piece).toString('latin1'));
    first = false;
    yield piece;
  }
};

/** A transport that writes down all that leaves. */
function watched(transport: Transport, sent: Sent[]): Transport {
  const fetch: Fetch = (url, init) => {
    const { body } = init;
    const target = url.slice(url.indexOf('/api2/json') + '/api2/json'.length);
    if (body === undefined || typeof body === 'string') {
      sent.push({ method: init.method, target, body: body ?? '', isUpload: false });
      return transport.fetch(url, init);
    }
    const seen = (head: string) => sent.push({ method: init.method, target, body: head, isUpload: true });
    return transport.fetch(url, { ...init, body: headOf(body, seen) });
  };
  return { ...transport, fetch };
}

export interface Stage {
  readonly executor: Executor;
  readonly simulator: Simulator;
  readonly sent: Sent[];
  readonly version: string;
  /** Lets all come to its end that was begun. */
  settle(): void;
  close(): Promise<void>;
}

export async function openStage({ prepare, env }: Area, version: PveVersion, secretDir: string): Promise<Stage> {
  const clock = leapingClock();
  const simulator = await startSimulator({ version, http: true, clock, authDelayMs: 0 });
  prepare?.(simulator);
  const sent: Sent[] = [];
  const config = requireConfig(parseEnv({ ...simulator.env(), ...env, PROXMOX_SECRET_DIR: secretDir }));
  const registry = new ClusterRegistry(config, {
    clock,
    createTransport: ({ tls }) => watched(createTransport(tls), sent),
  });
  const redact = createRedactor([]);
  const { hide, hideSent } = redact;
  const executor = new Executor(registry, clock, silentLog, { redact, hide, hideSent });
  return {
    executor,
    simulator,
    sent,
    settle: () => {
      clock.pass(600_000);
      for (const cluster of simulator.clusters) void cluster.state;
    },
    version: version === '9.2' ? '9.2.3' : '8.4.5',
    close: async () => {
      await registry.close();
      await simulator.close();
    },
  };
}

const shown = (value: unknown): string => {
  try {
    return (
      JSON.stringify(value, (_, one) => (typeof one === 'number' ? String(one) : one))?.slice(0, 400) ?? 'undefined'
    );
  } catch {
    return String(value).slice(0, 400);
  }
};

/** A path without what differs from call to call. */
const routeLike = (target: string) =>
  target
    .replace(/\?.*/s, '')
    .replace(/%[^/]*|\d+/g, '*')
    .slice(0, 120);

type Ending = keyof Figures['ended'];

/** A fault of ours shows as an error that has no words of its own. */
function endingOf(error: unknown): { ending: Ending; fault?: string } {
  const { code } = describeError(error);
  const reason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.name})` : '';
  if (code === 'INTERNAL_ERROR') return { ending: 'failed', fault: `a fault of ours: ${reason}${cause}` };
  if (code === 'BAD_ANSWER') return { ending: 'failed', fault: `an answer that was not understood: ${reason}` };
  return { ending: code === 'INVALID_ARGUMENTS' || code === 'REFUSED' ? 'refused' : 'failed' };
}

async function run({ executor }: Stage, tool: Tool, args: unknown): Promise<{ ending: Ending; fault?: string }> {
  const ending = executor.execute(tool, args).then((outcome) => {
    const errors = outcome.entries.flatMap((entry) => ('error' in entry ? [entry.error] : []));
    if (errors.length === 0) JSON.stringify(toAnswer(outcome));
    const endings = errors.map(endingOf);
    return endings.find(({ fault }) => fault !== undefined) ?? endings[0] ?? { ending: 'answered' as const };
  }, endingOf);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ ending: Ending; fault: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ending: 'failed', fault: 'it does not end' }), longestCall);
  });
  return Promise.race([ending, late]).finally(() => clearTimeout(timer));
}

/** Calls a tool with hostile arguments, and holds all that comes of it against what may come of it. */
async function tryOne(stage: Stage, tool: Tool, args: unknown, figures: Figures, plan: Plan): Promise<boolean> {
  stage.sent.length = 0;
  const began = performance.now();
  const { ending, fault } = await run(stage, tool, args);
  const ms = performance.now() - began;
  figures.cases += 1;
  figures.ended[ending] += 1;
  figures.slowestMs = Math.max(figures.slowestMs, Math.round(ms));
  const found = [...(fault === undefined ? [] : [fault])];
  if (ms > longestCall) found.push('it takes too long');
  if (Reflect.has({}, planted)) found.push('a key came into every object');
  for (const one of stage.sent) {
    const { faults, refused } = judge(tool, stage.version, one, args);
    found.push(...faults);
    if (refused.length > 0) figures.refusedByServer += 1;
    for (const why of refused) found.push(`the server refuses ${one.method} ${routeLike(one.target)}: ${why}`);
  }
  figures.requests += stage.sent.length;
  const writes = stage.sent.filter(({ method }) => method !== 'GET').length;
  figures.writes += writes;
  for (const one of found) {
    // What was given stands in the example: a fault is counted whatever brought it about.
    const key = `${tool.name}: ${one.replace(/ \(got .*/s, '').slice(0, 300)}`;
    noteFault(figures.faults, plan.onFault, key, `${one.slice(0, 400)}\n    ${shown(args)}`);
  }
  return writes > 0;
}

const tools: readonly Tool[] = catalogue;

export const isOurs = (name: string) => {
  const tool = tools.find((one) => one.name === name);
  // The server runs those that change it itself.
  return tool === undefined || tool.changesServer ? undefined : tool;
};

async function runArea(area: Area, version: PveVersion, share: number, plan: Plan, random: Seeded, figures: Figures) {
  const stage = await openStage(area, version, plan.secretDir);
  let last: Record<string, any> | undefined;
  let due = 0;
  const met = new Set<string>();
  for (const { tool: name, args } of callsOf(area, () => last)) {
    const tool = isOurs(name);
    if (tool === undefined) continue;
    met.add(name);
    stage.settle();
    const putBack = remember(stage.simulator);
    for (due += share; due >= 1; due -= 1)
      if (await tryOne(stage, tool, hostileArguments(tool, args, random), figures, plan)) {
        stage.settle();
        putBack();
      }
    // Whatever was tried, what is right still goes through.
    try {
      const answer = await stage.executor.execute(tool, args);
      for (const entry of answer.entries) if ('error' in entry) throw entry.error;
      last = { ...toAnswer(answer) };
    } catch (error) {
      const { code, message } = describeError(error);
      noteFault(
        figures.faults,
        plan.onFault,
        `${name}: the right call fails afterwards: ${code}`,
        `${shown(args)} ${message} ${error}`,
      );
      last = undefined;
    }
  }
  await stage.close();
  return met;
}

/** Every example of every tool, with hostile arguments in place of its own, as often as it takes. */
export async function tryHostileArguments(plan: Plan): Promise<Figures> {
  await loadContracts(['9.2.3', '8.4.5']);
  const random = new Seeded(plan.seed);
  const areas = Object.values(plan.areas);
  const calls = areas.reduce((sum, area) => sum + area.calls.length, 0);
  const figures: Figures = {
    cases: 0,
    tools: 0,
    ended: { refused: 0, failed: 0, answered: 0 },
    requests: 0,
    writes: 0,
    refusedByServer: 0,
    slowestMs: 0,
    faults: new Map(),
  };
  const met = new Set<string>();
  for (let round = 0; figures.cases < plan.cases; round += 1) {
    const left = plan.cases - figures.cases;
    // A simulator for some twenty cases a call: new ones are made when a story is told again.
    const share = Math.min(20, (left / calls) * 1.05 + 0.01);
    for (const [index, area] of areas.entries()) {
      const version = (index + round + plan.seed) % 2 === 0 ? '9.2' : '8.4';
      for (const name of await runArea(area, version, share, plan, random, figures)) met.add(name);
    }
  }
  figures.tools = met.size;
  return figures;
}
