import { z } from 'zod';
import { ClusterConnectionError, GuestNotFoundError, TaskNotFoundError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Selection } from '../clusters/route.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { ApiError, ConnectionError } from '../pve/errors.js';
import type { Log } from '../pve/log.js';
import type { Calls, Context, Page, ResultTool, Tool } from '../tools/define.js';
import { InvalidInput } from '../tools/invalid-input.js';
import { Refused } from '../tools/refused.js';
import { needsTwoClusters, type Scope, type Targets } from '../tools/scope.js';
import { bindCalls, type WriteGate } from './calls.js';
import { chooseClusters, guestHints } from './choose.js';
import { makeContext, makeSide, newRemarks, plannedContext, type Remarks } from './context.js';
import { emptyListNotes } from './empty-list.js';
import { toldOf } from './file-progress.js';
import { guardDestruction } from './guard.js';
import { type Arguments, parseArguments } from './input.js';
import { lookElsewhere } from './inventory.js';
import type { Body, Entry, Outcome } from './outcome.js';
import { callMark, readCursor } from './page.js';
import { planOf } from './plan.js';
import { type Progress, ProgressReport, type Tell } from './progress.js';
import { describeTarget, lastLook, withTask } from './run-write.js';
import { resolveTarget } from './target.js';
import { Turns } from './turns.js';
import { PartialWriteError, recordingGate, sendingGate, type Write } from './write-gate.js';

/** What a caller brings along. */
export interface CallOptions {
  /** Aborting it stops the requests and the waiting; what Proxmox has begun goes on. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => Promise<void>;
}

interface Execution {
  readonly tool: Tool;
  /** Of a tool that works on several in one run, all of them; else the one. */
  readonly clusters: readonly string[];
  readonly arguments: Arguments;
  readonly options: CallOptions;
  readonly via: Selection['via'];
  readonly page: Page;
  readonly tell: Tell;
}

/** Milliseconds. */
const letNotificationsGo = 10;

/** Where Proxmox leaves out the rows that a token may not see. */
const listingScopes: ReadonlySet<Scope> = new Set(['fleet', 'cluster', 'node', 'storage']);

/** Runs tools: arguments checked, clusters chosen, targets found, answers checked. It keeps nothing between calls. */
export class Executor {
  readonly #registry: ClusterRegistry;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #turns = new Turns();
  readonly #hide: (secret: string) => void;

