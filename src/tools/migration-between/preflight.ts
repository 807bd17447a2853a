import { type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { type BridgeMove, planBridges } from './bridge-map.js';
import { clusterStops } from './cluster-stops.js';
import { type EndpointAddress, endpointAddress } from './endpoint-address.js';
import { type Findings, joined } from './finding.js';
import { type CpuVerdict, cpuStops, guestStops } from './guest-stops.js';
import type { IdMap } from './id-map.js';
import { type MovedVolume, movedVolumes } from './moved-volumes.js';
import { privilegeStops, sourceNeeds, targetNeeds } from './privilege-stops.js';
import { type DestinationFacts, memoryFindings } from './read-destination.js';
import type { SourceFacts } from './read-source.js';
import { planStorages, type StorageMove } from './storage-map.js';

/** A cluster as it is configured. */
interface Configured {
  readonly name: string;
  readonly tokenId: string;
  readonly urls: readonly string[];
  readonly defaultStorage?: string;
  readonly defaultBridge?: string;
  readonly remoteHosts?: Parameters<typeof endpointAddress>[0]['remoteHosts'];
}

export interface MoveWish {
  readonly source: Configured;
  readonly target: Configured;
  readonly vmid: number;
  /** Whether the VMID was asked for. */
  readonly asked: boolean;
  readonly storages: IdMap;
  readonly bridges: IdMap;
  readonly online: boolean | undefined;
  readonly deletes: boolean;
  readonly cpu: CpuVerdict;
}

/** How a guest would go, and everything that keeps it from going. */
export interface MovePlan extends Findings {
  readonly storages: readonly StorageMove[];
  readonly bridges: readonly BridgeMove[];
  readonly volumes: readonly MovedVolume[];
  readonly address: EndpointAddress | undefined;
  /** What the token that the source comes with takes. */
  readonly needs: readonly string[];
  /** Whether it is moved while it runs; a container is stopped and started. */
  readonly live: boolean;
}

/** All that was read, thought through; nothing is asked here, and no stop hides another. */
export function planMove(wish: MoveWish, from: SourceFacts, to: DestinationFacts): MovePlan {
  const { guest } = from;
  const { type, config, running } = guest;
  const live = running && wish.online !== false;
  const volumes = movedVolumes(config, from.listed, live && type === 'qemu');
  const node = to.chosen.node;
  const storages = planStorages({
    ...{ type, node, volumes, targets: to.storages, asked: wish.storages },
    sourceTypes: from.storageTypes,
    preferred: wish.target.defaultStorage,
  });
  const bridges = planBridges({
    ...{ node, nics: nicsOf(config), targets: to.bridges, asked: wish.bridges },
    preferred: wish.target.defaultBridge,
  });
  const address = endpointAddress({
    ...{ node, cluster: wish.target.name, urls: wish.target.urls },
    remoteHosts: wish.target.remoteHosts,
    rows: to.cluster.rows ?? [],
  });
  const needs = needsOf(wish, from, to, { storages: storages.map, bridges: bridges.map });
  const findings = joined(
    guestStops(guest, wish),
    clusterStops({ source: from.cluster, target: to.cluster, live: live && type === 'qemu', disks: volumes.length }),
    cpuStops(config, wish.cpu),
    storages,
    bridges,
    addressFindings(address, wish, to),
    { stops: privileges(wish, from, to, needs), warnings: [] },
    { stops: [], warnings: [...from.behind, ...from.unread, ...to.unread, ...memoryFindings(to, memoryOf(config))] },
  );
  return {
    ...findings,
    storages: storages.map,
    bridges: bridges.map,
    volumes,
    address,
    live,
    needs: needs.map(({ need }) => need),
  };
}

interface Maps {
  readonly storages: readonly StorageMove[];
  readonly bridges: readonly BridgeMove[];
}

const needsOf = ({ vmid }: MoveWish, { guest }: SourceFacts, to: DestinationFacts, { storages, bridges }: Maps) =>
  targetNeeds({
    ...{ type: guest.type, config: guest.config, vmid, zones: to.zones },
    storages: storages.map((one) => one.target),
    bridgeOf: (name) => bridges.find((one) => one.source === name)?.target,
    major: Number.parseInt(to.cluster.version, 10),
  });

function privileges(wish: MoveWish, from: SourceFacts, to: DestinationFacts, needs: ReturnType<typeof needsOf>) {
  const { guest } = from;
  const { source, target, vmid, deletes } = wish;
  return [
    ...privilegeStops(
      { cluster: source.name, tokenId: source.tokenId, granted: from.permissions },
      sourceNeeds({ vmid: guest.vmid, deletes }),
    ),
    ...privilegeStops(
      {
        cluster: target.name,
        tokenId: target.tokenId,
        granted: to.permissions,
        freeVmid: wish.asked ? undefined : vmid,
      },
      needs,
    ),
  ];
}

/** The way from node to node cannot be tried from here; what can be said of it is said. */
function addressFindings(address: EndpointAddress | undefined, { target }: MoveWish, to: DestinationFacts): Findings {
  const node = to.chosen.node;
  const variable = `PROXMOX_CLUSTER_${target.name.replaceAll('-', '_')}_REMOTE_HOST`;
  if (address === undefined)
    return {
      stops: [
        {
          code: 'address',
          message: `where the source reaches node '${node}' is not known`,
          fix: `Tell the user to set ${variable}, as ${node}=its address.`,
        },
      ],
      warnings: [],
    };
  const others = to.cluster.rows?.filter(({ type }) => type === 'node').length ?? 1;
  const forAll = others > 1 && address.reason === variable && target.remoteHosts?.nodes[node] === undefined;
  const unpinned = to.fingerprint === undefined;
  return {
    stops: [],
    warnings: [
      ...(forAll
        ? [
            {
              code: 'address',
              message: `${variable} names one host for all nodes: the guest lands on the node that answers there`,
              fix: `Write it as ${node}=host.`,
            },
          ]
        : []),
      ...(unpinned
        ? [
            {
              code: 'fingerprint',
              message: `the fingerprint of node '${node}' is not known: the source must trust its certificate`,
            },
          ]
        : []),
    ],
  };
}

/** Bytes. */
function memoryOf({ memory }: GuestConfig): number {
  const [, mib] = /^(?:current=)?(\d+)/.exec(String(memory ?? '')) ?? [];
  return Number(mib ?? 0) * 1024 ** 2;
}
