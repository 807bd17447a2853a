import { type ClusterHealth, checkHealth } from '../clusters/health.js';
import type { ClusterConfig } from '../config/cluster-config.js';
import { attempt } from '../pve/attempt.js';
import { readCertificate, type SeenCertificate } from '../pve/certificate.js';
import { ProxmoxClient } from '../pve/client.js';
import type { Clock } from '../pve/clock.js';
import { clusterStatus } from '../pve/discovery.js';
import { silentLog } from '../pve/log.js';
import { type GuestResource, guestResources } from '../pve/resources.js';
import { createTransport } from '../pve/transport.js';

/** One address of a cluster, asked by itself. */
export interface AddressCheck {
  readonly url: string;
  /** Absent over http, and where there was no handshake. */
  readonly certificate?: SeenCertificate;
  readonly health: ClusterHealth;
  /** Equal for two addresses of one cluster; absent where it cannot be told. */
  readonly identity?: string;
}

/** What asking one cluster gave. */
export interface ClusterCheck {
  readonly config: ClusterConfig;
  readonly addresses: readonly [AddressCheck, ...AddressCheck[]];
  /** The address whose answers count: the first that fully answered, else the first that answered, else the first. */
  readonly best: AddressCheck;
  /** Absent where they could not be listed. */
  readonly guests?: readonly GuestResource[];
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
  const listed = await withClient(config, best.url, clock, (client) =>
    attempt(client.send(guestResources, {}, { type: 'vm' })),
  );
  return { config, addresses, best, ...('value' in listed ? { guests: listed.value.data } : {}) };
}

async function checkAddress(config: ClusterConfig, url: string, clock: Clock): Promise<AddressCheck> {
  const [certificate, asked] = await Promise.all([certificateOf(url), askAddress(config, url, clock)]);
  const identity = asked.status && identityOf(asked.status, certificate);
  return {
    url,
    health: asked.health,
    ...(certificate === undefined ? {} : { certificate }),
    ...(identity === undefined ? {} : { identity }),
  };
}

async function askAddress(config: ClusterConfig, url: string, clock: Clock) {
  try {
    return await withClient(config, url, clock, async (client) => {
      const health = await checkHealth(client, clock);
      if (health.tokenAccepted !== true) return { health, status: undefined };
      const status = await attempt(client.send(clusterStatus, {}, {}));
      return { health, status: 'value' in status ? status.value.data : undefined };
    });
  } catch (error) {
    // The file of a cluster's own authority is read when its transport is made.
    const failure = error instanceof Error ? error : new Error(String(error));
    return {
      health: { cluster: config.name, checkedAt: clock.now(), reachable: false, failure },
      status: undefined,
    };
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

type StatusRow = {
  readonly type: string;
  readonly name: string;
  readonly ip?: string | undefined;
};

/** The cluster's name and its nodes with their addresses; a stand-alone host is told apart by its certificate too. */
function identityOf(rows: readonly StatusRow[], certificate: SeenCertificate | undefined): string | undefined {
  const cluster = rows.find(({ type }) => type === 'cluster')?.name;
  const nodes = rows.filter(({ type }) => type === 'node');
  if (nodes.length === 0 || nodes.some(({ ip }) => ip === undefined)) return undefined;
  const places = nodes.map(({ name, ip }) => `${name} ${ip}`).sort();
  return JSON.stringify(cluster === undefined ? [certificate?.fingerprint, places] : [cluster, places]);
}