  /** @param hide is told of each new secret, to have it cut out of whatever leaves */
  constructor(registry: ClusterRegistry, clock: Clock, log: Log, hide: (secret: string) => void = () => {}) {
    this.#hide = hide;
    this.#registry = registry;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Runs a tool. What goes wrong on a cluster stands in that cluster's entry, also where there is but one.
   * @param asMany an entry a cluster even where one was chosen
   * @throws {InvalidArgumentsError} {@link ClusterNotFoundError} {@link AmbiguousClusterSelectionError} before
   * anything is sent
   */
  async execute(tool: Tool, given: unknown, options: CallOptions = {}, asMany = false): Promise<Outcome> {
    if (tool.effect !== 'read' && this.#registry.config.readOnly)
      throw new Refused('PROXMOX_READ_ONLY allows no change', 'Tell the user; only he can lift it.');
    const parsed = parseArguments(tool, given);
    const selection = this.#select(tool, parsed.shared);
    const { clusters, via, by } = selection;
    const many = selection.many || asMany;
    const { limit, cursor } = parsed.shared;
    const mark = callMark(tool.name, parsed);
    const named = this.#registry.config.multiCluster ? parsed.shared.cluster : undefined;
    const runs =
      tool.scope === 'across'
        ? [{ cluster: named ?? 'all', clusters }]
        : clusters.map((one) => ({ cluster: one, clusters: [one] }));
    const position = readCursor(
      tool.name,
      mark,
      cursor,
      runs.map((run) => run.cluster),
    );
    const remaining = position === undefined ? runs : runs.filter((run) => position.has(run.cluster));
    const report = new ProgressReport(options.onProgress);
    const entries = await Promise.all(
      remaining.map((run) => {
        const page = { offset: position?.get(run.cluster) ?? 0, limit };
        const tell = report.of(run.cluster);
        return this.#entry(run.cluster, { tool, clusters: run.clusters, arguments: parsed, options, via, page, tell });
      }),
    );
    // A client drops notifications that come in one chunk with the answer.
    if (report.begun) await this.#clock.sleep(letNotificationsGo);
    const whole = many || tool.scope === 'configuration' || tool.scope === 'across';
    const cluster = whole ? (named ?? 'all') : (clusters[0] ?? '');
    const continued = position !== undefined;
    return { cluster, via, many, entries, limit, mark, continued, ...(by === undefined ? {} : { by }) };
  }

  #select(tool: Tool, shared: Arguments['shared']): Selection {
    try {
      const selection = chooseClusters(tool, shared, this.#registry.config);
      const { clusters, via, by } = selection;
      this.#log.debug({ tool: tool.name, clusters, via, by }, 'cluster selected');
      return selection;
    } catch (error) {
      const refused = error instanceof Error ? error.name : 'Error';
      this.#log.debug({ tool: tool.name, asked: shared.cluster, refused }, 'no cluster selected');
      throw error;
    }
  }

  async #entry(cluster: string, execution: Execution): Promise<Entry> {
    try {
      return { cluster, body: await this.#run(execution) };
    } catch (error) {
      execution.options.signal?.throwIfAborted();
      if (error instanceof InvalidInput) throw error;
      const { offset } = execution.page;
      return { cluster, error: error instanceof Error ? error : new Error(String(error)), offset };
    }
  }

  async #run(execution: Execution): Promise<Body> {
    const [cluster = ''] = execution.clusters;
    try {
      return await this.#runOn(this.#registry.getClient(cluster), execution);
    } catch (error) {
      if (error instanceof ConnectionError) throw new ClusterConnectionError(error);
      const elsewhere = execution.tool.scope === 'task' && execution.via === 'default' && error instanceof ApiError;
      throw elsewhere ? new TaskNotFoundError(cluster, error) : error;
    }
  }

  async #runOn(client: ProxmoxClient, execution: Execution): Promise<Body> {
    const { tool, page, options } = execution;
    const target = await this.#target(client, execution);
    if (tool.kind === 'result' && tool.effect !== 'read') return this.#write(client, tool, target, execution);
    const remarks = newRemarks();
    const context = this.#context(client, target, execution, remarks, undefined);
    if (tool.kind === 'result')
      return { kind: 'result', result: tool.output.parse(await tool.run(context)), notes: remarks.notes };
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
    const elsewhere = total === 0 ? await this.#elsewhereNotes(client.config.name, execution) : [];
    return { kind: 'list', rows: parsed, offset: page.offset, total, notes: [...notes, ...missing, ...elsewhere] };
  }

