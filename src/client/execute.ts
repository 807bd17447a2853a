import { GuestNotFoundError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import type { Selection } from '../clusters/route.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';
import type { Tool } from '../tools/define.js';
import { asCalled } from '../tools/destroys.js';
import { InvalidInput } from '../tools/invalid-input.js';
import type { Scope } from '../tools/scope.js';
import { boundFaults } from './argument-bounds.js';
import { asksPerson } from './asks-person.js';
import { Audit } from './audit/audit.js';
import { callContext, type Surroundings } from './call-context.js';
import { asksForPlace, chooseClusters, chosenForIt, guestHints } from './choose.js';
import { newRemarks } from './context.js';
import { emptyListNotes } from './empty-list.js';
import type { CallOptions, Execution, RecordedOptions } from './execution.js';
import { failureOn } from './failure-on.js';
import { answerOf, mayFallBack } from './fallback.js';
import { guardDefault, isGuarded, sameElsewhere } from './guard.js';
import { type Arguments, parseArguments } from './input.js';
import { lookElsewhere, namesakeNotes } from './inventory.js';
import { onceEach } from './namesakes.js';
import { type Body, type Entry, type Outcome, withNotes } from './outcome.js';
import { callMark, readCursor, startsOf } from './page.js';
import { placeGuest } from './place.js';
import { Places, type UnderWay } from './places.js';
import { ProgressReport } from './progress.js';
import { createRedactor } from './redact/redact.js';
import { describeTarget } from './run-write.js';
import { hideSecretArguments } from './secret-arguments.js';
import { StartedTasks } from './started-tasks.js';
import { resolveTarget } from './target.js';
import { type Chosen, holdToRules, toolRefusal } from './tool-policy.js';
import { Turns } from './turns.js';
import { runWrite } from './write.js';

/** What outlasts one configuration. */
export interface Kept {
  /** What must not be done twice at once. */
  readonly turns?: Turns;
  /** Whose task is not another's. */
  readonly started?: StartedTasks;
  /** Calls, which are limited then. */
  readonly underWay?: UnderWay;
  /** Is told of each new secret, to have it cut out of whatever leaves. */
  readonly hide?: (secret: string) => void;
  /** Cuts secrets out of what is written down. */
  readonly redact?: (text: string) => string;
  /** The same for those that calls are given. */
  readonly hideSent?: (secret: string) => void;
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
  readonly #surroundings: Surroundings;
  readonly #audit: Audit | undefined;
  readonly #places: Places;

  constructor(registry: ClusterRegistry, clock: Clock, log: Log, kept: Kept = {}) {
    const { turns = new Turns(), started = new StartedTasks(), hide = () => {}, hideSent = hide } = kept;
    this.#places = new Places(kept.underWay);
    this.#registry = registry;
    this.#clock = clock;
    this.#log = log;
    this.#surroundings = { registry, clock, turns, started, hide, hideSent };
    const { audit } = registry.config;
    const redact = kept.redact ?? createRedactor(registry.config.clusters.map(({ tokenSecret }) => tokenSecret));
    this.#audit = audit === undefined ? undefined : new Audit(audit, clock, log, redact);
  }

  /**
   * Runs a tool. What goes wrong on a cluster stands in that cluster's entry, also where there is but one.
   * @param asMany an entry a cluster even where one was chosen
   * @throws {InvalidArgumentsError} {@link ClusterNotFoundError} {@link AmbiguousClusterSelectionError}
   * {@link ToolPolicyError} {@link BusyError} before anything is sent
   */
  execute(tool: Tool, given: unknown, options: CallOptions = {}, asMany = false): Promise<Outcome> {
    // What is refused for its size is repeated nowhere.
    if (boundFaults(given).length === 0) hideSecretArguments(given, this.#surroundings.hideSent);
    const run = (recorded: RecordedOptions) => this.#execute(tool, given, recorded, asMany);
    return this.#places.inAll(tool, () => {
      if (this.#audit === undefined) return run(options);
      return this.#audit.recorded({ tool, given, options }, (record) => run({ ...options, record }));
    });
  }

  /** When all that was to be written down is on the disk. */
  async close(): Promise<void> {
    await this.#audit?.close();
  }

  async #execute(tool: Tool, given: unknown, options: RecordedOptions, asMany: boolean): Promise<Outcome> {
    const checked = parseArguments(tool, given);
    const { confirm, dry_run } = checked.shared;
    const called = asCalled(tool, checked.own);
    const isAsked = asksPerson(called, this.#registry.config);
    if (tool.effect !== 'read' && confirm && !dry_run && !isAsked) options.record?.confirmed('argument');
    const { parsed, selection } = await this.#place(tool, checked, options.signal);
    const many = selection.many || asMany;
    const named = this.#registry.config.multiCluster ? parsed.shared.cluster : undefined;
    const { via } = selection;
    options.record?.placed({ clusters: selection.clusters, via, effect: called.effect });
    const head = headOf(tool, { ...selection, many }, named, parsed.shared.target_cluster);
    holdToRules(this.#registry, tool, selection.clusters, head);
    const { clusters, notes } = await onceEach(tool, selection.clusters, this.#registry);
    options.record?.placed({ clusters, via, effect: called.effect });
    const { limit, cursor } = parsed.shared;
    const mark = callMark(tool.name, parsed);
    const runs = tool.scope === 'across' ? [named ?? 'all'] : clusters;
    const canFallBack = mayFallBack(tool, parsed);
    const fallbackOf = (name: string) => (canFallBack ? this.#registry.getClusterConfig(name).fallback : undefined);
    const position = readCursor(tool.name, mark, cursor, runs, fallbackOf);
    const report = new ProgressReport(options.onProgress);
    const now = this.#clock.now();
    const call = { tool: called, arguments: parsed, options, via, clusters, notes, now };
    const asked = new Set(clusters);
    const entries = await Promise.all(
      startsOf(runs, position).map((start) => {
        const page = { offset: start.offset, limit };
        const ask = (name: string) => this.#entry(name, { ...call, page, tell: report.of(name) });
        return answerOf(start, { fallback: fallbackOf(start.cluster), asked, ask });
      }),
    );
    for (const { cluster, answeredBy } of entries)
      if (answeredBy !== undefined)
        this.#log.warn({ tool: tool.name, cluster, answeredBy }, 'answered by the fallback');
    // A client drops notifications that come in one chunk with the answer.
    if (report.begun) await this.#clock.sleep(letNotificationsGo);
    return { ...head, many, entries, limit, mark, continued: position !== undefined };
  }

  /** The call with its clusters, and with the node and the storage too where all that was left to us. */
  async #place(tool: Tool, parsed: Arguments, signal: AbortSignal | undefined) {
    if (!tool.placed || !asksForPlace(parsed.shared, this.#registry.config))
      return { parsed, selection: this.#select(tool, parsed.shared) };
    const placed = await placeGuest({ tool, registry: this.#registry, clock: this.#clock, signal }, parsed);
    const { clusters, via, by } = placed.selection;
    this.#log.debug({ tool: tool.name, clusters, via, by }, 'cluster selected');
    return placed;
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

  async #entry(name: string, execution: Execution): Promise<Entry> {
    const { tool, clusters, options, page } = execution;
    // Of a run over several clusters, one of them stands for all until the tool says which it means.
    const cluster = tool.scope === 'across' ? (clusters[0] ?? name) : name;
    const isOne = tool.scope !== 'across' && tool.scope !== 'configuration';
    try {
      const refusal = isOne ? toolRefusal(this.#registry, tool, cluster) : undefined;
      if (refusal !== undefined) throw refusal;
      const body = await this.#places.on(name, tool, () => this.#runOn(cluster, execution));
      return { cluster: name, body: withNotes(body, execution.notes) };
    } catch (thrown) {
      options.signal?.throwIfAborted();
      if (thrown instanceof InvalidInput) throw thrown;
      const error = failureOn(cluster, execution, thrown);
      return { cluster: name, error: error instanceof Error ? error : new Error(String(error)), offset: page.offset };
    }
  }

  async #runOn(cluster: string, execution: Execution): Promise<Body> {
    const { tool, page, options } = execution;
    const target = await this.#target(cluster, execution);
    if (execution.clusters.length === 1 || tool.effect !== 'read') options.record?.aimed(describeTarget(target));
    if (tool.kind === 'result' && tool.effect !== 'read') {
      const same = await namesakeNotes(
        () => this.#registry.getClient(cluster),
        tool,
        execution.arguments.shared,
        options.signal,
      );
      // Asked while the write is under way, which is not held up by it.
      const beside = this.#alsoElsewhere(cluster, target, execution).then((elsewhere) => [...same, ...elsewhere]);
      const body = await runWrite(this.#surroundings, tool, { cluster, target, beside }, execution);
      return withNotes(body, await beside);
    }
    const remarks = newRemarks();
    const context = callContext(this.#surroundings, execution, { cluster, target, remarks });
    if (tool.kind === 'result')
      return { kind: 'result', result: tool.output.parse(await tool.run(context)), notes: remarks.notes };
    const { rows, total: counted, notes = [] } = await tool.run(context);
    const total = counted ?? rows.length;
    const cut = counted === undefined ? rows.slice(page.offset, page.offset + page.limit) : rows;
    const fields = execution.arguments.shared.fields;
    const parsed = cut.map((row) => pick(tool.output.parse(row), fields));
    // Where a guest or a task is named, the privilege was checked on it, and what came back is all there is.
    const missing = total === 0 ? await this.#missing(cluster, execution) : [];
    const elsewhere = total === 0 ? await this.#elsewhereNotes(cluster, execution) : [];
    return { kind: 'list', rows: parsed, offset: page.offset, total, notes: [...notes, ...missing, ...elsewhere] };
  }

  /** Of a change that is not stopped by the guard: that another cluster has such a guest too. */
  async #alsoElsewhere(cluster: string, target: object, { tool, via, options }: Execution): Promise<string[]> {
    if (via !== 'default' || isGuarded(tool)) return [];
    return sameElsewhere(this.#registry, this.#clock, cluster, target, options.signal);
  }

  /** What a list may be empty for want of; over several clusters, each with its name. */
  async #missing(cluster: string, { tool, clusters, options }: Execution): Promise<string[]> {
    const ask = (name: string) => emptyListNotes(() => this.#registry.getClient(name), tool.privileges, options.signal);
    if (listingScopes.has(tool.scope)) return ask(cluster);
    if (tool.scope !== 'across') return [];
    const notes = await Promise.all(clusters.map(async (name) => (await ask(name)).map((note) => `${name}: ${note}`)));
    return notes.flat();
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

  async #target(cluster: string, execution: Execution) {
    const { tool, via, clusters } = execution;
    const { shared } = execution.arguments;
    const { signal } = execution.options;
    const registry = this.#registry;
    const guest = guestHints(tool, shared);
    try {
      const changes = tool.effect !== 'read';
      const place = { tool: tool.name, registry, cluster, clusters, shared, changes, signal };
      const target = await resolveTarget(tool.scope, place);
      // Of what makes or replaces a guest, or works on a whole cluster, the target is not the guest that it is told of.
      const meant = shared.vmid === undefined ? target : { vmid: shared.vmid, ...target };
      if (via === 'default' && isGuarded(tool)) await guardDefault(tool, registry, this.#clock, cluster, meant, signal);
      return target;
    } catch (error) {
      // Of several clusters that were asked, the answer has an entry each.
      if (!(error instanceof GuestNotFoundError) || clusters.length > 1) throw error;
      // Of the cluster that was named, what it has itself says enough.
      if (!chosenForIt(via) && error.found.length > 0) throw error;
      const elsewhere = await lookElsewhere(registry, this.#clock, cluster, guest, signal);
      const found = [...error.found, ...elsewhere.found];
      throw new GuestNotFoundError(cluster, guest, error.kind, found, elsewhere.unasked);
    }
  }
}

/** Where a call goes, and why there. */
function headOf(
  tool: Tool,
  { clusters, many, via, by }: Selection,
  named: string | undefined,
  target?: string,
): Chosen {
  const whole = many || tool.scope === 'configuration' || tool.scope === 'across';
  const cluster = whole ? (named ?? 'all') : (clusters[0] ?? '');
  return { cluster, via, ...(by === undefined ? {} : { by }), ...(target === undefined ? {} : { target }) };
}

function pick(row: Record<string, unknown>, fields: readonly string[] | undefined): Record<string, unknown> {
  return fields === undefined
    ? row
    : Object.fromEntries(fields.filter((field) => field in row).map((field) => [field, row[field]]));
}
