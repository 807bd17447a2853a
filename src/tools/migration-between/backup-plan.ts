import { configText, nicsOf } from '../../pve/guest-config.js';
import { holds, parseNeed } from '../../pve/privileges.js';
import type { Volume } from '../../pve/storage.js';
import type { SharedStorage } from '../federation/shared-storages.js';
import { Refused } from '../refused.js';
import { type BridgeMove, planBridges } from './bridge-map.js';
import { clusterStops } from './cluster-stops.js';
import { type Finding, type Findings, those } from './finding.js';
import { guestStops } from './guest-stops.js';
import type { IdMap } from './id-map.js';
import type { Move } from './move-calls.js';
import { bytesOf, movedVolumes } from './moved-volumes.js';
import { privilegeStops } from './privilege-stops.js';
import type { DestinationFacts } from './read-destination.js';
import type { SourceFacts } from './read-source.js';
import { contentOf, planStorages, type TargetStorage } from './storage-map.js';

/** How a guest is restored on the other side. */
export interface BackupPlan extends Findings {
  readonly node: string;
  readonly vmid: number;
  readonly bytes: number;
  /** All disks go there; each to the storage of its own name where none is named. */
  readonly storage: string | undefined;
  readonly bridges: readonly BridgeMove[];
  /** Lines of network cards that are to be written anew. */
  readonly nics: readonly (readonly [string, string])[];
}

interface Wish extends Pick<Move, 'target' | 'input'> {
  readonly maps: { readonly storages: IdMap; readonly bridges: IdMap };
  readonly vmid: number;
  readonly from: SourceFacts;
  readonly to: DestinationFacts;
  /** The storage that both mount, where there is one. */
  readonly shared: SharedStorage | undefined;
}

/** Only these of the guest hinder a backup too. */
const hindering: ReadonlySet<string> = new Set(['protection', 'ha', 'lock', 'task', 'passthrough', 'running']);

export function planByBackup({ target, input, maps, vmid, from, to, shared }: Wish): BackupPlan {
  const { guest } = from;
  const there = target.destination.info;
  const node = to.chosen.node;
  const own = guestStops(guest, { online: input.online, deletes: input.delete_source });
  const clusters = clusterStops({ source: from.cluster, target: to.cluster, live: false, disks: 0, tunnel: false });
  const bridges = planBridges({
    ...{ node, nics: nicsOf(guest.config), targets: to.bridges, asked: maps.bridges, preferred: there.defaultBridge },
  });
  const place = chooseRestore(maps.storages, from, to, there.defaultStorage);
  const missing = backupNeeds({ target, input, vmid, from, to, shared, storage: place.storage });
  const lost = own.stops.filter(({ code }) => !hindering.has(code) && code === 'snapshots');
  return {
    ...{ node, vmid, bytes: place.bytes, storage: place.storage, bridges: bridges.map },
    nics: changedNics(guest, bridges.map),
    stops: [
      ...own.stops.filter(({ code }) => hindering.has(code)),
      ...clusters.stops,
      ...place.stops,
      ...bridges.stops,
      ...missing,
    ],
    warnings: [
      ...lost.map(({ code, message }) => ({
        code,
        message: `${message}; they ${input.delete_source ? 'are destroyed with' : 'stay with'} the source`,
      })),
      ...those(
        guest.running && { code: 'down', message: 'it is shut down first, and is down until it starts at the target' },
      ),
      ...own.warnings,
      ...clusters.warnings,
      ...bridges.warnings,
      ...from.behind,
      ...from.unread,
    ],
  };
}

