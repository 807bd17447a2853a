import { createRedactor } from '../client/redact/redact.js';
import { StartedTasks } from '../client/started-tasks.js';
import { Turns } from '../client/turns.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import { rulesNamed } from '../config/cluster-rules.js';
import { systemClock } from '../pve/clock.js';
import { instructions } from '../server/instructions.js';
import type { Service } from '../server/mcp-server.js';
import type { Reload } from '../server/reload-answer.js';
import type { Agree } from '../server/reload-consent.js';
import type { Runtime } from '../server/runtime.js';
import { chooseTools, whyUnknown } from '../server/tool-choice.js';
import type { Unusable } from '../server/usable-tools.js';
import { changesBetween, defaultChange } from './configuration-changes.js';
import { DeferredLog } from './deferred-log.js';
import type { Environment } from './environment.js';
import { allOffers, isTool, type OfferedTools, offeredTools } from './offers.js';
import { currentSecrets, secretsOf } from './secrets.js';

/** Milliseconds after `initialized` before the log is opened and all clusters are checked: a client asks for its first list at once. */
const checkAfter = 1500;
/** Milliseconds that the first list waits for what the tokens may do. */
const matchWithin = 5000;
const simulatedNotice = 'These clusters are simulated (--demo): nothing here is real.\n';
const reloadTool = 'proxmox-reload-configuration';
const whileUnconfigured = { toolsets: ['default'], tools: [reloadTool] };

/** One configuration, and what was made from it. */
interface Served {
  readonly environment: Environment;
  tools?: OfferedTools;
  runtime?: Promise<Runtime>;
  /** Under way or done: finding the tools that no token can use. */
  matched?: Promise<void>;
  unusable?: Unusable;
}

const configOf = ({ parsed }: Environment) => (parsed.ok ? parsed.config : undefined);
const unusableOf = ({ unusable }: Served) => (unusable === undefined ? {} : { unusable });