  /** Shows what would be sent, or sends it and reads the outcome. */
  async #write(client: ProxmoxClient, tool: ResultTool, target: Targets[Scope], execution: Execution): Promise<Body> {
    const { shared } = execution.arguments;
    const { signal } = execution.options;
    if (shared.dry_run || (tool.effect === 'destroy' && !shared.confirm)) {
      const writes: Write[] = [];
      const remarks = newRemarks();
      const record = (name: string) => recordingGate(writes, labelOf(execution, name));
      const run = tool.run(plannedContext(this.#context(client, target, execution, remarks, record)));
      return { kind: 'plan', plan: await planOf(tool, describeTarget(target), { writes, remarks, run }) };
    }
    const done: Write[] = [];
    const before = tool.effect === 'destroy' ? lastLook(client, target, signal) : async () => {};
    const remarks = newRemarks();
    const watched = toldOf(this.#clock, execution.tell, 'sent');
    const send = (name: string) =>
      sendingGate(this.#registry.getClient(name), signal, done, before, watched, labelOf(execution, name));
    const context = this.#context(client, target, execution, remarks, send);
    try {
      const result = tool.output.parse(await tool.run(context));
      const body = await withTask(tool, result, shared, context.wait);
      return { ...body, notes: [...remarks.notes, ...(body.notes ?? [])] };
    } catch (error) {
      if (done.length === 0) throw error;
      throw new PartialWriteError(error, done, remarks);
    }
  }

  #context(
    client: ProxmoxClient,
    target: Targets[Scope],
    execution: Execution,
    remarks: Remarks,
    gateOf: ((cluster: string) => WriteGate) | undefined,
  ): Context<Scope, z.ZodRawShape, Calls> {
    const { tool, options, page, tell } = execution;
    const { own, shared } = execution.arguments;
    const { secretDir, vmidMap } = this.#registry.config;
    const ofCall = {
      clock: this.#clock,
      turns: this.#turns,
      signal: options.signal,
      tell,
      remarks,
      hide: this.#hide,
      secretDir,
      vmidMap,
    };
    const end = this.#clock.now() + (shared.wait ? shared.timeout : 0) * 1000;
    const bound = (name: string) => {
      const current = () => this.#registry.getClient(name);
      return { ...ofCall, client: current(), current, timeout: shared.timeout, end };
    };
    const side = (name: string) => ({
      ...makeSide(bound(name)),
      call: bindCalls(() => this.#registry.getClient(name), tool.calls, options.signal, gateOf?.(name)),
    });
    return {
      ...makeContext(bound(client.config.name)),
      ...side(client.config.name),
      at: ({ info }) => side(info.name),
      target,
      input: own,
      page,
    };
  }

  /** An empty list about a VMID, of a cluster that nobody named: the guest may be on another. */
  async #elsewhereNotes(cluster: string, { arguments: { shared }, options, via }: Execution): Promise<string[]> {
    const { vmid } = shared;
    if (vmid === undefined || !chosenForIt(via)) return [];
    const { found, unasked } = await lookElsewhere(this.#registry, this.#clock, cluster, { vmid }, options.signal);
    const others = found.map((location) => location.cluster);
    return [
      ...(others.length > 0 ? [`VMID ${vmid} is on ${others.join(', ')}: name the cluster if that one is meant.`] : []),
      ...(unasked.length > 0 ? [`Whether VMID ${vmid} is on ${unasked.join(', ')} could not be asked.`] : []),
    ];
  }

  async #target(client: ProxmoxClient, { tool, clusters, arguments: { shared }, options: { signal }, via }: Execution) {
    const cluster = client.config.name;
    const registry = this.#registry;
    const guest = guestHints(tool, shared);
    try {
      const changes = tool.effect !== 'read';
      const place = { tool: tool.name, registry, cluster, clusters, shared, changes, signal };
      const target = await resolveTarget(tool.scope, place);
      // Of what makes or replaces a guest, or works on a whole cluster, the target is not the guest that it is told of.
      const meant = shared.vmid === undefined ? target : { vmid: shared.vmid, ...target };
      if (tool.effect === 'destroy' && via === 'default')
        await guardDestruction(registry, this.#clock, cluster, meant, signal);
      return target;
    } catch (error) {
      if (!(error instanceof GuestNotFoundError) || !chosenForIt(via)) throw error;
      const elsewhere = await lookElsewhere(registry, this.#clock, cluster, guest, signal);
      const found = [...error.found, ...elsewhere.found];
      throw new GuestNotFoundError(cluster, guest, error.kind, found, elsewhere.unasked);
    }
  }
}

/** Where a call works on several clusters, each request names its own. */
const labelOf = ({ tool }: Execution, cluster: string) =>
  tool.scope === 'across' || needsTwoClusters(tool.scope) ? cluster : undefined;

const chosenForIt = (via: Selection['via']) => via === 'pattern' || via === 'vmid' || via === 'default';

function pick(row: Record<string, unknown>, fields: readonly string[] | undefined): Record<string, unknown> {
  return fields === undefined
    ? row
    : Object.fromEntries(fields.filter((field) => field in row).map((field) => [field, row[field]]));
}
