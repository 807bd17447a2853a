import { type ClusterHealth, checkHealth } from '../clusters/health.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { attempt } from '../pve/attempt.js';
import { readCertificate, type SeenCertificate } from '../pve/certificate.js';
import { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { silentLog } from '../pve/log.js';
import { poolNames } from '../pve/pools.js';
import { type GuestResource, guestResources } from '../pve/resources.js';
import { createTransport } from '../pve/transport.js';

/** One address of a cluster, asked by itself. */
export interface AddressCheck {
  readonly url: string;
  /** Absent over http, and where there was no handshake. */
  readonly certificate?: SeenCertificate;
  readonly health: ClusterHealth;
}

/** What asking one cluster gave. */
export interface ClusterCheck {
  readonly config: ClusterConfig;
  readonly addresses: readonly [AddressCheck, ...AddressCheck[]];
  /** The address whose answers count: the first that fully answered, else the first that answered, else the first. */
  readonly best: AddressCheck;
  /** Absent where they could not be listed. */
  readonly guests?: readonly GuestResource[];
  /** Asked for where a rule names some. */
  readonly pools?: readonly string[];
}

const handshakeTimeout = 5000;

/** Asks every address of a cluster; what goes wrong stands in the answer. */
export async function checkCluster(config: ClusterConfig, clock: Clock): Promise<ClusterCheck> {
  const [first, ...rest] = config.apiUrls;
  const check = (url: string) => checkAddress(config, url, clock);
  const addresses = await Promise.all([check(first), ...rest.map(check)]);
  const best =
    addresses.find(({ health }) => health.reachable && health.failure === undefined) ??
    addresses.find(({ health }) => health.reachable) ??
    addresses[0];
  if (best.health.tokenAccepted !== true) return { config, addresses, best };
  const namesPools = config.policy?.some(({ kind }) => kind === 'allow_pools') === true;
  const [guests, pools] = await withClient(config, best.url, clock, (client) =>
    Promise.all([
      attempt(client.send(guestResources, {}, { type: 'vm' })),
      namesPools ? attempt(client.send(poolNames, {})) : undefined,
    ]),
  );
  return {
    config,
    addresses,
    best,
    ...('value' in guests ? { guests: guests.value.data } : {}),
    ...(pools !== undefined && 'value' in pools ? { pools: pools.value.data.map(({ poolid }) => poolid) } : {}),
  };
}

async function checkAddress(config: ClusterConfig, url: string, clock: Clock): Promise<AddressCheck> {
  const [certificate, health] = await Promise.all([certificateOf(url), askAddress(config, url, clock)]);
  return { url, health, ...(certificate === undefined ? {} : { certificate }) };
}

async function askAddress(config: ClusterConfig, url: string, clock: Clock): Promise<ClusterHealth> {
  try {
    return await withClient(config, url, clock, (client) => checkHealth(client, clock));
  } catch (error) {
    // The file of a cluster's own authority is read when its transport is made.
    const failure = error instanceof Error ? error : new Error(String(error));
    return { cluster: config.name, checkedAt: clock.now(), reachable: false, failure };
  }
}

async function withClient<T>(
  config: ClusterConfig,
  url: string,
  clock: Clock,
  ask: (client: ProxmoxClient) => Promise<T>,
): Promise<T> {
  const transport = createTransport(config.tls);
  const client = new ProxmoxClient({ ...config, apiUrls: [url] }, { transport, clock, log: silentLog });
  try {
    return await ask(client);
  } finally {
    await client.close();
  }
}

async function certificateOf(url: string): Promise<SeenCertificate | undefined> {
  if (!url.startsWith('https:')) return undefined;
  return readCertificate(url, handshakeTimeout).catch(() => undefined);
}