/** What one run of the server holds; the heavy part is loaded after `initialize` was answered. */
export class Session {
  readonly log = new DeferredLog(systemClock);
  readonly service: Service;
  /** Set once there is a client that can be told. */
  toolsChanged: () => Promise<void> = async () => {};
  readonly #read: () => Promise<Environment>;
  /** Of all configurations: what must not be done twice at once is done by two of them in turn. */
  readonly #kept = {
    turns: new Turns(),
    started: new StartedTasks(),
    underWay: new Map(),
    lanes: new Map(),
  };
  #served: Served;
  #isReady = false;
  /** Of every configuration that was read: a call of an earlier one may be under way. */
  readonly #redact = createRedactor([]);
  #logOpened: Promise<void> | undefined;
  #reloading: Promise<unknown> = Promise.resolve();
  /** Waits for the one that is under way. */
  #nextReload: Promise<Reload> | undefined;
  readonly #retiring = new Set<Promise<void>>();

  /** @param read reads the configuration anew */
  constructor(environment: Environment, read: () => Promise<Environment>) {
    this.#read = read;
    this.#served = { environment };
    this.#keepSecrets(environment);
    const { parsed, simulated } = environment;
    this.service = {
      version: PROXMOX_MCP_VERSION,
      instructions: parsed.ok
        ? `${simulated ? simulatedNotice : ''}${instructions(parsed.config)}`
        : `The configuration is not right: every call says why. When it is mended, call ${reloadTool}.`,
      tools: () => this.#offered(this.#served),
      isKnown: (tool) => this.#isKnown(tool),
      whyUnknown: (tool) => this.#whyUnknown(tool),
      call: (tool, args, options) => this.#call(tool, args, options),
      redact: this.#redact,
      initialized: () => {
        this.#isReady = true;
        this.#settle().catch((err: unknown) => this.log.error({ err }, 'the work after the start failed'));
      },
      warn: this.log.warn,
    };
  }

  /** Writes the lines that were kept, and from now on each as it comes. */
  openLog(): Promise<void> {
    this.#logOpened ??= this.#attachLog();
    return this.#logOpened;
  }

  /** When what was under way has ended and is written down, where it is to be. */
  async settled(): Promise<void> {
    const { parsed } = this.#served.environment;
    const isAudited = parsed.ok && parsed.config.audit !== undefined;
    const current = isAudited ? this.#served.runtime?.then((runtime) => runtime.settled()) : undefined;
    // Those of before may have been audited.
    await Promise.allSettled([...this.#retiring, current]);
  }

  async close(): Promise<void> {
    await (await this.#served.runtime)?.registry.close();
  }

  /**
   * Reads the configuration again. One that is not right is refused; calls that are under way end under that of before.
   * @param agree may refuse it, right before it takes effect
   */
  reload(agree?: Agree): Promise<Reload> {
    if (agree !== undefined) return this.#inTurn(() => this.#reloadNow(agree));
    // One that has not begun yet reads all that is there now.
    this.#nextReload ??= this.#inTurn(() => {
      this.#nextReload = undefined;
      return this.#reloadNow();
    });
    return this.#nextReload;
  }

  #inTurn(reload: () => Promise<Reload>): Promise<Reload> {
    const reloading = this.#reloading.then(reload);
    this.#reloading = reloading.catch(() => undefined);
    return reloading;
  }

  async #readAgain(): Promise<Environment> {
    const environment = await this.#read();
    this.#keepSecrets(environment);
    return environment;
  }

  async #reloadNow(agree?: Agree): Promise<Reload> {
    const environment = await this.#readAgain();
    const { parsed, searched, file } = environment;
    const before = this.#served;
    const had = before.environment.parsed;
    if (!parsed.ok) {
      for (const { variable, message } of parsed.faults) this.log.error({ variable }, message);
      this.log.error({ file }, `the new configuration is refused${had.ok ? '; the one before stays in force' : ''}`);
      if (!had.ok) this.#served = { environment };
      return { ok: false, faults: parsed.faults, searched, kept: had.ok };
    }
    if (had.ok) agree?.(had.config, parsed.config);
    this.#served = { environment };
    const logChanged = JSON.stringify(parsed.log) !== JSON.stringify(had.log);
    if (logChanged && this.#logOpened !== undefined) await this.#attachLog();
    await this.#match(this.#served);
    const tools_changed = this.#toolsOf(before).json !== this.#toolsOf(this.#served).json;
    const changes = changesBetween(before.environment, environment);
    this.log.info({ ...changes, tools_changed, file }, 'the configuration was read again');
    this.#replace(before).catch((err: unknown) => this.log.error({ err }, 'the work after a reload failed'));
    if (tools_changed && this.#isReady) await this.#tellClient();
    const { config, warnings } = parsed;
    const clusters = config.clusters.map(({ name }) => name);
    const beside = warnings.length > 0 ? { warnings: warnings.map(({ message }) => message) } : {};
    const moved = had.ok ? defaultChange(had.config, config) : {};
    const result = { default_cluster: config.defaultCluster, ...moved, clusters, ...changes, tools_changed, ...beside };
    return { ok: true, result: file === undefined ? result : { file, ...result } };
  }

  /** Makes what the new configuration needs, and lets go of what was made from the one before, once nothing uses it. */
  async #replace(before: Served): Promise<void> {
    const old = await before.runtime;
    const { parsed } = this.#served.environment;
    await Promise.all([old && this.#retire(old), parsed.ok ? this.#check(parsed.config) : undefined]);
  }

  async #retire(runtime: Runtime): Promise<void> {
    const retiring = runtime.retire();
    this.#retiring.add(retiring);
    await retiring.finally(() => this.#retiring.delete(retiring));
  }

  async #tellClient(): Promise<void> {
    await this.toolsChanged().catch((err: unknown) => this.log.warn({ err }, 'the client could not be told'));
  }

  #keepSecrets(environment: Environment): void {
    for (const secret of secretsOf(environment)) this.#redact.hide(secret);
  }

  async #attachLog(): Promise<void> {
    const { openLog } = await import('./open-log.js');
    this.log.attach(openLog(this.#served.environment.parsed.log, systemClock, this.service.redact));
  }

  #offered(served: Served): string | Promise<string> {
    const matched = this.#match(served);
    return matched === undefined ? this.#toolsOf(served).json : matched.then(() => this.#toolsOf(served).json);
  }

  /** Leaves out what no token can use, where that is wanted; what is known late is told to the client. */
  #match(served: Served): Promise<void> | undefined {
    const { parsed } = served.environment;
    if (!parsed.ok || !parsed.config.matchPrivileges) return undefined;
    const { config } = parsed;
    const take = (unusable: Unusable) => {
      served.unusable = unusable;
      delete served.tools;
    };
    const match = async () => {
      const { unusable, later } = await (await this.#runtimeOf(served, config)).unusable(matchWithin);
      take(unusable);
      later?.then(async (all) => {
        if (all.size === unusable.size || served !== this.#served) return;
        take(all);
        await this.#tellClient();
      });
    };
    served.matched ??= match().catch((err: unknown) => this.log.warn({ err }, 'the privileges could not be matched'));
    return served.matched;
  }

  #toolsOf(served: Served): OfferedTools {
    const { parsed } = served.environment;
    const config = parsed.ok ? parsed.config : undefined;
    const choice = parsed.ok ? parsed.config.tools : whileUnconfigured;
    served.tools ??= offeredTools(
      config,
      chooseTools(allOffers(config), choice, { ...config, ...unusableOf(served) }).offers,
    );
    return served.tools;
  }

  /** While the configuration is wrong, which tools it would offer cannot be told: each says what is wrong. */
  #isKnown(name: string): boolean {
    const { parsed } = this.#served.environment;
    const listed = this.#toolsOf(this.#served).names.has(name);
    return listed || (!parsed.ok && isTool(name));
  }

  #whyUnknown(name: string): string | undefined {
    const { parsed } = this.#served.environment;
    if (!parsed.ok) return undefined;
    return whyUnknown(name, allOffers(parsed.config), { ...parsed.config, ...unusableOf(this.#served) });
  }

  async #call(...[tool, args, options]: Parameters<Service['call']>) {
    const served = this.#served;
    if (tool === reloadTool) {
      const next = async () => configOf(await this.#readAgain());
      const call = {
        ...options,
        clock: systemClock,
        turns: this.#kept.turns,
        current: configOf(served.environment),
        next,
      };
      return (await import('../server/reload-answer.js')).reloadAnswer(args, call, (agree) => this.reload(agree));
    }
    const { parsed, searched } = served.environment;
    if (!parsed.ok) return (await import('../server/unconfigured.js')).unconfigured(parsed.faults, searched);
    return (await this.#runtimeOf(served, parsed.config)).call(tool, args, options);
  }

  #runtimeOf(served: Served, config: ClusterRegistryConfig): Promise<Runtime> {
    const { hide, hideSent } = this.#redact;
    served.runtime ??= import('../server/runtime.js').then(({ Runtime }) => {
      const current = currentSecrets(served.environment, hide, this.log);
      const kept = { ...this.#kept, hide, hideSent, redact: this.#redact, rulesNow: this.#rulesNow };
      return new Runtime(config, systemClock, this.log, kept, current);
    });
    return served.runtime;
  }

  /** They hold for a call of an earlier configuration too, from the next request on. */
  readonly #rulesNow = (cluster: string) => {
    const { parsed } = this.#served.environment;
    return parsed.ok ? rulesNamed(parsed.config, cluster) : [];
  };

  /** Checks every cluster, where that is wanted. */
  async #check(config: ClusterRegistryConfig): Promise<void> {
    if (config.validateOnStart) await (await this.#runtimeOf(this.#served, config)).checkAll();
  }

  /** What is done once the client is served: the log, the warnings, the check of every cluster. */
  async #settle(): Promise<void> {
    await systemClock.sleep(checkAfter);
    await this.openLog();
    const { parsed, file } = this.#served.environment;
    for (const { variable, message } of parsed.warnings) this.log.warn({ variable }, message);
    if (!parsed.ok) {
      for (const { variable, message } of parsed.faults) this.log.error({ variable }, message);
      return;
    }
    this.log.info({ clusters: parsed.config.clusters.map(({ name }) => name), file }, 'ready');
    await this.#check(parsed.config);
  }
}
