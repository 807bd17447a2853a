import type {
  ClusterConfig,
  ClusterRegistryConfig,
  PolicyRule,
  Prices,
  RemoteHosts,
} from '../config/cluster-config.js';
import { rulesOf } from '../config/cluster-rules.js';
import { nearest } from '../config/nearest.js';
import { ProxmoxClient } from '../pve/client.js';
import { type Clock, systemClock, systemRandom } from '../pve/clock.js';
import { Connection } from '../pve/connection.js';
import type { ConnectionState } from '../pve/connection-state.js';
import { type AllLanes, lanesOf } from '../pve/lanes.js';
import { type Log, silentLog } from '../pve/log.js';
import { createTransport, type Transport } from '../pve/transport.js';
import { ClusterConfigurationError, ClusterNotFoundError } from './errors.js';
import { type ClusterHealth, checkHealth } from './health.js';
import { isSameCluster } from './identity.js';
import { route } from './route.js';

/** What a registry needs from outside; each has a default that fits production. */
export interface RegistryDependencies {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly random?: () => number;
  /** Makes the `fetch` of one cluster; undici with the cluster's TLS rules by default. */
  readonly createTransport?: (config: ClusterConfig) => Transport;
  /** The secret of a cluster's token as it stands now, for a client that is built; that of the configuration by default. */
  readonly currentSecret?: (config: ClusterConfig) => string;
  /** What limits the requests to each cluster, shared with the registry that this one takes the place of. */
  readonly lanes?: AllLanes;
  /** The rules of a cluster as they are now, where its configuration was read again since; they hold beside its own. */
  readonly rulesNow?: (cluster: string) => readonly PolicyRule[];
}

/** A cluster as it is configured, without its secret, and what its last check found. */
export interface ClusterInfo {
  readonly name: string;
  readonly urls: readonly string[];
  readonly isDefault: boolean;
  readonly tokenId: string;
  readonly tls: 'system' | 'ca' | 'fingerprint' | 'off';
  readonly region?: string;
  readonly tier?: string;
  readonly group?: string;
  readonly fallback?: string;
  readonly defaultNode?: string;
  readonly defaultStorage?: string;
  readonly defaultBridge?: string;
  readonly prices?: Prices;
  readonly remoteHosts?: RemoteHosts;
  readonly health?: ClusterHealth;
  /** What may be done there. */
  readonly policy?: readonly PolicyRule[];
}

interface Cached {
  readonly client: ProxmoxClient;
  readonly expires: number;
}

/** The clusters of a configuration, and one REST client for each, made on first use and kept for the cache's time. */
export class ClusterRegistry {
  readonly config: ClusterRegistryConfig;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #createTransport: (config: ClusterConfig) => Transport;
  readonly #currentSecret: (config: ClusterConfig) => string;
  readonly #random: () => number;
  readonly #lanes: AllLanes;
  readonly #rulesNow: (cluster: string) => readonly PolicyRule[];
  readonly #clients = new Map<string, Cached>();
  /** They outlive the clients: a new one knows at once which addresses are bad. */
  readonly #connections = new Map<string, Connection>();
  readonly #health = new Map<string, ClusterHealth>();
  readonly #checks = new Map<string, Promise<ClusterHealth>>();

  constructor(config: ClusterRegistryConfig, dependencies: RegistryDependencies = {}) {
    const withRules = (cluster: ClusterConfig) => ({ ...cluster, policy: rulesOf(config, cluster) });
    this.config = config.readOnly ? { ...config, clusters: config.clusters.map(withRules) } : config;
    this.#clock = dependencies.clock ?? systemClock;
    this.#log = dependencies.log ?? silentLog;
    this.#random = dependencies.random ?? systemRandom;
    this.#lanes = dependencies.lanes ?? new Map();
    this.#rulesNow = dependencies.rulesNow ?? (() => []);
    this.#createTransport = dependencies.createTransport ?? (({ tls }) => createTransport(tls));
    this.#currentSecret = dependencies.currentSecret ?? (({ tokenSecret }) => tokenSecret);
  }

