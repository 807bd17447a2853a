import { createHash } from 'node:crypto';
import { type SimulatorClock, seconds } from './clock.js';
import { FaultBoard } from './fault.js';
import { Mounts } from './mounts.js';
import { died } from './pve-error.js';
import type { Peers } from './remote/remote-api.js';
import type { Tunnel } from './remote/tunnel.js';
import type { ClusterState, NodeState, TaskState } from './state.js';
import { TaskEngine } from './task-engine.js';

export const versions = {
  '8.4': {
    version: '8.4.5',
    release: '8.4',
    repoid: 'b1d6f8c24a3e7590',
    kernel: '6.8.12-11-pve',
    qemu: '9.2.0',
    server: '8.4.1',
  },
  '9.2': {
    version: '9.2.3',
    release: '9.2',
    repoid: 'd4e1a7036c92bf58',
    kernel: '6.17.4-1-pve',
    qemu: '10.1.2',
    server: '9.1.21',
  },
} as const;

const unknownAfterSeconds = 300;

/** One simulated cluster: its data, its time, its tasks and its faults. */
export class Cluster {
  readonly state: ClusterState;
  readonly clock: SimulatorClock;
  readonly tasks: TaskEngine;
  /** Which of its addresses was asked. */
  readonly endpoint: number = 0;
  readonly #views = new Map<number, Cluster>();
  readonly faults = new FaultBoard();
  /** Open migration tunnels into this cluster, by the id of their task. */
  readonly tunnels = new Map<string, Tunnel>();
  /** What it has mounted beside others. */
  mounts = new Mounts();
  /** Not one of its views. */
  readonly itself: Cluster = this;
  /** Clusters that share a migration with this one: their time passes together. */
  readonly linked = new Set<Cluster>();
  /** The other clusters that its nodes can reach. */
  peers: Peers = () => undefined;
  /** Of the certificate that is served just now. */
  readonly fingerprint: () => string;
  /** Of the authority that the installation made for itself; it outlasts every rename. */
  readonly authorityFingerprint: string;

  constructor(state: ClusterState, clock: SimulatorClock, fingerprint: () => string) {
    this.state = state;
    this.clock = clock;
    this.fingerprint = fingerprint;
    this.authorityFingerprint = authorityOf(state);
    this.tasks = new TaskEngine(state, clock);
    for (const task of state.tasks) this.#releaseAfter(task);
  }

  get now(): number {
    return seconds(this.clock);
  }

  get release(): (typeof versions)[keyof typeof versions] {
    return versions[this.state.version];
  }

  /** The node that answers. */
  get localNode(): NodeState {
    const node = this.state.nodes[this.endpoint % this.state.nodes.length];
    if (node === undefined) throw died('this cluster has no nodes');
    return node;
  }

  /** The same cluster, seen from the node of one of its addresses. */
  at(endpoint: number): Cluster {
    if (endpoint === this.endpoint) return this;
    const known = this.#views.get(endpoint);
    if (known !== undefined) return known;
    const view: Cluster = Object.create(this, { endpoint: { value: endpoint } });
    this.#views.set(endpoint, view);
    return view;
  }

  /** The same cluster, as another of its nodes answers for it. */
  seenFrom(node: string): Cluster {
    return this.at(this.state.nodes.findIndex((entry) => entry.node === node));
  }

  /** From now on, time passes for both together. */
  link(other: Cluster): void {
    this.linked.add(other.itself);
    other.linked.add(this.itself);
  }

  /** Brings this cluster and those that migrate with it up to the clock. */
  settle(): void {
    for (const other of this.linked) other.tasks.settle();
    this.tasks.settle();
  }

  get quorate(): boolean {
    return this.state.quorate && !this.faults.has('no-quorum');
  }

  /** A backup that runs when the simulator starts holds its guest's lock until it ends. */
  #releaseAfter(task: TaskState): void {
    if (task.endtime !== undefined || task.type !== 'vzdump') return;
    this.tasks.adopt(task, () => {
      const guest = this.state.guests.find((entry) => String(entry.vmid) === task.id);
      if (guest?.config.lock === 'backup') delete guest.config.lock;
      return task.exitstatus;
    });
  }

  node(name: string): NodeState {
    if (name === 'localhost') return this.localNode;
    const node = this.state.nodes.find((entry) => entry.node === name);
    if (node !== undefined) return node;
    throw died(`hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`);
  }

  isOnline(node: NodeState): boolean {
    return node.online && this.faults.ofNode(node.node) === undefined;
  }

  /** A dead node's guests keep their last numbers for five minutes, then nobody knows. */
  isForgotten(node: NodeState): boolean {
    if (this.isOnline(node)) return false;
    const since = this.faults.ofNode(node.node)?.since ?? node.offlineSince;
    return since !== undefined && this.clock.now() - since > unknownAfterSeconds * 1000;
  }
}

function authorityOf({ name, nodes }: ClusterState): string {
  const made = createHash('sha256').update(JSON.stringify([name, nodes.map(({ ip }) => ip)]));
  return (made.digest('hex').toUpperCase().match(/../g) ?? []).join(':');
}
