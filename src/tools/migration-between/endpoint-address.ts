import type { StatusRow } from './cluster-stops.js';

/** Where the source reaches the target node, and why that is thought. */
export interface EndpointAddress {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
}

interface Known {
  readonly node: string;
  readonly cluster: string;
  readonly urls: readonly string[];
  /** What `..._REMOTE_HOST` says. */
  readonly remoteHosts?:
    | {
        readonly every?: { readonly host: string; readonly port: number };
        readonly nodes: Readonly<Record<string, { readonly host: string; readonly port: number }>>;
      }
    | undefined;
  readonly rows: readonly StatusRow[];
}

const defaultPort = 8006;

/**
 * The address of exactly that node: what answers there takes the guest in, and no other node of its cluster. A loopback
 * address is none for another host.
 */
export function endpointAddress({ node, cluster, urls, remoteHosts, rows }: Known): EndpointAddress | undefined {
  const variable = `PROXMOX_CLUSTER_${cluster.replaceAll('-', '_')}_REMOTE_HOST`;
  const written = remoteHosts?.nodes[node] ?? remoteHosts?.every;
  if (written !== undefined) return { ...written, reason: variable };
  const row = rows.find(({ type, name }) => type === 'node' && name === node);
  const places = urls.map(placeOf).filter(({ host }) => !isLoopback(host));
  const [only] = places.length === 1 && urls.length === 1 ? places : [];
  if (only !== undefined && row?.local === true)
    return { ...only, reason: "the cluster's API URL, which is this node" };
  const own = places.find(({ host }) => host === row?.ip || host === node || host.startsWith(`${node}.`));
  if (own !== undefined) return { ...own, reason: 'the API URL of this node' };
  if (row?.ip === undefined || isLoopback(row.ip)) return undefined;
  return { host: row.ip, port: defaultPort, reason: `its address within cluster '${cluster}'` };
}

function placeOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  const implied = protocol === 'http:' ? 80 : 443;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || implied };
}

const isLoopback = (host: string) => /^(?:127\.|localhost$|::1$)/.test(host);