/** What both tokens need; a backup of a guest that the target does not have takes a right on its whole storage. */
function backupNeeds(wish: Omit<Wish, 'maps'> & { readonly storage: string | undefined }): Finding[] {
  const { target, input, vmid, from, to, shared, storage } = wish;
  const here = target.source.info;
  const there = target.destination.info;
  const guest = `/vms/${target.vmid}`;
  const space = (name: string) => `Datastore.AllocateSpace on /storage/${name}`;
  const sees = holds(to.permissions, parseNeed(`VM.Backup on ${guest}`));
  const onTarget = { cluster: there.name, tokenId: there.tokenId, granted: to.permissions };
  return [
    ...privilegeStops({ cluster: here.name, tokenId: here.tokenId, granted: from.permissions }, [
      { need: `VM.Backup on ${guest}`, why: 'to back it up' },
      ...(shared === undefined ? [] : [{ need: space(shared.source), why: 'for the backup' }]),
      ...(from.guest.running ? [{ need: `VM.PowerMgmt on ${guest}`, why: 'to shut it down' }] : []),
      ...(input.delete_source ? [{ need: `VM.Allocate on ${guest}`, why: 'to delete it at the source' }] : []),
    ]),
    ...privilegeStops({ ...onTarget, freeVmid: input.target_vmid === undefined ? vmid : undefined }, [
      { need: `VM.Allocate on /vms/${vmid}`, why: 'to make the guest' },
      ...(storage === undefined ? [] : [{ need: space(storage), why: 'for its disks' }]),
      ...(shared === undefined || sees
        ? []
        : [{ need: `Datastore.Allocate on /storage/${shared.target}`, why: 'to read a backup of another cluster' }]),
    ]),
  ];
}

/** One storage takes all disks of a restored guest; which is found as for a move. */
function chooseRestore(
  asked: IdMap,
  from: SourceFacts,
  to: DestinationFacts,
  preferred: string | undefined,
): { readonly storage: string | undefined; readonly bytes: number; readonly stops: readonly Finding[] } {
  const { type, config } = from.guest;
  // A restored disk is written anew: it may go to any kind of storage, and all go to the one.
  const volumes = movedVolumes(config, from.listed, true).map((one) => ({ ...one, mirrored: true }));
  const [largest] = volumes.toSorted((a, b) => b.bytes - a.bytes);
  if (largest === undefined) return { storage: undefined, bytes: 0, stops: [] };
  const { map, stops } = planStorages({
    ...{ type, node: to.chosen.node, targets: to.storages.filter(holdsGuests(type)), asked, preferred },
    volumes: volumes.map((one) => ({ ...one, storage: largest.storage })),
    sourceTypes: from.storageTypes,
  });
  return { storage: map[0]?.target, bytes: bytesOf(volumes), stops };
}

const holdsGuests = (type: 'qemu' | 'lxc') => (one: TargetStorage) => one.content.includes(contentOf(type));

function changedNics({ config }: SourceFacts['guest'], map: readonly BridgeMove[]): [string, string][] {
  return nicsOf(config).flatMap(({ nic, bridge }): [string, string][] => {
    const target = map.find(({ source }) => source === bridge)?.target;
    const line = configText(config[nic]);
    if (target === undefined || target === bridge || line === undefined) return [];
    return [[nic, line.replace(/((?:^|,)bridge=)[^,]+/, `$1${target}`)]];
  });
}

interface Archive {
  readonly type: 'qemu' | 'lxc';
  readonly vmid: number;
  readonly storage: string;
  /** Seconds since the epoch. */
  readonly since: number;
}

/** The backup that was just made, as the other cluster sees it; in a plan there is none yet. */
export function archiveOf(volumes: readonly Volume[], { type, vmid, storage, since }: Archive): string {
  const own = volumes.filter((one) => one.vmid === vmid && belongs(one, type));
  const [newest] = own.toSorted((a, b) => (b.ctime ?? 0) - (a.ctime ?? 0));
  // Clocks of two clusters differ by some seconds, and a backup bears the time of its beginning.
  if (newest !== undefined && (newest.ctime ?? 0) >= since - 120) return newest.volid;
  throw new Refused(
    `the new backup of guest ${vmid} is not seen on storage '${storage}' of the target`,
    'The token needs Datastore.Allocate on that storage there, to see backups of a guest that it does not have.',
  );
}

const belongs = ({ volid, subtype }: Volume, type: 'qemu' | 'lxc') =>
  subtype === undefined ? volid.includes(type === 'qemu' ? 'qemu' : 'lxc') || volid.includes('/vm/') : subtype === type;
