import type { ProxmoxClient } from '../pve/client.js';
import type { Answer, Call, Endpoint } from '../pve/endpoint.js';
import type { Params } from '../pve/params.js';

/**
 * A tool's endpoints as functions that reach one cluster and no other. The client is asked for at each call: while a
 * long one goes on, it may be replaced.
 */
export function bindCalls<C extends Readonly<Record<string, Endpoint>>>(
  client: () => ProxmoxClient,
  endpoints: C,
  signal: AbortSignal | undefined,
): { readonly [K in keyof C]: Call<C[K]> };
export function bindCalls(
  client: () => ProxmoxClient,
  endpoints: Readonly<Record<string, Endpoint>>,
  signal: AbortSignal | undefined,
): Record<string, (path: Record<string, string | number>, params?: Params) => Promise<Answer<unknown>>> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, endpoint]) => [
      name,
      (path: Record<string, string | number>, params?: Params) => client().send(endpoint, path, params, signal),
    ]),
  );
}
