import type { ClusterConfig } from '../../src/config/cluster-config.js';
import { ProxmoxClient } from '../../src/pve/client.js';
import { type Clock, systemClock } from '../../src/pve/clock.js';
import { silentLog } from '../../src/pve/log.js';
import { createTransport, type Transport } from '../../src/pve/transport.js';
import type { ManualClock, SimulatedCluster } from '../../src/simulator/listen.js';

/** A configuration that reaches a simulated cluster, with its certificate pinned. */
export function configFor(cluster: SimulatedCluster, more: Partial<ClusterConfig> = {}): ClusterConfig {
  const { name, url, tokenId, tokenSecret, fingerprint } = cluster;
  return {
    name,
    apiUrls: [url],
    tokenId,
    tokenSecret,
    tls: fingerprint === undefined ? { mode: 'off' } : { mode: 'fingerprint', fingerprints: [fingerprint] },
    ...more,
  };
}

/** A configuration for a server that is no simulator. */
export const configOf = (url: string, more: Partial<ClusterConfig> = {}): ClusterConfig => ({
  name: 'raw',
  apiUrls: [url],
  tokenId: 'mcp@pve!test',
  tokenSecret: '11111111-2222-3333-4444-555555555555',
  tls: { mode: 'off' },
  ...more,
});

export function clientFor(
  config: ClusterConfig,
  { clock = systemClock, transport = createTransport(config.tls) }: { clock?: Clock; transport?: Transport } = {},
): ProxmoxClient {
  return new ProxmoxClient(config, { clock, transport, log: silentLog, random: () => 0 });
}

/** What a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it resolved');
}

/** The same, for an error of this class. */
export async function rejectionOf<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const error = await rejection(promise);
  if (error instanceof kind) return error;
  throw new Error(`not a ${kind.name}: ${String(error)}`);
}

/** A clock on which sleeping takes no time and moves the simulator's clock on. */
export function sleepless(manual: ManualClock): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => manual.now(),
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      manual.advance(ms / 1000);
    },
    timeout: (ms) => systemClock.timeout(ms),
  };
}
