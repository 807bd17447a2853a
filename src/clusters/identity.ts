import { attempt } from '../pve/attempt.js';
import type { ProxmoxClient } from '../pve/client.js';
import { type StatusRow, shownCertificates } from '../pve/discovery.js';

/** What tells one cluster from another, whatever it is called here. */
export interface ClusterIdentity {
  /** Proxmox's own name; absent for a stand-alone host. */
  readonly name?: string;
  /** Sorted, as the addresses are by their nodes. */
  readonly nodes: readonly string[];
  /** Absent where one is not known. */
  readonly addresses?: readonly string[];
  /** SHA-256 fingerprint of the authority that the installation made for itself; all nodes of a cluster share it. */
  readonly authority?: string;
}

/** Reads who a cluster is, by its status; `undefined` where the status names no node. */
export async function readIdentity(
  client: ProxmoxClient,
  status: readonly StatusRow[],
  signal?: AbortSignal,
): Promise<ClusterIdentity | undefined> {
  const nodes = status.filter(({ type }) => type === 'node').toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (nodes.length === 0) return undefined;
  const name = status.find(({ type }) => type === 'cluster')?.name;
  const local = nodes.find((node) => node.local) ?? nodes[0];
  const shown = await attempt(client.send(shownCertificates, { node: local?.name ?? '' }, {}, signal));
  const authority =
    'value' in shown ? shown.value.data.find(({ filename }) => filename === 'pve-root-ca.pem')?.fingerprint : undefined;
  const addresses = nodes.flatMap(({ ip }) => ip ?? []);
  return {
    nodes: nodes.map((node) => node.name),
    ...(name === undefined ? {} : { name }),
    ...(addresses.length === nodes.length ? { addresses } : {}),
    ...(authority === undefined ? {} : { authority }),
  };
}

/**
 * Whether two answers came from one cluster; `undefined` where it cannot be told. Many hosts are called `pve` and have
 * an address such as 192.168.1.10, so that all that is known must agree, and of a stand-alone host its authority be known.
 */
export function isSameCluster(a: ClusterIdentity | undefined, b: ClusterIdentity | undefined): boolean | undefined {
  if (a === undefined || b === undefined) return undefined;
  const differ =
    a.name !== b.name ||
    !isEqual(a.nodes, b.nodes) ||
    (a.addresses !== undefined && b.addresses !== undefined && !isEqual(a.addresses, b.addresses)) ||
    (a.authority !== undefined && b.authority !== undefined && a.authority !== b.authority);
  if (differ) return false;
  const told = a.authority !== undefined && b.authority !== undefined;
  const placed = a.name !== undefined && a.addresses !== undefined && b.addresses !== undefined;
  return told || placed ? true : undefined;
}

const isEqual = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((one, index) => one === b[index]);
