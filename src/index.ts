import { MultiClusterProxmoxClient } from './client/multi-cluster-client.js';
import { ClusterRegistry } from './clusters/registry.js';
import { readSecretFile } from './clusters/secret-file.js';
import { parseEnv, requireConfig } from './config/env.js';

export type { CallOptions } from './client/execution.js';
export { type ArgumentFault, InvalidArgumentsError } from './client/input.js';
export type { ClientOptions } from './client/multi-cluster-client.js';
export { NotConfirmedError, type Unconfirmed } from './client/not-confirmed.js';
export type { FleetAnswer, FleetOperations, ListAnswer, Operations, ResultAnswer } from './client/operations.js';
export type { Progress } from './client/progress.js';
export type { Ask, Question, Reply } from './client/question.js';
export { ToolPolicyError } from './client/tool-policy.js';
export * from './clusters/errors.js';
export type { ClusterHealth } from './clusters/health.js';
export type { ClusterIdentity } from './clusters/identity.js';
export type { ClusterInfo, RegistryDependencies } from './clusters/registry.js';
export type * from './config/cluster-config.js';
export { ConfigurationError } from './config/configuration-error.js';
export { isMultiClusterMode, type ParsedEnv } from './config/env.js';
export type { Exposure, SecretAccess, SecretFile } from './config/secret-access.js';
export { type ClientDependencies, ProxmoxClient } from './pve/client.js';
export { type Clock, systemClock } from './pve/clock.js';
export { Connection } from './pve/connection.js';
export type { ConnectionState, EndpointState } from './pve/connection-state.js';
export { type Answer, type Endpoint, endpoint } from './pve/endpoint.js';
export * from './pve/errors.js';
export type { Log } from './pve/log.js';
export { type Finding, OutcomeUnknownError } from './pve/lost-reply.js';
export { PolicyError } from './pve/policy/policy-error.js';
export { createTransport, type Fetch, type Transport } from './pve/transport.js';
export { ClusterRegistry, MultiClusterProxmoxClient, parseEnv, readSecretFile, requireConfig };

let registry: ClusterRegistry | undefined;
let client: MultiClusterProxmoxClient | undefined;

/**
 * The registry of the process's environment, made on the first call.
 * @throws {ConfigurationError} with every fault of the environment
 */
export function getClusterRegistry(): ClusterRegistry {
  registry ??= new ClusterRegistry(requireConfig(parseEnv(process.env, { readFile: readSecretFile })));
  return registry;
}

/**
 * The client of the process's environment, made on the first call.
 * @throws {ConfigurationError} with every fault of the environment
 */
export function getMultiClusterClient(): MultiClusterProxmoxClient {
  client ??= new MultiClusterProxmoxClient(getClusterRegistry());
  return client;
}
