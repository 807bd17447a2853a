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

  constructor(config: ClusterRegistryConfig, clock: Clock, log: Log) {
    this.registry = new ClusterRegistry(config, { clock, log });
    this.#executor = new Executor(this.registry, clock, log);
    this.#log = log;
    const all: readonly Tool[] = catalogue;
    this.#tools = new Map(all.map((tool) => [tool.name, tool]));
  }

  /** Runs a tool; what goes wrong becomes an answer, except that a cancelled call rejects. */
  async call(name: string, args: unknown, options: CallOptions): Promise<ToolAnswer> {
    const tool = this.#tools.get(name);
    if (tool === undefined) return errorAnswer(new Error('unknown tool'));
    try {
      return outcomeAnswer(await this.#executor.execute(tool, args, options), this.#tokenIdOf);
    } catch (error) {
      const answer = errorAnswer(error, this.#tokenIdOf);
      const { code } = describeError(error);
      if (code === 'INTERNAL_ERROR') this.#log.error({ tool: name, err: error }, 'a call failed unforeseen');
      else this.#log.info({ tool: name, code }, 'a call was not done');
      return answer;
    }
  }

  readonly #tokenIdOf = (cluster: string) => this.registry.getClusterConfig(cluster).tokenId;
}
