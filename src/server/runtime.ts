import { describeError } from '../client/describe-error.js';
import { type CallOptions, Executor } from '../client/execute.js';
import { ClusterRegistry } from '../clusters/registry.js';
import type { ClusterRegistryConfig } from '../config/cluster-config.js';
import type { Clock } from '../pve/clock.js';
import type { Log } from '../pve/log.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { errorAnswer, outcomeAnswer, type ToolAnswer } from './answer.js';

/** Everything that calls need; loaded after `initialize` has been answered, as it is the larger part. */
export class Runtime {
  readonly registry: ClusterRegistry;
  readonly #executor: Executor;
  readonly #log: Log;
  readonly #tools: ReadonlyMap<string, Tool>;

  /** @param hide is told of each secret that is made */
  constructor(config: ClusterRegistryConfig, clock: Clock, log: Log, hide: (secret: string) => void) {
    this.registry = new ClusterRegistry(config, { clock, log });
    this.#executor = new Executor(this.registry, clock, log, hide);
    this.#log = log;
    const all: readonly Tool[] = catalogue;
    this.#tools = new Map(all.map((tool) => [tool.name, tool]));
  }

  /** Runs a tool; what goes wrong becomes an answer. */
  async call(name: string, args: unknown, options: CallOptions): Promise<ToolAnswer> {
    const tool = this.#tools.get(name);
    if (tool === undefined) return errorAnswer(new Error('unknown tool'));
    try {
      const outcome = await this.#executor.execute(tool, args, options);
      for (const entry of outcome.entries) if ('error' in entry) this.#note(name, entry.cluster, entry.error);
      return outcomeAnswer(outcome, this.#tokenIdOf);
    } catch (error) {
      const told = options.signal?.aborted ? new DOMException('the call was cancelled', 'AbortError') : error;
      this.#note(name, undefined, told);
      return errorAnswer(told, this.#tokenIdOf);
    }
  }

  #note(tool: string, cluster: string | undefined, error: unknown): void {
    const { code } = describeError(error);
    if (code === 'INTERNAL_ERROR') this.#log.error({ tool, cluster, err: error }, 'a call failed unforeseen');
    else this.#log.info({ tool, cluster, code }, 'a call was not done');
  }

  readonly #tokenIdOf = (cluster: string) => this.registry.getClusterConfig(cluster).tokenId;
}
