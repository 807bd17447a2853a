import { z } from 'zod';
import { ClusterConnectionError, GuestNotFoundError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import { route, type Selection, select, selectAll } from '../clusters/route.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { ConnectionError } from '../pve/errors.js';
import type { Log } from '../pve/log.js';
import { taskLog, taskStatus } from '../pve/task.js';
import { waitForTask } from '../pve/task-wait.js';
import type { Calls, Context, Page, Tool } from '../tools/define.js';
import { InvalidInput } from '../tools/invalid-input.js';
import type { Scope } from '../tools/scope.js';
import { bindCalls } from './calls.js';
import { emptyListNotes } from './empty-list.js';
import { guardDestruction } from './guard.js';
import { type Arguments, parseArguments } from './input.js';
import { lookElsewhere } from './inventory.js';
import type { Entry, ListBody, Outcome, ResultBody } from './outcome.js';
import { readCursor } from './page.js';
import { resolveTarget } from './target.js';

/** Steps that a call has done, of how many, in words. */
export interface Progress {
  readonly progress: number;
  readonly total?: number;
  readonly message: string;
}

/** What a caller brings along. */
export interface CallOptions {
  /** Aborting it stops the requests and the waiting; what Proxmox has begun goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => Promise<void>;
}

interface Execution {
  readonly tool: Tool;
  readonly arguments: Arguments;
  readonly options: CallOptions;
  readonly via: Selection['via'];
  readonly page: Page;
}

/** Where Proxmox leaves out the rows that a token may not see. */
const listingScopes: ReadonlySet<Scope> = new Set(['fleet', 'cluster', 'node', 'storage']);

/** Runs tools: arguments checked, clusters chosen, targets found, answers checked. It keeps nothing between calls. */
export class Executor {
  readonly #registry: ClusterRegistry;
  readonly #clock: Clock;
  readonly #log: Log;

  constructor(registry: ClusterRegistry, clock: Clock, log: Log) {
    this.#registry = registry;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * @throws {InvalidArgumentsError} {@link ClusterError} {@link RequestError} when the one cluster chosen fails; over
   * several clusters, each one's error stands in its entry
   * @param asMany an entry a cluster even where one was chosen
   */
  async execute(tool: Tool, given: unknown, options: CallOptions = {}, asMany = false): Promise<Outcome> {
    const parsed = parseArguments(tool, given);
    const selection = this.#choose(tool, parsed.shared);
    const { clusters, via, by } = selection;
    const many = selection.many || asMany;
    this.#log.debug({ tool: tool.name, clusters, via, by }, 'cluster selected');
    const { limit, cursor } = parsed.shared;
    const position = readCursor(tool.name, cursor, clusters);
    const remaining = position === undefined ? clusters : clusters.filter((cluster) => position.has(cluster));
    const entries = await Promise.all(
      remaining.map((cluster) => {
        const offset = position?.get(cluster) ?? 0;
        const execution = { tool, arguments: parsed, options, via, page: { offset, limit } };
        return many
          ? this.#entry(cluster, execution)
          : this.#run(cluster, execution).then((body) => ({ cluster, body }));
      }),
    );
    const whole = many || tool.scope === 'configuration';
    const cluster = whole ? (parsed.shared.cluster ?? 'all') : (clusters[0] ?? '');
    const continued = position !== undefined;
    return { cluster, via, many, entries, limit, continued, ...(by === undefined ? {} : { by }) };
  }

  #choose(tool: Tool, shared: Arguments['shared']): Selection {
    const { config } = this.#registry;
    const hints = { cluster: shared.cluster, name: shared.name, vmid: shared.vmid };
    if (tool.scope === 'configuration') return { clusters: [config.defaultCluster], many: false, via: 'all' };
    if (tool.scope === 'fleet')
      return shared.cluster === undefined
        ? selectAll(config)
        : { ...select({ cluster: shared.cluster }, config), many: true };
    if (tool.effect === 'read') return select(hints, config);
    const { cluster, ...how } = route(hints, config);
    return { clusters: [cluster], many: false, ...how };
  }

  async #entry(cluster: string, execution: Execution): Promise<Entry> {
    try {
      return { cluster, body: await this.#run(cluster, execution) };
    } catch (error) {
      execution.options.signal?.throwIfAborted();
      if (error instanceof InvalidInput) throw error;
      return { cluster, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async #run(cluster: string, execution: Execution): Promise<ListBody | ResultBody> {
    try {
      return await this.#runOn(this.#registry.getClient(cluster), execution);
    } catch (error) {
      if (error instanceof ConnectionError) throw new ClusterConnectionError(error);
      throw error;
    }
  }

  async #runOn(client: ProxmoxClient, execution: Execution): Promise<ListBody | ResultBody> {
    const { tool, page, options } = execution;
    const context = await this.#context(client, execution);
    if (tool.kind === 'result') return { kind: 'result', result: tool.output.parse(await tool.run(context)) };
    const { rows, total: counted, notes = [] } = await tool.run(context);
    const total = counted ?? rows.length;
    const cut = counted === undefined ? rows.slice(page.offset, page.offset + page.limit) : rows;
    const fields = execution.arguments.shared.fields;
    const parsed = z
      .array(tool.output)
      .parse(cut)
      .map((row) => pick(row, fields));
    // Where a guest or a task is named, the privilege was checked on it, and what came back is all there is.
    const filtered = total === 0 && listingScopes.has(tool.scope);
    const missing = filtered ? await emptyListNotes(client, tool.privileges, options.signal) : [];
    return { kind: 'list', rows: parsed, offset: page.offset, total, notes: [...notes, ...missing] };
  }

  async #context(client: ProxmoxClient, execution: Execution): Promise<Context<Scope, z.ZodRawShape, Calls>> {
    const { tool, options, page } = execution;
    const { signal } = options;
    const target = await this.#target(client, execution);
    let told = 0;
    // `progress` must rise with every notification.
    const tell = async (progress: number, total: number | undefined, message: string) => {
      told = Math.max(progress, told + 0.01);
      await options.onProgress?.({ progress: told, message, ...(total === undefined ? {} : { total }) });
    };
    return {
      target,
      input: execution.arguments.own,
      page,
      call: bindCalls(client, tool.calls, signal),
      now: this.#clock.now(),
      progress: (done, total, message) => tell(done, total, message),
      wait: (task, waiting) =>
        waitForTask(task, bindCalls(client, { status: taskStatus, log: taskLog }, signal), this.#clock, {
          ...waiting,
          ...(signal === undefined ? {} : { signal }),
          onProgress: ({ percent, message }) =>
            tell(percent ?? told + 0.1, percent === undefined ? undefined : 100, message),
        }),
    };
  }

  async #target(client: ProxmoxClient, { tool, arguments: { shared }, options: { signal }, via }: Execution) {
    const cluster = client.config.name;
    const registry = this.#registry;
    const guest = { vmid: shared.vmid, name: shared.name };
    try {
      const target = await resolveTarget(tool.scope, { tool: tool.name, registry, cluster, shared, signal });
      if (tool.effect === 'destroy' && via === 'default') await guardDestruction(registry, cluster, target, signal);
      return target;
    } catch (error) {
      const chosenForIt = via === 'pattern' || via === 'vmid' || via === 'default';
      if (!(error instanceof GuestNotFoundError) || !chosenForIt) throw error;
      const elsewhere = await lookElsewhere(registry, cluster, guest, signal);
      const found = [...error.found, ...elsewhere.found];
      throw new GuestNotFoundError(cluster, guest, error.kind, found, elsewhere.unasked);
    }
  }
}

function pick(row: Record<string, unknown>, fields: readonly string[] | undefined): Record<string, unknown> {
  return fields === undefined
    ? row
    : Object.fromEntries(fields.filter((field) => field in row).map((field) => [field, row[field]]));
}
