import type { Simulator } from '../../src/simulator/listen.js';
import type { Seeded } from './seeded.js';

/** A call as it comes in everyday work, and what must be so of its answer. */
export interface EverydayCall {
  readonly tool: string;
  readonly args: Record<string, unknown>;
  readonly ends: 'answered' | 'error' | 'refused' | 'either';
  /** The code of the error. */
  readonly code?: readonly string[];
  /** That must stand in the answer. */
  readonly cluster?: string;
  readonly isTold?: boolean;
  /** Milliseconds after which it is cancelled. */
  readonly cancelledAfter?: number;
}

/** A guest that one worker has for itself: writes to it follow each other. */
interface OwnGuest {
  readonly cluster: string;
  readonly vmid: number;
  isRunning: boolean;
  hasSnapshot: boolean;
}

export const deadCluster = 'cluster-1';

/** What one of several that work side by side does, one call after the other. */
export class Worker {
  readonly #random: Seeded;
  readonly #simulator: Simulator;
  readonly #own: OwnGuest;
  readonly #alive: readonly string[];

  constructor(simulator: Simulator, random: Seeded, own: Omit<OwnGuest, 'hasSnapshot'>) {
    this.#simulator = simulator;
    this.#random = random;
    this.#own = { ...own, hasSnapshot: false };
    this.#alive = simulator.clusters.map(({ name }) => name).filter((name) => name !== deadCluster);
  }

  next(): EverydayCall {
    const at = this.#random.next();
    if (at < 0.42) return this.#read();
    if (at < 0.5) return this.#ofAll();
    if (at < 0.6) return this.#planned();
    if (at < 0.7) return this.#power();
    if (at < 0.76) return this.#snapshot();
    if (at < 0.8) return { tool: 'proxmox-no-such-tool', args: {}, ends: 'refused' };
    if (at < 0.86) return this.#wrong();
    if (at < 0.9) return this.#toTheDead();
    if (at < 0.93) return this.#elsewhere();
    return { ...this.#read(), ends: 'either', cancelledAfter: this.#random.below(20) };
  }

  #guest(type: 'qemu' | 'lxc') {
    const cluster = this.#random.pick(this.#alive);
    const guests = this.#simulator.cluster(cluster).state.guests.filter((guest) => guest.type === type);
    return { cluster, guest: this.#random.pick(guests) };
  }

  #read(): EverydayCall {
    const { cluster, guest } = this.#guest('qemu');
    const { vmid, node } = guest;
    const name = String(guest.config.name);
    const [tool, args] = this.#random.pick([
      ['proxmox-list-vms', { limit: 20 }],
      ['proxmox-list-vms', { search: 'web', fields: ['vmid', 'name'] }],
      ['proxmox-list-lxc', {}],
      ['proxmox-list-nodes', {}],
      ['proxmox-node-status', { node }],
      ['proxmox-list-storage', {}],
      ['proxmox-storage-content', { node, storage: 'local', content: 'iso' }],
      ['proxmox-vm-info', { vmid }],
      ['proxmox-vm-info', { name }],
      ['proxmox-vm-metrics', { vmid }],
      ['proxmox-list-snapshots', { vmid }],
      ['proxmox-list-tasks', { limit: 10 }],
      ['proxmox-cluster-status', {}],
      ['proxmox-list-bridges', { node }],
      ['proxmox-list-pools', {}],
    ] as const);
    return { tool, args: { ...args, cluster }, ends: 'answered', cluster };
  }

  #ofAll(): EverydayCall {
    const [tool, args] = this.#random.pick([
      ['proxmox-list-all-vms-from-all-clusters', { limit: 50 }],
      ['proxmox-list-nodes', { cluster: 'all' }],
      ['proxmox-list-storage', { cluster: 'all', limit: 20 }],
      ['proxmox-list-all-clusters', {}],
      ['proxmox-find-guest', { name: `c3-web-${1 + this.#random.below(3)}` }],
    ] as const);
    return { tool, args, ends: 'answered' };
  }

  #planned(): EverydayCall {
    const { cluster, guest } = this.#guest('qemu');
    const own = this.#own;
    const [tool, args] = this.#random.pick([
      [own.isRunning ? 'proxmox-stop-vm' : 'proxmox-start-vm', { vmid: own.vmid, cluster: own.cluster }],
      ['proxmox-create-snapshot', { vmid: guest.vmid, snapname: 'planned', cluster }],
    ] as const);
    return { tool, args: { ...args, dry_run: true }, ends: 'answered', cluster: args.cluster };
  }

  #power(): EverydayCall {
    const own = this.#own;
    own.isRunning = !own.isRunning;
    const tool = own.isRunning ? 'proxmox-start-vm' : 'proxmox-stop-vm';
    const confirm = own.isRunning ? {} : { confirm: true };
    return this.#write(tool, { ...confirm, wait: true, timeout: this.#random.pick([45, 600, 3600]) });
  }

  #snapshot(): EverydayCall {
    const own = this.#own;
    own.hasSnapshot = !own.hasSnapshot;
    const confirm = own.hasSnapshot ? {} : { confirm: true };
    const tool = own.hasSnapshot ? 'proxmox-create-snapshot' : 'proxmox-delete-snapshot';
    return this.#write(tool, { ...confirm, snapname: 'everyday' });
  }

  #write(tool: string, args: Record<string, unknown>): EverydayCall {
    const { cluster, vmid } = this.#own;
    return { tool, args: { ...args, cluster, vmid }, ends: 'answered', cluster, isTold: this.#random.chance(0.5) };
  }

  #wrong(): EverydayCall {
    const [tool, args, code] = this.#random.pick([
      ['proxmox-vm-info', { vmid: -1 }, 'INVALID_ARGUMENTS'],
      ['proxmox-vm-info', {}, 'INVALID_ARGUMENTS'],
      ['proxmox-list-vms', { cluser: 'cluster-2' }, 'INVALID_ARGUMENTS'],
      ['proxmox-list-vms', { cluster: `no-such-${this.#random.below(1e9)}` }, 'CLUSTER_NOT_FOUND'],
      ['proxmox-node-status', { cluster: 'cluster-2', node: `none-${this.#random.below(1e9)}` }, 'NODE_NOT_FOUND'],
      ['proxmox-list-vms', { cursor: `x${this.#random.below(1e9)}`, cluster: 'cluster-2' }, 'INVALID_ARGUMENTS'],
    ] as const);
    return { tool, args, ends: 'error', code: [code] };
  }

  #toTheDead(): EverydayCall {
    const tool = this.#random.pick(['proxmox-list-vms', 'proxmox-list-nodes', 'proxmox-list-storage'] as const);
    return { tool, args: { cluster: deadCluster }, ends: 'error', code: ['CLUSTER_UNREACHABLE', 'CLUSTER_DOWN'] };
  }

  #elsewhere(): EverydayCall {
    const vmid = 90_000 + this.#random.below(1e6);
    const cluster = this.#random.pick(this.#alive);
    return { tool: 'proxmox-vm-info', args: { vmid, cluster }, ends: 'error', code: ['GUEST_NOT_FOUND'] };
  }
}
