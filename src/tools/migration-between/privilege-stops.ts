import type { Permissions } from '../../pve/discovery.js';
import { type GuestConfig, type Nic, nicsOf } from '../../pve/guest-config.js';
import { grantWithCommands, holds, inheritedOn, mildest, parseNeed } from '../../pve/privileges.js';
import { configPrivileges } from './config-privileges.js';
import { mappingsOf } from './devices.js';
import type { Finding } from './finding.js';

/** What a token needs, and why. */
interface Need {
  readonly need: string;
  readonly why: string;
}

interface SourceNeeds {
  readonly vmid: number;
  readonly deletes: boolean;
}

/** Proxmox asks no more of the source, even where its guest is deleted: that is asked for here. */
export const sourceNeeds = ({ vmid, deletes }: SourceNeeds): Need[] => [
  { need: `VM.Migrate on /vms/${vmid}`, why: 'to move it away' },
  ...(deletes ? [{ need: `VM.Allocate on /vms/${vmid}`, why: 'to delete it at the source' }] : []),
];

export interface TargetNeeds {
  readonly type: 'qemu' | 'lxc';
  readonly config: GuestConfig;
  readonly vmid: number;
  readonly storages: readonly string[];
  readonly bridgeOf: (source: string) => string | undefined;
  /** A vnet's zone by its name. */
  readonly zones: ReadonlyMap<string, string>;
  /** The version of the target node. */
  readonly major: number;
}

/** What the token that the source is given needs on the target. */
export function targetNeeds(wish: TargetNeeds): Need[] {
  const { type, config, vmid, major } = wish;
  const privileged = type === 'lxc' && String(config.unprivileged ?? 0) !== '1';
  return [
    { need: `VM.Allocate on /vms/${vmid}`, why: 'to make the guest' },
    { need: 'Sys.Incoming on /', why: 'to take a guest in from another cluster' },
    { need: 'Sys.Audit on /', why: 'the source asks for the status of this cluster' },
    ...configPrivileges(type, config).map((privilege) => ({
      need: `${privilege} on /vms/${vmid}`,
      why: 'the configuration is put in place with this token',
    })),
    ...[...new Set(wish.storages)].sort().map((storage) => ({
      need: `Datastore.AllocateSpace on /storage/${storage}`,
      why: 'for its disks',
    })),
    ...(major >= 8 ? nicsOf(config).flatMap((nic) => bridgeNeed(nic, wish)) : []),
    ...mappingsOf(config).map(({ kind, id }) => ({
      need: `Mapping.Use on /mapping/${kind}/${id}`,
      why: 'for its device',
    })),
    ...(config.startup === undefined ? [] : [{ need: 'Sys.Modify on /', why: 'the guest has an order of startup' }]),
    ...(privileged && major >= 9 ? [{ need: 'Sys.Modify on /', why: 'the container is privileged' }] : []),
  ];
}

function bridgeNeed({ bridge, tag }: Nic, { bridgeOf, zones }: TargetNeeds): Need[] {
  const target = bridge === undefined ? undefined : bridgeOf(bridge);
  if (target === undefined) return [];
  const path = `/sdn/zones/${zones.get(target) ?? 'localnetwork'}/${target}${tag === undefined ? '' : `/${tag}`}`;
  return [{ need: `SDN.Use on ${path}`, why: 'for its network card' }];
}

interface Bearer {
  readonly cluster: string;
  readonly tokenId: string;
  readonly granted: Permissions;
  /** A VMID that nobody asked for: another call may get another, so it is not what a right is given on. */
  readonly freeVmid?: number | undefined;
}

/** A stop for each path on which something is missing, with the commands that grant it. */
export function privilegeStops({ cluster, tokenId, granted, freeVmid }: Bearer, needs: readonly Need[]): Finding[] {
  const byPath = new Map<string, Missing[]>();
  for (const { need, why } of new Map(needs.map((one) => [one.need, one])).values()) {
    const { anyOf, path } = parseNeed(need);
    if (holds(granted, { anyOf, path })) continue;
    const place = path === `/vms/${freeVmid}` ? '/vms' : path;
    byPath.set(place, [...(byPath.get(place) ?? []), { anyOf, why }]);
  }
  return [...byPath].map(([path, missing]) => ({
    code: 'privilege',
    message: `the token of cluster '${cluster}' lacks ${missing.map(({ anyOf }) => anyOf.join(' or ')).join(', ')} on ${path}, ${[...new Set(missing.map(({ why }) => why))].join('; ')}`,
    fix: `On a node of '${cluster}' (and for the token's user, where he lacks it too):`,
    pveum: grantWithCommands(tokenId, path, {
      missing: missing.flatMap(({ anyOf }) => mildest(anyOf)),
      kept: inheritedOn(granted, path),
    }),
  }));
}

interface Missing {
  readonly anyOf: readonly string[];
  readonly why: string;
}
