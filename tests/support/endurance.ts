import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { deadCluster, type EverydayCall, Worker } from './everyday-calls.js';
import { forgetRequests } from './forget-requests.js';
import { type Ending, eventually, type Footprint, footprintOf, PipelinedClient, pause } from './pipelined-client.js';
import { Seeded } from './seeded.js';

export interface EnduranceFigures {
  readonly calls: number;
  readonly seconds: number;
  /** How they ended. */
  readonly ended: Record<Ending['state'], number>;
  readonly progress: number;
  /** What was not as it must be, once for each kind. */
  readonly wrong: readonly string[];
  /** Answers that nobody asked for, and calls without one. */
  readonly strays: number;
  readonly pending: number;
  /** MiB of the process: the medians of the second and of the last tenth of the calls, and the most. */
  readonly memory: { readonly early: number; readonly late: number; readonly peak: number } | undefined;
  /** Before the first call, the medians of those tenths, and when all was over. */
  readonly descriptors:
    | { readonly before: number; readonly early: number; readonly late: number; readonly after: number }
    | undefined;
  /** Calls that were held at once in the end, as a place that is not given back is missed there. */
  readonly heldAtTheEnd: number;
}

export interface EndurancePlan {
  readonly server: string;
  readonly calls: number;
  readonly seed: number;
  readonly clusters?: number;
  readonly atOnce?: number;
  /** Told now and then. */
  readonly onSample?: (calls: number, footprint: Footprint) => void;
}

const samples = 100;
/** Memory may be so much more at the end: a share of it, and a young generation, which the collector takes when it likes. */
export const mostGrowth = { share: 0.05, mib: 16 };

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Whether memory and descriptors at the end are what they were when the server had warmed up. */
export function isFlat({ memory, descriptors }: EnduranceFigures): boolean {
  if (memory === undefined || descriptors === undefined) return true;
  const most = memory.early * (1 + mostGrowth.share) + mostGrowth.mib;
  return memory.late <= most && descriptors.after <= descriptors.before;
}

/** Simulated clusters keep every task; what has long ended is taken away, as a real one's list is cut. */
function tidy(simulator: Simulator): void {
  forgetRequests(simulator);
  for (const { state } of simulator.clusters) {
    const ended = state.tasks.filter(({ endtime }) => endtime !== undefined);
    const old = new Set(ended.slice(0, Math.max(0, ended.length - 100)));
    if (old.size > 0) state.tasks = state.tasks.filter((task) => !old.has(task));
  }
}

function faultOf(call: EverydayCall, { state, data }: Ending): string | undefined {
  const told = `${call.tool}: ${state}`;
  if (call.cancelledAfter !== undefined)
    return state === 'answered' || state === 'cancelled' ? undefined : `${told} ${JSON.stringify(data)}`;
  if (state !== call.ends) return `${told} in place of ${call.ends}: ${JSON.stringify(data).slice(0, 300)}`;
  const code = data.error?.code;
  if (call.code !== undefined && !call.code.includes(code)) return `${told}: ${code} in place of ${call.code.join()}`;
  if (call.cluster !== undefined && data.cluster !== call.cluster)
    return `${told}: cluster ${data.cluster} in place of ${call.cluster}`;
  return undefined;
}

