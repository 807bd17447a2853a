export type Fault =
  | { kind: 'unreachable' }
  | { kind: 'hung' }
  | { kind: 'slow'; ms: number }
  /** With `ran` the request is run all the same, as by a node that is late. */
  | { kind: 'status'; status: number; reason: string; ran?: true }
  /** The request is run; half of its reply comes. */
  | { kind: 'reset' }
  /** The request is run; nothing of its reply comes. */
  | { kind: 'lost' }
  /** The request is run; its reply never comes, though the connection stays. */
  | { kind: 'late' }
  /** What answers is something else, or gives half a text as a whole; the request is not run, unless it says `ran`. */
  | { kind: 'garbage'; form?: 'html' | 'truncated' | 'foreign'; ran?: true }
  /** What answers sends to another place; the request is not run. */
  | { kind: 'redirect'; location: string }
  | { kind: 'certificate' }
  | { kind: 'no-quorum' }
  /** Set on the source of a remote migration; without a text it fails with a usual one. */
  | { kind: 'migration'; at: MigrationStage; text?: string }
  /** The task that a request starts ends with this status and has no effect. */
  | { kind: 'task'; exitstatus: string }
  /** The task that a request starts does not end. */
  | { kind: 'stuck' };

/** What becomes of the task that a request starts. */
export type TaskFault = Extract<Fault, { kind: 'task' | 'stuck' }>;

/**
 * Where a remote migration fails. Phase 1: while disks are copied, when the other side applies the configuration, with
 * the connection lost, with the source's node dead. Phase 2: while memory is sent. Phase 3: when the guest is to go on
 * on the other side, when its lock is to be removed there.
 */
export type MigrationStage = 'copy' | 'config' | 'connection' | 'source' | 'memory' | 'resume' | 'unlock';

export type MigrationFault = Extract<Fault, { kind: 'migration' }>;

export interface FaultScope {
  node?: string;
  path?: RegExp;
  method?: string;
  /** Which of the cluster's addresses, from 0 on. */
  endpoint?: number;
  times?: number;
  /** Of what it would hit, so many pass before it does. */
  skip?: number;
}

interface ActiveFault {
  readonly fault: Fault;
  readonly scope: FaultScope;
  readonly since: number;
  left: number;
  skip: number;
}

interface Asked {
  readonly path: string;
  readonly node: string | undefined;
  readonly method: string;
  readonly endpoint: number;
}

/** What a request does not meet on its way. */
const beside = { certificate: true, 'no-quorum': true, migration: true, task: true, stuck: true };

/** The faults that are set on one cluster. */
export class FaultBoard {
  #active: ActiveFault[] = [];
  /** How often one was met. */
  hits = 0;

  add(fault: Fault, scope: FaultScope, now: number): void {
    this.#active.push({
      fault,
      scope,
      since: now,
      left: scope.times ?? Number.POSITIVE_INFINITY,
      skip: scope.skip ?? 0,
    });
  }

  /** @param endpoint only what is set on this address alone */
  clear(endpoint?: number): void {
    this.#active = endpoint === undefined ? [] : this.#active.filter(({ scope }) => scope.endpoint !== endpoint);
  }

  has(kind: Fault['kind']): boolean {
    return this.#active.some((entry) => entry.fault.kind === kind && entry.left > 0);
  }

  /** An address, or the whole cluster, is gone, for all requests and until it is cleared: nothing listens. */
  refusesConnections(endpoint: number): boolean {
    return this.#active.some(
      ({ fault, scope }) =>
        fault.kind === 'unreachable' &&
        scope.node === undefined &&
        scope.path === undefined &&
        scope.method === undefined &&
        (scope.endpoint === undefined || scope.endpoint === endpoint) &&
        scope.times === undefined,
    );
  }

  /** The fault that a request meets; uses up one of its times. */
  take({ path, node, method, endpoint }: Asked): Fault | undefined {
    const fits = ({ fault, scope, left }: ActiveFault) =>
      left > 0 &&
      !(fault.kind in beside) &&
      !(scope.node !== undefined && isNodeFault(fault)) &&
      (scope.node === undefined || scope.node === node) &&
      (scope.method === undefined || scope.method === method) &&
      (scope.endpoint === undefined || scope.endpoint === endpoint) &&
      (scope.path === undefined || scope.path.test(path));
    for (const entry of this.#active.filter(fits)) {
      if (entry.skip === 0) return this.#use(entry).fault;
      entry.skip -= 1;
    }
    return undefined;
  }

  #use<E extends ActiveFault>(entry: E): E {
    entry.left -= 1;
    this.hits += 1;
    return entry;
  }

  /** The fault that a remote migration will meet; uses up one of its times. */
  takeMigration(node: string, path: string): MigrationFault | undefined {
    for (const entry of this.#active) {
      const { fault, scope, left } = entry;
      if (fault.kind !== 'migration' || left <= 0) continue;
      if (scope.node !== undefined && scope.node !== node) continue;
      if (scope.path !== undefined && !scope.path.test(path)) continue;
      this.#use(entry);
      return fault;
    }
    return undefined;
  }

  /** What becomes of the task that a request to this path has started; uses up one of its times. */
  takeOfTask(path: string, node: string): TaskFault | undefined {
    for (const entry of this.#active) {
      const { fault, scope, left } = entry;
      if ((fault.kind !== 'task' && fault.kind !== 'stuck') || left <= 0) continue;
      if (scope.node !== undefined && scope.node !== node) continue;
      if (scope.path !== undefined && !scope.path.test(path)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      this.#use(entry);
      return fault;
    }
    return undefined;
  }

  /** Set where a node, not the cluster, is unreachable or hung; `path` narrows it to some requests. */
  ofNode(node: string, path?: string): { kind: 'unreachable' | 'hung'; since: number } | undefined {
    for (const { fault, scope, since, left } of this.#active) {
      if (scope.node !== node || !isNodeFault(fault) || left <= 0) continue;
      if (scope.path !== undefined && (path === undefined || !scope.path.test(path))) continue;
      return { kind: fault.kind, since };
    }
    return undefined;
  }

  /** As `ofNode`, for a request that is forwarded to the node; uses up one of its times. */
  takeOfNode(node: string, path: string): 'unreachable' | 'hung' | undefined {
    const hit = this.#active.find(
      ({ fault, scope, left }) =>
        left > 0 && scope.node === node && isNodeFault(fault) && (scope.path === undefined || scope.path.test(path)),
    );
    if (hit === undefined || !isNodeFault(hit.fault)) return undefined;
    this.#use(hit);
    return hit.fault.kind;
  }
}

function isNodeFault(fault: Fault): fault is { kind: 'unreachable' } | { kind: 'hung' } {
  return fault.kind === 'unreachable' || fault.kind === 'hung';
}
