import { AmbiguousClusterSelectionError } from '../clusters/errors.js';
import type { ClusterRegistry } from '../clusters/registry.js';
import { type Clock, systemClock } from '../pve/clock.js';
import { type Log, silentLog } from '../pve/log.js';
import { catalogue } from '../tools/catalogue.js';
import type { Tool } from '../tools/define.js';
import { Executor } from './execute.js';
import type { CallOptions } from './execution.js';
import { type FleetOperations, methodName, type Operations } from './operations.js';
import { toAnswer } from './outcome.js';
import { createRedactor } from './redact/redact.js';

type Run = (tool: Tool, args: object | undefined, options: CallOptions | undefined) => Promise<unknown>;
type Method = (args?: object, options?: CallOptions) => Promise<unknown>;

function methods(run: Run): Record<string, Method> {
  const all: readonly Tool[] = catalogue;
  return Object.fromEntries(all.map((tool) => [methodName(tool.name), (args, options) => run(tool, args, options)]));
}

function operationsBase(): new (run: Run) => Operations;
function operationsBase(): new (run: Run) => object {
  return class {
    constructor(run: Run) {
      Object.assign(this, methods(run));
    }
  };
}

function fleetOperations(run: Run): FleetOperations;
function fleetOperations(run: Run): object {
  return methods(run);
}

/** What the client takes beside its registry. */
export interface ClientOptions {
  readonly clock?: Clock;
  readonly log?: Log;
}

/**
 * Every operation of the catalogue as a typed method, routed to its cluster: `cluster`, else the guest's name by
 * pattern, else its VMID by the map, else the default cluster.
 */
export class MultiClusterProxmoxClient extends operationsBase() {
  readonly registry: ClusterRegistry;
  readonly #executor: Executor;

  constructor(registry: ClusterRegistry, { clock = systemClock, log = silentLog }: ClientOptions = {}) {
    const redact = createRedactor(registry.config.clusters.map(({ tokenSecret }) => tokenSecret));
    const { hide, hideSent } = redact;
    const executor = new Executor(registry, clock, log, { redact, hide, hideSent });
    super(async (tool, args, options) => {
      const outcome = await executor.execute(tool, args, options);
      if (outcome.many && tool.scope !== 'fleet')
        throw new AmbiguousClusterSelectionError(
          outcome.cluster,
          outcome.entries.map(({ cluster }) => cluster),
          `'${outcome.cluster}' is several clusters; use across('${outcome.cluster}')`,
        );
      const [entry] = outcome.entries;
      if (!outcome.many && entry !== undefined && 'error' in entry) throw entry.error;
      return toAnswer(outcome);
    });
    this.registry = registry;
    this.#executor = executor;
  }

  /**
   * The reads of the catalogue over several clusters at once.
   * @param clusters `all`, a group, `region:x`, `tier:x`, or several of these and of names, separated by commas
   */
  across(clusters: string): FleetOperations {
    return fleetOperations(async (tool, args, options) => {
      return toAnswer(await this.#executor.execute(tool, { ...args, cluster: clusters }, options, true));
    });
  }

  /** Closes every connection, when all that was to be written down is. */
  async close(): Promise<void> {
    await this.#executor.close();
    await this.registry.close();
  }
}
