import { z } from 'zod';
import { attempt } from '../../pve/attempt.js';
import { clusterStatus, type NodeRow, nodes, type Permissions, permissions } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { flag, number } from '../../pve/loose.js';
import { nodeVersion } from '../../pve/node-version.js';
import { splitList } from '../../pve/storage.js';
import { networks } from '../network/network-interface.js';
import type { TargetBridge } from './bridge-map.js';
import type { ClusterFacts } from './cluster-stops.js';
import { type Finding, those } from './finding.js';
import { orElse, readCluster, type SourceCalls } from './read-source.js';
import type { TargetStorage } from './storage-map.js';

const nodeStorages = endpoint(
  'GET /nodes/{node}/storage',
  z.array(
    z.object({
      storage: z.string(),
      type: z.string(),
      content: z.string().optional(),
      active: flag.optional(),
      enabled: flag.optional(),
      avail: number.optional(),
    }),
  ),
);
const certificates = endpoint(
  'GET /nodes/{node}/certificates/info',
  z.array(z.object({ filename: z.string(), fingerprint: z.string().optional() })),
);
const vnets = endpoint('GET /cluster/sdn/vnets', z.array(z.object({ vnet: z.string(), zone: z.string() })));

export const destinationReads = {
  nodes,
  clusterStatus,
  version: nodeVersion,
  nodeStorages,
  networks,
  vnets,
  certificates,
  permissions,
};
export type DestinationCalls = {
  readonly [K in keyof typeof destinationReads]: Call<(typeof destinationReads)[K]>;
} & Pick<SourceCalls, 'packages'>;

/** The node that takes the guest in, and why that one. */
export interface ChosenNode {
  readonly node: string;
  readonly reason: string;
  readonly row: NodeRow;
}

/** Everything about the receiving node and its cluster that decides whether it can take a guest in. */
export interface DestinationFacts {
  readonly chosen: ChosenNode;
  readonly cluster: ClusterFacts;
  readonly storages: readonly TargetStorage[];
  readonly bridges: readonly TargetBridge[];
  /** Zone by vnet. */
  readonly zones: ReadonlyMap<string, string>;
  readonly fingerprint?: string | undefined;
  readonly permissions: Permissions;
  readonly unread: readonly Finding[];
}

/** The named node, the cluster's default one, or the online one with the most free memory; else why there is none. */
export function chooseNode(
  rows: readonly NodeRow[],
  cluster: string,
  asked: string | undefined,
  preferred: string | undefined,
): ChosenNode | Finding {
  const online = rows.filter(({ status }) => status === 'online');
  const known = `online there: ${
    online
      .map(({ node }) => node)
      .sort()
      .join(', ') || 'none'
  }`;
  const named = rows.find(({ node }) => node === asked);
  if (asked !== undefined && named?.status !== 'online')
    return {
      code: 'node',
      message: `cluster '${cluster}' has ${named === undefined ? `no node '${asked}'` : `node '${asked}' ${named.status}`}; ${known}`,
      fix: "Name another as 'target_node'.",
    };
  const fallback = online.find(({ node }) => node === preferred);
  const free = ({ mem = 0, maxmem = 0 }: NodeRow) => maxmem - mem;
  const [roomiest] = online.toSorted((a, b) => free(b) - free(a) || a.node.localeCompare(b.node));
  if (named !== undefined) return { node: named.node, reason: 'as asked', row: named };
  if (fallback !== undefined) return { node: fallback.node, reason: "the cluster's default node", row: fallback };
  if (roomiest !== undefined) return { node: roomiest.node, reason: 'it has the most free memory', row: roomiest };
  return { code: 'node', message: `cluster '${cluster}' has no node that is online` };
}

const isUsable = (type: string) => /^(?:bridge|OVSBridge|vnet)$/.test(type);

export async function readDestination(
  call: DestinationCalls,
  chosen: ChosenNode,
  cluster: string,
): Promise<DestinationFacts> {
  const unread: Finding[] = [];
  const { node } = chosen;
  const [facts, { data: storages }, interfaces, zones, certs, { data: granted }] = await Promise.all([
    readCluster(call, cluster, node),
    call.nodeStorages({ node }),
    orElse(call.networks({ node }, { type: 'any_bridge' }), [], 'the bridges of the target', unread),
    attempt(call.vnets({})),
    orElse(call.certificates({ node }), [], 'the certificate of the target node', unread),
    call.permissions({}),
  ]);
  return {
    chosen,
    cluster: facts,
    storages: storages
      .filter(({ enabled }) => enabled !== false)
      .map(({ storage, type, content, active, avail }) => ({
        storage,
        type,
        content: splitList(content),
        active: active !== false,
        avail,
      })),
    bridges: interfaces
      .filter(({ type }) => isUsable(type))
      .map(({ iface, type, active, bridge_vlan_aware, vlanaware }) => ({
        iface,
        active: active !== false,
        vlanAware: bridge_vlan_aware ?? vlanaware ?? (type === 'bridge' ? false : undefined),
      })),
    zones: new Map('error' in zones ? [] : zones.value.data.map(({ vnet, zone }) => [vnet, zone])),
    // The node shows the first where it is there, else the second.
    fingerprint: ['pveproxy-ssl.pem', 'pve-ssl.pem']
      .map((filename) => certs.find((one) => one.filename === filename)?.fingerprint)
      .find((found) => found !== undefined),
    permissions: granted,
    unread,
  };
}

/** What the node may be too small for. */
export const memoryFindings = ({ chosen: { node, row } }: DestinationFacts, wanted: number): Finding[] =>
  those(
    row.mem !== undefined &&
      row.maxmem !== undefined &&
      row.maxmem - row.mem < wanted && {
        code: 'memory',
        message: `node '${node}' has less memory free than the guest may take`,
        fix: 'Choose another target_node, or make room.',
      },
  );