  /**
   * The client of a cluster, the default one's when no name is given.
   * @throws {ClusterNotFoundError}
   * @throws {ClusterConfigurationError} when its CA file cannot be read
   */
  getClient(name: string = this.config.defaultCluster): ProxmoxClient {
    const config = this.getClusterConfig(name);
    const cached = this.#clients.get(name);
    if (cached !== undefined && this.#clock.now() < cached.expires) return cached.client;
    if (cached !== undefined) this.#release(cached.client);
    const current = { ...config, tokenSecret: this.#currentSecret(config) };
    const client = new ProxmoxClient(current, {
      transport: this.#transportOf(config),
      clock: this.#clock,
      log: this.#log,
      random: this.#random,
      connection: this.#connectionTo(config),
      lanes: lanesOf(config.apiUrls, this.#lanes),
      rules: () => this.rulesInForce(name),
    });
    this.#clients.set(name, { client, expires: this.#clock.now() + this.config.cacheTtl * 1000 });
    return client;
  }

  /**
   * All rules that a request to a cluster is held against.
   * @throws {ClusterNotFoundError}
   */
  rulesInForce(name: string): readonly PolicyRule[] {
    const { policy = [] } = this.getClusterConfig(name);
    const later = this.#rulesNow(name).filter((rule) => !policy.includes(rule));
    return later.length === 0 ? policy : [...policy, ...later];
  }

  /** The names of all clusters, in the order of the configuration. */
  listClusters(): string[] {
    return this.config.clusters.map(({ name }) => name);
  }

  /** @throws {ClusterNotFoundError} */
  getClusterConfig(name: string): ClusterConfig {
    const found = this.config.clusters.find((cluster) => cluster.name === name);
    if (found === undefined)
      throw new ClusterNotFoundError(name, this.listClusters(), nearest(name, this.listClusters()));
    return found;
  }

  /**
   * The cluster that a guest of this name is looked for on: by pattern, else the default.
   * @throws {AmbiguousClusterSelectionError}
   */
  selectClusterForResource(name: string): string {
    const { cluster, via, by } = route({ name }, this.config);
    this.#log.debug({ cluster, via, by }, 'cluster selected');
    return cluster;
  }

  /** The cluster of a pattern, given as it was configured; `undefined` when there is no such pattern. */
  getClusterByPattern(pattern: string): string | undefined {
    return this.config.patterns.find((one) => one.pattern === pattern)?.cluster;
  }

  /**
   * Asks one cluster how it is: reachable, version, nodes, quorum, token, privileges, latency.
   * @throws {ClusterNotFoundError} and nothing else: what is wrong with the cluster stands in the answer
   */
  async validateCluster(name: string, signal?: AbortSignal): Promise<ClusterHealth> {
    const check = this.#validate(this.getClusterConfig(name).name, signal);
    this.#checks.set(name, check);
    try {
      return await check;
    } finally {
      if (this.#checks.get(name) === check) this.#checks.delete(name);
    }
  }

  async #validate(name: string, signal: AbortSignal | undefined): Promise<ClusterHealth> {
    const health = await this.#check(name, signal);
    const before = this.#namesakes(name);
    this.#health.set(name, health);
    const { failure, privileges: _, identity: __, ...found } = health;
    if (failure === undefined) this.#log.info(found, 'cluster checked');
    else this.#log.warn({ ...found, reason: failure.message }, 'cluster checked');
    const others = this.#namesakes(name).filter((other) => !before.includes(other));
    if (others.length > 0) this.#log.warn({ cluster: name, same_as: others }, 'several names are one cluster');
    return health;
  }

  /** {@link validateCluster} for every cluster, all at once. */
  validateAllClusters(signal?: AbortSignal): Promise<ClusterHealth[]> {
    return Promise.all(this.listClusters().map((name) => this.validateCluster(name, signal)));
  }

  /** Has each of the clusters checked that was not yet. */
  async checkOnce(names: readonly string[], signal?: AbortSignal): Promise<void> {
    const unknown = names.filter((name) => !this.#health.has(name));
    await Promise.allSettled(unknown.map((name) => this.#checks.get(name) ?? this.validateCluster(name, signal)));
    signal?.throwIfAborted();
  }

  /**
   * Other names that are this same cluster, by the last check of each.
   * @param awaited the clusters whose checks, if they are under way, are waited for
   */
  async sameClusterAs(name: string, awaited: readonly string[] = []): Promise<string[]> {
    await Promise.allSettled(awaited.flatMap((other) => this.#checks.get(other) ?? []));
    return this.#namesakes(name);
  }

  #namesakes(name: string): string[] {
    const identity = this.#health.get(name)?.identity;
    return this.listClusters().filter(
      (other) => other !== name && isSameCluster(identity, this.#health.get(other)?.identity) === true,
    );
  }

  /** What is known of the way to a cluster; nothing is asked, and of one that never was, nothing is known. */
  connection(name: string): ConnectionState | undefined {
    return this.#clients.get(name)?.client.connection();
  }

  /** What the last check of a cluster found; nothing is asked. */
  lastHealth(name: string): ClusterHealth | undefined {
    return this.#health.get(name);
  }

  /** @throws {ClusterNotFoundError} */
  getClusterInfo(name: string = this.config.defaultCluster): ClusterInfo {
    const { apiUrls, tokenSecret: _, tls, ...shown } = this.getClusterConfig(name);
    const health = this.#health.get(name);
    return {
      ...shown,
      urls: apiUrls,
      tls: tls.mode,
      isDefault: name === this.config.defaultCluster,
      ...(health === undefined ? {} : { health }),
    };
  }

  listAllClustersInfo(): ClusterInfo[] {
    return this.listClusters().map((name) => this.getClusterInfo(name));
  }

  /**
   * Forgets the client of one cluster, or of all; the next call makes a new one.
   * @throws {ClusterNotFoundError}
   */
  clearCache(name?: string): void {
    const names = name === undefined ? [...this.#clients.keys()] : [this.getClusterConfig(name).name];
    for (const one of names) {
      const cached = this.#clients.get(one);
      this.#clients.delete(one);
      if (cached !== undefined) this.#release(cached.client);
    }
  }

  /** Waits for what is in flight and closes every connection. */
  async close(): Promise<void> {
    const clients = [...this.#clients.values()].map(({ client }) => client);
    this.#clients.clear();
    await Promise.all(clients.map((client) => client.close()));
  }

  #connectionTo({ name, apiUrls }: ClusterConfig): Connection {
    const known = this.#connections.get(name);
    if (known !== undefined) return known;
    const connection = new Connection(apiUrls, this.#clock, this.#random);
    this.#connections.set(name, connection);
    return connection;
  }

  #transportOf(config: ClusterConfig): Transport {
    try {
      return this.#createTransport(config);
    } catch (error) {
      if (config.tls.mode !== 'ca' || !(error instanceof Error)) throw error;
      const code = 'code' in error ? String(error.code) : error.name;
      throw new ClusterConfigurationError(config.name, config.tls.caFile, code, error);
    }
  }

  async #check(cluster: string, signal: AbortSignal | undefined): Promise<ClusterHealth> {
    try {
      return await checkHealth(this.getClient(cluster), this.#clock, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // The file of a cluster's own authority is read when its client is made.
      const failure = error instanceof Error ? error : new Error(String(error));
      return { cluster, checkedAt: this.#clock.now(), reachable: false, failure };
    }
  }

  #release(client: ProxmoxClient): void {
    client
      .close()
      .catch((error: unknown) => this.#log.warn({ cluster: client.config.name, err: error }, 'closing a client'));
  }
}
