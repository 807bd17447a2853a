import { Executor } from '../../src/client/execute.js';
import { ClusterRegistry } from '../../src/clusters/registry.js';
import { parseEnv, requireConfig } from '../../src/config/env.js';
import { silentLog } from '../../src/pve/log.js';
import { createTransport, type Fetch, type Transport } from '../../src/pve/transport.js';
import { errorAnswer, outcomeAnswer, type ToolAnswer } from '../../src/server/answer.js';
import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { catalogue } from '../../src/tools/catalogue.js';
import type { Tool } from '../../src/tools/define.js';
import type { Area } from './examples.js';
import type { SentWrite } from './fault-judge.js';
import { type FaultKind, type Leaving, setFaultFor } from './fault-kinds.js';
import { forgetRequests } from './forget-requests.js';
import { type LeapingClock, leapingClock } from './leaping-clock.js';

const tools = new Map<string, Tool>(catalogue.map((tool) => [tool.name, tool]));

/** The fault that the request of this number is to meet. */
export interface Planned {
  readonly index: number;
  readonly kind: FaultKind;
}

export interface Ran {
  readonly answer: ToolAnswer;
  readonly requests: readonly Leaving[];
  /** Non-GET requests as the simulator took them. */
  readonly writes: readonly SentWrite[];
  /** Whether the fault was met. */
  readonly hit: boolean;
}

/** Clusters of their own for the examples of an area, on which calls can be run in process. */
export interface Stage {
  readonly simulator: Simulator;
  run(tool: string, args: Record<string, unknown>, planned?: Planned): Promise<Ran>;
  /** Whether the server of the last call serves the next one. */
  lives(): Promise<string | undefined>;
  settle(): void;
  close(): Promise<void>;
}

/** Milliseconds of real time; hardly any call takes a hundredth of it. */
const longestCall = 20_000;

/** What leaves, and what the request of a number meets. */
class Watch {
  readonly requests: Leaving[] = [];
  planned: Planned | undefined;
  inFlight = 0;
  lastMove = performance.now();
  readonly #simulator: Simulator;

  constructor(simulator: Simulator) {
    this.#simulator = simulator;
  }

  transport(cluster: string, transport: Transport): Transport {
    const fetch: Fetch = async (url, init) => {
      const target = url.slice(url.indexOf('/api2/json') + '/api2/json'.length);
      const path = decodeURIComponent(target.replace(/\?.*$/s, ''));
      const at = this.requests.push({ cluster, method: init.method, path, startsTask: false }) - 1;
      const leaving = this.requests[at];
      if (this.planned?.index === at && leaving !== undefined)
        setFaultFor(this.#simulator.cluster(cluster), leaving, this.planned.kind);
      this.#moved(1);
      try {
        const reply = await transport.fetch(url, init);
        const text = await reply.text();
        if (/^\{"data":"UPID:/.test(text)) this.requests[at] = { cluster, method: init.method, path, startsTask: true };
        return { ...reply, text: async () => text };
      } finally {
        this.#moved(-1);
      }
    };
    return { ...transport, fetch };
  }

  #moved(by: number): void {
    this.inFlight += by;
    this.lastMove = performance.now();
  }
}

export async function openFaultStage(
  { prepare, env }: Area,
  secretDir: string,
  { http = true }: { readonly http?: boolean } = {},
): Promise<Stage> {
  const clock = leapingClock();
  const simulator = await startSimulator({ http, clock, authDelayMs: 0 });
  prepare?.(simulator);
  const config = requireConfig(parseEnv({ ...simulator.env(), ...env, PROXMOX_SECRET_DIR: secretDir }));
  let current: { executor: Executor; registry: ClusterRegistry; watch: Watch } | undefined;
  const fresh = async () => {
    await current?.registry.close();
    const watch = new Watch(simulator);
    const registry = new ClusterRegistry(config, {
      clock,
      createTransport: ({ name, tls }) => watch.transport(name, createTransport(tls)),
    });
    current = { executor: new Executor(registry, clock, silentLog), registry, watch };
    clock.begin();
    return current;
  };
  const lift = () => {
    for (const cluster of simulator.clusters) cluster.setFault(undefined);
  };
  const settle = () => {
    clock.pass(600_000);
    for (const cluster of simulator.clusters) void cluster.state;
  };
  // A backup that runs in the world from the start holds a lock.
  clock.pass(3_600_000);
  settle();
  return {
    simulator,
    settle,
    run: async (tool, args, planned) => {
      const { executor, watch, registry } = await fresh();
      watch.planned = planned;
      forgetRequests(simulator);
      const hits = hitsOf(simulator);
      const stop = planned?.kind.holds ? passWhileHeld(clock, watch) : () => {};
      const tokenIdOf = (name: string) => registry.getClusterConfig(name).tokenId;
      const answer = await inTime(callOf(executor, tool, args, tokenIdOf)).finally(stop);
      const writes = simulator.clusters.flatMap((cluster) =>
        cluster.requests
          .filter(({ method }) => method !== 'GET')
          .map((request) => ({ ...request, cluster: cluster.name })),
      );
      const hit = planned !== undefined && (planned.kind.lasts || hitsOf(simulator) > hits);
      lift();
      watch.planned = undefined;
      return { answer, requests: watch.requests, writes, hit: hit === true };
    },
    lives: async () => {
      if (current === undefined) return undefined;
      // A probe that a fault has called for may be under way.
      for (let tries = 0; current.watch.inFlight > 0 && tries < 100; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 5));
      // A breaker that a fault has opened is closed by a probe, once one is due.
      clock.pass(61_000);
      const { executor } = current;
      const answer = await inTime(callOf(executor, 'proxmox-list-nodes', {}, () => undefined));
      return answer.isError ? answer.text.slice(0, 300) : undefined;
    },
    close: async () => {
      await current?.registry.close();
      await simulator.close();
    },
  };
}

const hitsOf = ({ clusters }: Simulator) => clusters.reduce((sum, { faultHits }) => sum + faultHits, 0);

async function callOf(
  executor: Executor,
  name: string,
  args: Record<string, unknown>,
  tokenIdOf: (cluster: string) => string | undefined,
): Promise<ToolAnswer> {
  const tool = tools.get(name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  try {
    return outcomeAnswer(await executor.execute(tool, args), tokenIdOf);
  } catch (error) {
    return errorAnswer(error, tokenIdOf);
  }
}

function inTime(pending: Promise<ToolAnswer>): Promise<ToolAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ToolAnswer>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the call does not end')), longestCall);
  });
  return Promise.race([pending, late]).finally(() => clearTimeout(timer));
}

/** Milliseconds of real time. */
const quiet = 12;

/** Lets time pass whenever all that is under way is held back. */
function passWhileHeld(clock: LeapingClock, watch: Watch): () => void {
  const timer = setInterval(() => {
    if (watch.inFlight > 0 && performance.now() - watch.lastMove > quiet) clock.pass(5000);
  }, 4);
  return () => clearInterval(timer);
}
