import { type Simulator, startSimulator } from '../../src/simulator/listen.js';
import { forgetRequests } from './forget-requests.js';
import { type Ending, eventually, PipelinedClient, type Sent } from './pipelined-client.js';

export interface InFlightFigures {
  readonly calls: number;
  readonly clusters: number;
  /** The most that had no answer at one time, as the client counts. */
  readonly atOnce: number;
  readonly reads: number;
  readonly writes: number;
  readonly cancelled: number;
  /** Calls to the cluster that is dead, each with an error that names it. */
  readonly toTheDead: number;
  /** Not cancelled, and without an answer. */
  readonly lost: number;
  /** Answers of another cluster or guest, or to another call. */
  readonly mixed: readonly string[];
  /** Writes that a cluster was not sent just once, and on the guest that was meant. */
  readonly wrongWrites: readonly string[];
  /** The most requests that any cluster saw at once. */
  readonly mostRequests: number;
  readonly seconds: number;
}

export interface InFlightPlan {
  readonly server: string;
  readonly rounds: number;
}

const clusters = 20;
const each = 10;
const dead = 'cluster-20';
const slow = ['cluster-4', 'cluster-9', 'cluster-14'];
/** Seconds, until what has no answer counts as lost. */
const patience = 120;

interface Call {
  readonly cluster: string;
  readonly vmid: number;
  readonly kind: 'read' | 'write' | 'cancelled' | 'dead';
  readonly sent: Sent;
}

/** Two hundred calls at once, ten to each of twenty clusters whose guests have the same VMIDs, as often as it is wanted. */
export async function callManyAtOnce({ server, rounds }: InFlightPlan): Promise<InFlightFigures> {
  const started = Date.now();
  const clock = { now: () => started + (Date.now() - started) * 20 };
  const simulator = await startSimulator({ world: 'large', clusters, guests: 30, clock, authDelayMs: 0 });
  for (const name of slow) simulator.cluster(name).setFault({ kind: 'slow', ms: 250 });
  simulator.cluster(dead).setFault({ kind: 'unreachable' });
  const client = new PipelinedClient(server, { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  const run = new Run(simulator, client);
  const began = performance.now();
  try {
    await client.open();
    for (let round = 0; round < rounds; round += 1) await run.round(round);
    return run.figures(Math.round((performance.now() - began) / 1000));
  } finally {
    client.child.kill('SIGKILL');
    await simulator.close();
  }
}

class Run {
  readonly #simulator: Simulator;
  readonly #client: PipelinedClient;
  readonly #counts = { read: 0, write: 0, cancelled: 0, dead: 0 };
  readonly #mixed: string[] = [];
  readonly #wrongWrites: string[] = [];
  #lost = 0;
  #atOnce = 0;

  constructor(simulator: Simulator, client: PipelinedClient) {
    this.#simulator = simulator;
    this.#client = client;
  }

  async round(round: number): Promise<void> {
    forgetRequests(this.#simulator);
    const calls = Array.from({ length: clusters * each }, (_, at) => this.#send(at, round));
    this.#atOnce = Math.max(this.#atOnce, this.#client.pending);
    // So that it is under way there when it is given up.
    const given = calls.filter(({ kind }) => kind === 'cancelled');
    setTimeout(() => {
      for (const { sent } of given) sent.cancel();
    }, 50);
    const all = Promise.all(calls.map(async (call) => this.#judge(call, await call.sent.ending)));
    await Promise.race([all, eventually(() => this.#client.pending === 0, patience)]);
    this.#lost += this.#client.pending;
    if (this.#client.pending === 0) await all;
    this.#judgeWrites(calls, round);
  }

  #send(at: number, round: number): Call {
    const cluster = `cluster-${(at % clusters) + 1}`;
    const number = Math.floor(at / clusters);
    const guests = this.#simulator.cluster(cluster).state.guests.filter(({ type }) => type === 'qemu');
    const guest = guests[number];
    if (guest === undefined) throw new Error('fewer guests than calls');
    const { vmid } = guest;
    const kind = kindOf(cluster, number);
    this.#counts[kind] += 1;
    const snapname = `round-${Math.floor(round / 2)}`;
    const [tool, args] =
      kind !== 'write'
        ? (['proxmox-vm-info', {}] as const)
        : round % 2 === 0
          ? (['proxmox-create-snapshot', { snapname }] as const)
          : (['proxmox-delete-snapshot', { snapname, confirm: true }] as const);
    return { cluster, vmid, kind, sent: this.#client.send(tool, { ...args, cluster, vmid }, at % 3 === 0) };
  }

  #judge({ cluster, vmid, kind }: Call, { state, data }: Ending): void {
    const told = JSON.stringify(data).slice(0, 300);
    if (kind === 'cancelled' && state === 'cancelled') return;
    if (kind === 'dead') {
      if (state !== 'error' || data.error?.cluster !== cluster) this.#mixed.push(`${cluster} ${vmid}: ${told}`);
      return;
    }
    const { name, node } = this.#guest(cluster, vmid);
    const { result = {} } = data;
    const isRight = data.cluster === cluster && result.vmid === vmid && result.node === node;
    const isNamed = kind === 'write' || result.name === name;
    if (state !== 'answered' || !isRight || !isNamed) this.#mixed.push(`${cluster} ${vmid} ${state}: ${told}`);
  }

  #guest(cluster: string, vmid: number) {
    const guest = this.#simulator.cluster(cluster).state.guests.find((one) => one.vmid === vmid);
    return { name: guest?.config.name, node: guest?.node };
  }

  /** Each cluster was sent the writes that were meant for it, each once, and no other. */
  #judgeWrites(calls: readonly Call[], round: number): void {
    for (const { name, requests } of this.#simulator.clusters) {
      const meant = calls
        .filter(({ cluster, kind }) => cluster === name && kind === 'write')
        .map(({ vmid }) => `/nodes/${this.#guest(name, vmid).node}/qemu/${vmid}/snapshot`);
      const path = (one: string) => (round % 2 === 0 ? one : `${one}/round-${Math.floor(round / 2)}`);
      const wanted = meant.map(path).sort().join();
      const seen = requests.filter(({ method }) => method !== 'GET').map((one) => one.path);
      if (seen.sort().join() !== wanted) this.#wrongWrites.push(`${name}: ${seen.join()} in place of ${wanted}`);
    }
  }

  figures(seconds: number): InFlightFigures {
    const { read, write, cancelled, dead: toTheDead } = this.#counts;
    const { doubled, noise } = this.#client.strays;
    const strays = doubled + noise > 0 ? [`${doubled} answers to nothing, ${noise} lines that are none`] : [];
    return {
      calls: read + write + cancelled + toTheDead,
      clusters,
      atOnce: this.#atOnce,
      reads: read,
      writes: write,
      cancelled,
      toTheDead,
      lost: this.#lost,
      mixed: [...this.#mixed, ...strays],
      wrongWrites: this.#wrongWrites,
      mostRequests: Math.max(...this.#simulator.clusters.map(({ maxInFlight }) => maxInFlight)),
      seconds,
    };
  }
}

function kindOf(cluster: string, number: number): Call['kind'] {
  if (cluster === dead) return 'dead';
  if (slow.includes(cluster) && number >= each - 3) return 'cancelled';
  return number < 2 ? 'write' : 'read';
}
