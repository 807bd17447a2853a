import { setMaxListeners } from 'node:events';
import { describeError } from '../client/describe-error.js';
import { Executor, type Kept } from '../client/execute.js';
import type { CallOptions } from '../client/execution.js';
import { ClusterRegistry, type RegistryDependencies } from '../clusters/registry.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { errorAnswer, outcomeAnswer, type ToolAnswer } from './answer.js';
import { matchPrivileges, type PrivilegeMatch } from './usable-tools.js';

/** Any answer may hold the words of clusters and their guests. */
const marked = (answer: ToolAnswer): ToolAnswer => ({ ...answer, untrusted: 'Proxmox VE' });

/** Everything that calls need; loaded after `initialize` has been answered, as it is the larger part. */
export class Runtime {
  readonly registry: ClusterRegistry;
  readonly #executor: Executor;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #underWay = new Set<Promise<unknown>>();

  /** @param kept shared with the one that it takes the place of */
  constructor(
    config: ClusterRegistryConfig,
    clock: Clock,
    log: Log,
    { lanes, rulesNow, ...kept }: Kept & Pick<RegistryDependencies, 'lanes' | 'rulesNow'> = {},
    currentSecret?: RegistryDependencies['currentSecret'],
  ) {
    this.registry = new ClusterRegistry(config, {
      clock,
      log,
      ...(currentSecret === undefined ? {} : { currentSecret }),
      ...(lanes === undefined ? {} : { lanes }),
      ...(rulesNow === undefined ? {} : { rulesNow }),
    });
    this.#executor = new Executor(this.registry, clock, log, kept);
    this.#clock = clock;
    this.#log = log;
    const all: readonly Tool[] = catalogue;
    this.#tools = new Map(all.map((tool) => [tool.name, tool]));
  }

  /** Runs a tool; what goes wrong becomes an answer. */
  call(name: string, args: unknown, options: CallOptions): Promise<ToolAnswer> {
    return this.#watched(this.#call(name, args, options));
  }

  /** Checks every cluster. */
  async checkAll(): Promise<void> {
    await this.#watched(this.registry.validateAllClusters());
  }

  /** Finds the tools that no cluster's token can use, within so many milliseconds. */
  unusable(patience: number): Promise<PrivilegeMatch> {
    return this.#watched(matchPrivileges(this.registry, this.#clock, patience));
  }

  /** Lets what is under way end, and then closes every connection. Nothing new may be asked of it. */
  async retire(): Promise<void> {
    await this.settled();
    await this.registry.close();
  }

  /** When nothing is under way, and all that was is written down. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    await this.#executor.close();
  }

  #watched<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    const forget = () => this.#underWay.delete(work);
    work.then(forget, forget);
    return work;
  }

  async #call(name: string, args: unknown, options: CallOptions): Promise<ToolAnswer> {
    // As many requests as a call has under way listen to its one signal; Node takes more than ten for a leak, and says so.
    if (options.signal !== undefined) setMaxListeners(0, options.signal);
    const tool = this.#tools.get(name);
    if (tool === undefined) return errorAnswer(new Error('unknown tool'));
    try {
      const outcome = await this.#executor.execute(tool, args, options);
      for (const entry of outcome.entries) if ('error' in entry) this.#note(name, entry.cluster, entry.error);
      return marked(outcomeAnswer(outcome, this.#tokenIdOf));
    } catch (error) {
      const told = options.signal?.aborted ? new DOMException('the call was cancelled', 'AbortError') : error;
      this.#note(name, undefined, told);
      return marked(errorAnswer(told, this.#tokenIdOf));
    }
  }

  #note(tool: string, cluster: string | undefined, error: unknown): void {
    const { code } = describeError(error);
    if (code === 'INTERNAL_ERROR') this.#log.error({ tool, cluster, err: error }, 'a call failed unforeseen');
    // A flood of calls is to be no flood of lines.
    else if (code === 'BUSY') this.#log.debug({ tool, cluster, code }, 'a call was not done');
    else this.#log.info({ tool, cluster, code }, 'a call was not done');
  }

  readonly #tokenIdOf = (cluster: string) => this.registry.getClusterConfig(cluster).tokenId;
}
