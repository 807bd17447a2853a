import { once } from 'node:events';
import { startSimulator } from '../../src/simulator/listen.js';
import { type Ending, eventually, footprintOf, PipelinedClient, pause } from './pipelined-client.js';

export interface FloodFigures {
  /** Requests that were written one after the other, without an answer being read. */
  readonly pipelined: number;
  readonly answered: number;
  readonly busy: number;
  /** Answered in another way than they may be. */
  readonly wrong: readonly string[];
  readonly lost: number;
  /** Of those, the ones that the server had not taken when it was read from at last. */
  readonly heldBack: number;
  /** MiB of the process before, and the most during it. */
  readonly memory: { readonly before: number; readonly peak: number } | undefined;
  /** The most requests that a cluster saw at once. */
  readonly mostRequests: number;
  readonly seconds: number;
}

export interface FloodPlan {
  readonly server: string;
  readonly requests: number;
}

/** MiB that a flood may add: what the collector has not come to yet. All the answers at once would be many times as much. */
export const mostMemory = 200;

const clusterNames = ['cluster-1', 'cluster-2', 'cluster-3'] as const;
const slow = 'cluster-3';

/** What is answered without a cluster, what is wrong, and calls to clusters, most of them to the one that is slow. */
function messageOf(id: number) {
  const call = (name: string, args: object) => ({ id, method: 'tools/call', params: { name, arguments: args } });
  const at = id % 20;
  if (id % 100 === 0) return { id, method: 'tools/list', params: {} };
  if (at < 6) return { id, method: 'ping', params: {} };
  if (at < 9) return call('proxmox-no-such-tool', {});
  if (at < 12) return call('proxmox-vm-info', { vmid: -1 });
  if (at < 14) return call('proxmox-list-nodes', { cluster: 'cluster-1' });
  if (at < 15) return call('proxmox-list-vms', { cluster: 'cluster-2', limit: 10 });
  if (at < 16) return call('proxmox-list-nodes', { cluster: 'cluster-1,cluster-2' });
  return call('proxmox-list-nodes', { cluster: slow });
}

/** Whether it was answered as it must be, was told that there is too much, or what came in place of that. */
function kindOf({ id, result, error }: Record<string, any>): string {
  const at = id % 20;
  if (error !== undefined) return at >= 6 && at < 9 && error.code === -32602 ? 'answered' : JSON.stringify(error);
  if (result.isError !== true) return 'answered';
  const { code } = JSON.parse(result.content[0].text).error;
  if (code === 'BUSY') return 'busy';
  return at >= 9 && at < 12 && code === 'INVALID_ARGUMENTS' ? 'answered' : result.content[0].text.slice(0, 300);
}

/** Writes request after request and reads nothing, until the server takes no more; then reads all. */
export async function flood({ server, requests }: FloodPlan): Promise<FloodFigures> {
  const simulator = await startSimulator({ world: 'large', clusters: clusterNames.length, guests: 20, authDelayMs: 0 });
  const client = new PipelinedClient(server, { ...simulator.env(), PROXMOX_CLUSTER_VALIDATION: 'false' });
  try {
    await client.open();
    for (const cluster of clusterNames) await client.call('proxmox-list-vms', { cluster });
    simulator.cluster(slow).setFault({ kind: 'slow', ms: 300 });
    const before = footprintOf(client.child.pid);
    const began = performance.now();
    const flooded = new Flood(client, requests);
    await flooded.run();
    const after = footprintOf(client.child.pid);
    return {
      ...flooded.figures(),
      memory: before && after ? { before: Math.round(before.memory), peak: Math.round(after.peak) } : undefined,
      mostRequests: Math.max(...simulator.clusters.map(({ maxInFlight }) => maxInFlight)),
      seconds: Math.round((performance.now() - began) / 1000),
    };
  } finally {
    client.child.kill('SIGKILL');
    await simulator.close();
  }
}

class Flood {
  readonly #client: PipelinedClient;
  readonly #requests: number;
  readonly #open = new Set<number>();
  readonly #counts = { answered: 0, busy: 0 };
  readonly #wrong = new Set<string>();
  #written = 0;
  #heldBack = 0;
  #rest = '';

  constructor(client: PipelinedClient, requests: number) {
    this.#client = client;
    this.#requests = requests;
  }

  async run(): Promise<void> {
    const { stdout } = this.#client.child;
    stdout.removeAllListeners('data').pause();
    const writing = this.#write();
    // Until nothing has moved for a while: the server takes no more.
    for (let last = -1; last !== this.#written; ) {
      last = this.#written;
      await pause(1000);
    }
    this.#heldBack = this.#requests - this.#written;
    stdout.on('data', (chunk: string) => this.#read(chunk)).resume();
    await writing;
    await eventually(() => this.#open.size === 0, 300);
  }

  async #write(): Promise<void> {
    for (let at = 1; at <= this.#requests; at += 1) {
      const id = 1_000_000 + at;
      this.#open.add(id);
      const fits = this.#client.write(messageOf(id));
      this.#written = at;
      if (!fits) await once(this.#client.child.stdin, 'drain');
    }
  }

  #read(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.method !== undefined) continue;
      const kind = this.#open.delete(message.id) ? kindOf(message) : `an answer to nothing: ${message.id}`;
      if (kind === 'answered' || kind === 'busy') this.#counts[kind] += 1;
      else this.#wrong.add(kind);
    }
  }

  figures() {
    return {
      pipelined: this.#requests,
      ...this.#counts,
      wrong: [...this.#wrong].slice(0, 5),
      lost: this.#open.size,
      heldBack: this.#heldBack,
    };
  }
}

export const isBusy = ({ state, data }: Ending): boolean => state === 'error' && data.error?.code === 'BUSY';
