import { ClusterConfigurationError } from '../clusters/errors.js';
import type { ProxmoxClient } from '../pve/client.js';
import type { Answer, Call, Endpoint, UploadEndpoint } from '../pve/endpoint.js';
import { UnpreparedError } from '../pve/errors.js';
import type { Params } from '../pve/params.js';
import { PolicyError } from '../pve/policy/policy-error.js';
import { expandPath, methodOf } from '../pve/route.js';
import type { UploadFile } from '../pve/upload.js';
import type { TurnsOfCalls } from './object-turns.js';
import { ToolPolicyError } from './tool-policy.js';

type Path = Record<string, string | number>;

/** What stands between a tool and the requests that change something. */
export interface WriteGate {
  /** Before each; a rejection stops it. */
  before(endpoint: Endpoint, path: Path, params: Params | undefined): Promise<void>;
  /** Sends it, or answers in its place. */
  send(endpoint: Endpoint, path: Path, params: Params | undefined, file?: UploadFile): Promise<Answer<unknown>>;
}

export const isUpload = (endpoint: Endpoint): endpoint is UploadEndpoint => 'upload' in endpoint;

/**
 * A tool's endpoints as functions that reach one cluster and no other; what changes something passes the gate. The
 * client is asked for at each call: while a long one goes on, it may be replaced.
 */
export function bindCalls<C extends Readonly<Record<string, Endpoint>>>(
  client: () => ProxmoxClient,
  endpoints: C,
  signal: AbortSignal | undefined,
  gate?: WriteGate,
  turns?: TurnsOfCalls,
): { readonly [K in keyof C]: Call<C[K]> };
export function bindCalls(
  client: () => ProxmoxClient,
  endpoints: Readonly<Record<string, Endpoint>>,
  signal: AbortSignal | undefined,
  gate?: WriteGate,
  turns?: TurnsOfCalls,
): Record<string, (path: Path, params?: Params, file?: UploadFile) => Promise<Answer<unknown>>> {
  const bound = (endpoint: Endpoint) => async (path: Path, params?: Params, file?: UploadFile) => {
    requireClient(client, endpoint, path);
    const isRead = methodOf(endpoint.route) === 'GET';
    if (isRead) await turns?.beforeRead(endpoint.route, expandPath(endpoint.route, path));
    if (isRead || gate === undefined) return client().send(endpoint, path, params, signal);
    try {
      await gate.before(endpoint, path, params);
      return await gate.send(endpoint, path, params, file);
    } finally {
      turns?.afterWrite(expandPath(endpoint.route, path));
    }
  };
  return Object.fromEntries(Object.entries(endpoints).map(([name, endpoint]) => [name, bound(endpoint)]));
}

/** Of several clusters, one whose client cannot be made, or may not be used, fails its own requests and no more. */
function requireClient(client: () => ProxmoxClient, { route }: Endpoint, path: Path): void {
  try {
    client();
  } catch (error) {
    if (!(error instanceof ClusterConfigurationError || error instanceof ToolPolicyError)) throw error;
    const facts = { cluster: error.cluster, method: methodOf(route), path: expandPath(route, path) };
    if (error instanceof ToolPolicyError) throw new PolicyError(facts, error.rule, `it is kept from ${error.tool}`);
    throw new UnpreparedError(facts, error);
  }
}
