import type { Permissions } from '../../pve/discovery.js';
import { disksOf, type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { grantWithCommands, inheritedOn } from '../../pve/privileges.js';
import { propertyFlag } from '../../pve/property-string.js';
import { type Finding, type Findings, those } from '../migration-between/finding.js';
import { movedVolumes } from '../migration-between/moved-volumes.js';
import { planStorages, type TargetStorage } from '../migration-between/storage-map.js';
import { mayRead } from './may-read.js';

interface Wish {
  readonly type: 'qemu' | 'lxc';
  readonly config: GuestConfig;
  readonly running: boolean;
  readonly node: string;
  readonly storages: readonly TargetStorage[];
  /** Type by name, of the source's storages. */
  readonly sourceTypes: ReadonlyMap<string, string>;
  /** Absent where they could not be read. */
  readonly bridges: readonly string[] | undefined;
  readonly asked: string | undefined;
  readonly preferred: string | undefined;
  readonly unique: boolean;
  readonly start: boolean;
}

/** How a backup becomes a guest of the other cluster. */
export interface StandbyPlan extends Findings {
  /** Where all its disks go. */
  readonly storage: string | undefined;
  /** Whether it shall no longer start with its node: a standby that does would run beside its source. */
  readonly offOnBoot: boolean;
}

export function planStandby(wish: Wish): StandbyPlan {
  const { type, config, node, storages, sourceTypes, asked, preferred } = wish;
  const backedUp = Object.fromEntries(Object.entries(config).filter(([key]) => !left(wish).includes(key)));
  // All disks are written anew and to one storage: to the one that is most like that of the largest.
  const volumes = movedVolumes(backedUp, [], true).map((one) => ({ ...one, mirrored: true }));
  const [largest] = volumes.toSorted((a, b) => b.bytes - a.bytes);
  const placed = planStorages({
    ...{ type, node, targets: storages, sourceTypes, preferred },
    volumes: volumes.map((one) => ({ ...one, storage: largest?.storage ?? one.storage })),
    asked: { named: new Map(), ...(asked === undefined ? {} : { others: asked }) },
  });
  const network = bridgeFindings(wish);
  return {
    storage: placed.map[0]?.target ?? asked,
    offOnBoot: !wish.start && propertyFlag(String(config.onboot ?? '')) === true,
    stops: [
      ...placed.stops.map(({ code, message }) => ({ code, message, fix: "Name another as 'target_storage'." })),
      ...those(
        wish.start &&
          wish.running &&
          !wish.unique && {
            code: 'same_macs',
            message: 'the source runs, and its twin would run beside it with the same MACs',
            fix: "Leave 'start' out for a standby, set 'unique', or shut the source down first.",
          },
      ),
      ...network.stops,
    ],
    warnings: [
      ...those(
        wish.start &&
          wish.running &&
          wish.unique && {
            code: 'same_addresses',
            message: 'addresses and names that are set inside the guest are the same in both, and both run',
          },
      ),
      ...network.warnings,
      ...deviceWarnings(config, node),
    ],
  };
}

/** The disks that a backup leaves out. */
export function left({ type, config }: Pick<Wish, 'type' | 'config'>): string[] {
  return disksOf(config)
    .filter(({ disk, options, media }) => {
      if (media === 'cdrom') return false;
      const backup = /(?:^|,)backup=(\w+)/.exec(options ?? '')?.[1];
      if (type === 'qemu') return disk.startsWith('unused') || propertyFlag(backup) === false;
      return disk.startsWith('unused') || (disk.startsWith('mp') && propertyFlag(backup) !== true);
    })
    .map(({ disk }) => disk);
}

export const leftWarnings = (guest: Pick<Wish, 'type' | 'config'>): Finding[] => {
  const keys = left(guest);
  return those(
    keys.length > 0 && { code: 'not_in_backup', message: `a backup of it does not hold ${keys.join(', ')}` },
  );
};

function bridgeFindings({ config, bridges, node, start }: Wish): Findings {
  const used = [...new Set(nicsOf(config).flatMap(({ bridge }) => bridge ?? []))].sort();
  if (bridges === undefined)
    return { stops: [], warnings: [{ code: 'unread', message: `the bridges of node '${node}' could not be read` }] };
  const missing = used.filter((bridge) => !bridges.includes(bridge));
  if (missing.length === 0) return { stops: [], warnings: [] };
  const finding = {
    code: 'bridge',
    message: `node '${node}' has no bridge ${missing.join(', ')}, as far as the token may see: the restored guest cannot start so`,
    fix: "Leave 'start' out, and give its network cards another bridge with proxmox-nic-change before it is started.",
  };
  return start ? { stops: [finding], warnings: [] } : { stops: [], warnings: [finding] };
}

function deviceWarnings(config: GuestConfig, node: string): Finding[] {
  const devices = Object.keys(config).filter((key) => /^(?:hostpci|usb|dev)\d+$/.test(key));
  return those(
    devices.length > 0 && {
      code: 'passthrough',
      message: `${devices.join(', ')}: devices of its node, which node '${node}' may not have`,
    },
  );
}

/**
 * That a token may not see and read the backups of a guest: its cluster has none of that VMID, or another one
 * (pve-storage, Storage.pm, check_volume_access).
 */
export function readingStops(
  cluster: string,
  tokenId: string,
  granted: Permissions,
  { storage, vmid }: { readonly storage: string; readonly vmid: number },
): Finding[] {
  const path = `/storage/${storage}`;
  if (mayRead(granted, storage, vmid)) return [];
  return [
    {
      code: 'privilege',
      message: `the token of cluster '${cluster}' lacks Datastore.Allocate on ${path} (or Datastore.AllocateSpace there and VM.Backup on /vms/${vmid}), to see and read a backup of a guest of another cluster`,
      fix: `On a node of '${cluster}' (and for the token's user, where he lacks it too):`,
      pveum: grantWithCommands(tokenId, path, { missing: ['Datastore.Allocate'], kept: inheritedOn(granted, path) }),
    },
  ];
}