/** Works with the server as a client does, for so many calls, and looks at what that leaves in it. */
export async function endure(plan: EndurancePlan): Promise<EnduranceFigures> {
  const { server, seed, clusters = 5, atOnce = 24 } = plan;
  const started = Date.now();
  const clock = { now: () => started + (Date.now() - started) * 20 };
  const simulator = await startSimulator({ world: 'large', clusters, guests: 30, clock, authDelayMs: 0 });
  simulator.cluster(deadCluster).setFault({ kind: 'unreachable' });
  const client = new PipelinedClient(server, { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  try {
    await client.open();
    await client.call('proxmox-list-nodes', { cluster: 'all' });
    const workers = workersOf(simulator, seed, atOnce);
    const idle = await settled(client);
    const run = new Run(client, simulator, plan);
    await run.all(workers);
    const heldAtTheEnd = await holdMany(client, simulator);
    // Connections that nobody uses are let go after some seconds.
    if (idle !== undefined)
      await eventually(() => (footprintOf(client.child.pid)?.descriptors ?? 0) <= idle.descriptors, 20);
    return run.figures(idle, heldAtTheEnd);
  } finally {
    client.child.kill('SIGKILL');
    await simulator.close();
  }
}

/** The server with nothing to do and no connection open. */
async function settled(client: PipelinedClient): Promise<Footprint | undefined> {
  await pause(6000);
  return footprintOf(client.child.pid);
}

/** As many calls at once as five clusters take of reads, so that a place that was not given back is missed. */
async function holdMany(client: PipelinedClient, simulator: Simulator): Promise<number> {
  const alive = simulator.clusters.map(({ name }) => name).filter((name) => name !== deadCluster);
  const sent = alive
    .slice(0, 4)
    .flatMap((cluster) => Array.from({ length: 60 }, () => client.call('proxmox-list-nodes', { cluster })));
  const endings = await Promise.all(sent);
  return endings.filter(({ state }) => state === 'answered').length;
}

function workersOf(simulator: Simulator, seed: number, count: number): Worker[] {
  const alive = simulator.clusters.filter(({ name }) => name !== deadCluster);
  return Array.from({ length: count }, (_, at) => {
    const { name, state } = alive[at % alive.length] ?? { name: '', state: { guests: [] } };
    const idle = state.guests.filter((guest) => guest.type === 'qemu' && guest.snapshots.length === 0);
    const own = idle[Math.floor(at / alive.length)];
    if (own === undefined) throw new Error('fewer guests than workers');
    const guest = { cluster: name, vmid: own.vmid, isRunning: own.status === 'running' };
    return new Worker(simulator, new Seeded(seed + at * 7919), guest);
  });
}

class Run {
  readonly #client: PipelinedClient;
  readonly #simulator: Simulator;
  readonly #plan: EndurancePlan;
  readonly #ended: Record<Ending['state'], number> = { answered: 0, error: 0, refused: 0, cancelled: 0 };
  readonly #wrong = new Map<string, string>();
  readonly #footprints: Footprint[] = [];
  readonly #began = performance.now();
  #seconds = 0;
  #begun = 0;
  #done = 0;

  constructor(client: PipelinedClient, simulator: Simulator, plan: EndurancePlan) {
    this.#client = client;
    this.#simulator = simulator;
    this.#plan = plan;
  }

  async all(workers: readonly Worker[]): Promise<void> {
    await Promise.all(workers.map((worker) => this.#work(worker)));
    this.#seconds = (performance.now() - this.#began) / 1000;
  }

  async #work(worker: Worker): Promise<void> {
    while (this.#begun < this.#plan.calls) {
      this.#begun += 1;
      const call = worker.next();
      const sent = this.#client.send(call.tool, call.args, call.isTold);
      if (call.cancelledAfter !== undefined) setTimeout(sent.cancel, call.cancelledAfter);
      const ending = await sent.ending;
      this.#ended[ending.state] += 1;
      const fault = faultOf(call, ending);
      if (fault !== undefined) this.#wrong.set(`${call.tool} ${ending.state}`, fault);
      this.#done += 1;
      if (this.#done % Math.max(1, Math.floor(this.#plan.calls / samples)) === 0) this.#sample();
    }
  }

  #sample(): void {
    tidy(this.#simulator);
    const footprint = footprintOf(this.#client.child.pid);
    if (footprint === undefined) return;
    this.#footprints.push(footprint);
    this.#plan.onSample?.(this.#done, footprint);
  }

  figures(idle: Footprint | undefined, heldAtTheEnd: number): EnduranceFigures {
    const tenth = Math.floor(this.#footprints.length / 10);
    const early = this.#footprints.slice(tenth, 2 * tenth);
    const late = this.#footprints.slice(-tenth);
    const last = footprintOf(this.#client.child.pid);
    const of = (some: readonly Footprint[], key: 'memory' | 'descriptors') => median(some.map((one) => one[key]));
    const known = idle !== undefined && last !== undefined;
    return {
      calls: this.#done,
      seconds: Math.round(this.#seconds),
      ended: this.#ended,
      progress: this.#client.progress,
      wrong: [...this.#wrong.values()],
      strays: this.#client.strays.doubled + this.#client.strays.noise,
      pending: this.#client.pending,
      memory: known
        ? { early: round(of(early, 'memory')), late: round(of(late, 'memory')), peak: round(last.peak) }
        : undefined,
      descriptors: known
        ? {
            before: idle.descriptors,
            early: of(early, 'descriptors'),
            late: of(late, 'descriptors'),
            after: last.descriptors,
          }
        : undefined,
      heldAtTheEnd,
    };
  }
}

const round = (mib: number) => Math.round(mib * 10) / 10;
