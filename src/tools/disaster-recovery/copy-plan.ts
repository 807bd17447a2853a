import { attempt } from '../../pve/attempt.js';
import { type GuestConfig, nicsOf } from '../../pve/guest-config.js';
import { nameOrNone } from '../../pve/quoted.js';
import type { SharedStorage } from '../federation/shared-storages.js';
import { type Finding, those } from '../migration-between/finding.js';
import { privilegeStops } from '../migration-between/privilege-stops.js';
import type { ChosenNode } from '../migration-between/read-destination.js';
import { Refused } from '../refused.js';
import { type ChosenStorage, chooseShared, collision } from './chosen-storage.js';
import type { Copy, CopySides } from './copy-calls.js';
import { type CopyFacts, keysOf, readCopy } from './read-copy.js';
import { leftWarnings, planStandby, readingStops, type StandbyPlan } from './standby-plan.js';

/** Everything that is decided before the first request that changes something. */
export interface CopyPlan {
  readonly chosen: ChosenNode;
  readonly shared: ChosenStorage;
  readonly warnings: readonly Finding[];
  /** Where it is to be restored. */
  readonly standby: Standby | undefined;
}

type Standby = StandbyPlan & { readonly vmid: number };

/**
 * Reads both sides, shows the plan and decides.
 * @throws {Refused} with all that hinders it at once
 */
export async function planCopy(context: Copy, sides: CopySides): Promise<CopyPlan> {
  const { target, input } = context;
  const facts = await readCopy(context, sides);
  const shared = chooseShared(facts.candidates, {
    ...{ named: input.storage, preferred: target.source.info.defaultStorage },
    ...{ source: target.source.info.name, target: target.destination.info.name },
  });
  const standby = input.restore ? await standbyOf(context, sides, facts) : undefined;
  const known = 'code' in shared ? undefined : shared.storage;
  const warnings = [
    ...leftWarnings({ type: target.type, config: facts.here.config }),
    ...(known === undefined ? [] : storageWarnings(context, facts, known)),
    ...sameNamed(context, facts),
    ...(standby?.warnings ?? []),
  ];
  const stops = [
    ...('code' in shared ? [shared] : []),
    ...those(facts.here.lock !== undefined && { code: 'lock', message: `it is locked (${facts.here.lock})` }),
    ...(known === undefined ? [] : privileges(context, facts, known, standby)),
    ...(await taken(context, sides)),
    ...(standby?.stops ?? []),
  ];
  show(context, { facts, shared, standby, warnings });
  if (stops.length === 0 && !('code' in shared)) return { chosen: facts.there.chosen, shared, warnings, standby };
  throw new Refused(
    `guest ${target.vmid} cannot be copied to '${target.destination.info.name}': ${stops.map(({ message }) => message).join('; ')}`,
    'Do what each of hard_stops says, and call again.',
    { hard_stops: stops },
  );
}

async function standbyOf({ target, input }: Copy, sides: CopySides, { here, there }: CopyFacts): Promise<Standby> {
  const vmid = input.target_vmid ?? (await sides.destination.claimVmid(undefined, async (free) => free, target.vmid));
  const plan = planStandby({
    ...{ type: target.type, config: here.config, running: here.running, node: there.chosen.node },
    ...{ storages: there.storages, bridges: there.bridges?.map(({ iface }) => iface), asked: input.target_storage },
    sourceTypes: new Map(here.definitions.map(({ storage, type }) => [storage, type])),
    preferred: target.destination.info.defaultStorage,
    ...{ unique: input.unique === true, start: input.start === true },
  });
  return { ...plan, vmid };
}

async function taken({ input }: Copy, { destination }: CopySides): Promise<Finding[]> {
  if (input.target_vmid === undefined) return [];
  const free = await attempt(destination.call.isFree({}, { vmid: input.target_vmid }));
  return those(
    'error' in free && {
      code: 'vmid',
      message: `VMID ${input.target_vmid} is not free there`,
      fix: "Leave 'target_vmid' out; to replace a stopped guest leave 'restore' out, and use proxmox-restore-vm or -lxc with overwrite.",
    },
  );
}

function privileges(
  { target, input }: Copy,
  { here, there }: CopyFacts,
  shared: SharedStorage,
  standby: Standby | undefined,
): Finding[] {
  const { source, destination } = target;
  const needs = [
    { need: `VM.Backup on /vms/${target.vmid}`, why: 'to back it up' },
    { need: `Datastore.AllocateSpace on /storage/${shared.source}`, why: 'for the backup' },
  ];
  const restoring = [
    { need: `VM.Allocate on /vms/${standby?.vmid}`, why: 'to make the guest' },
    ...(standby?.storage === undefined
      ? []
      : [{ need: `Datastore.AllocateSpace on /storage/${standby.storage}`, why: 'for its disks' }]),
    ...(standby?.offOnBoot ? [{ need: `VM.Config.Options on /vms/${standby?.vmid}`, why: 'to set onboot' }] : []),
    ...bridgeNeeds(here.config, there.bridges ?? []),
    ...(input.start ? [{ need: `VM.PowerMgmt on /vms/${standby?.vmid}`, why: 'to start it' }] : []),
  ];
  const { name, tokenId } = destination.info;
  const onTarget = { cluster: name, tokenId, granted: there.granted };
  const freeVmid = input.target_vmid === undefined ? standby?.vmid : undefined;
  return [
    ...privilegeStops({ cluster: source.info.name, tokenId: source.info.tokenId, granted: here.granted }, needs),
    ...readingStops(name, tokenId, there.granted, { storage: shared.target, vmid: target.vmid }),
    ...(standby === undefined ? [] : privilegeStops({ ...onTarget, freeVmid }, restoring)),
  ];
}

/** A restore asks for these in its task, when the backup is made already (qemu-server, check_restore_permissions). */
const bridgeNeeds = (config: GuestConfig, bridges: NonNullable<CopyFacts['there']['bridges']>) =>
  nicsOf(config)
    .filter(({ bridge }) => bridges.some(({ iface, type }) => iface === bridge && /^(?:bridge|OVSBridge)$/.test(type)))
    .map(({ bridge, tag }) => ({
      need: `SDN.Use on /sdn/zones/localnetwork/${bridge}${tag === undefined ? '' : `/${tag}`}`,
      why: 'for its network card',
    }));

function storageWarnings({ target }: Copy, facts: CopyFacts, storage: SharedStorage): Finding[] {
  const cluster = target.destination.info.name;
  const twin = facts.there.guests.find(({ vmid }) => vmid === target.vmid);
  const keys = keysOf(facts, storage);
  return [
    ...collision(storage, target.vmid, twin && { cluster, name: twin.name }),
    ...those(
      keys.source !== undefined &&
        keys.source !== keys.target && {
          code: 'encryption_key',
          message: `the source encrypts its backups with a key that '${storage.target}' of '${cluster}' does not have: they are listed there, and cannot be restored`,
          fix: 'Give the storage there the same encryption key.',
        },
    ),
  ];
}

/** What an earlier call may have left there. */
function sameNamed({ target, input }: Copy, { there }: CopyFacts): Finding[] {
  const same = target.name === undefined ? [] : there.guests.filter(({ name }) => name === target.name);
  return those(
    input.restore === true &&
      same.length > 0 && {
        code: 'same_name',
        message: `${nameOrNone(target.name)} is there already, as ${same.map(({ vmid }) => vmid).join(', ')}: it stays, and this makes another`,
      },
  );
}

interface Shown {
  readonly facts: CopyFacts;
  readonly shared: ChosenStorage | Finding;
  readonly standby: Standby | undefined;
  readonly warnings: readonly Finding[];
}

function show({ present, input }: Copy, { facts, shared, standby, warnings }: Shown): void {
  const { node, reason } = facts.there.chosen;
  present({
    shared_storages: facts.candidates,
    ...('code' in shared ? {} : { storage: `${shared.storage.source}: ${shared.reason}` }),
    target_node: `${node}: ${reason}`,
    ...(standby === undefined
      ? {}
      : {
          standby: {
            ...{ vmid: standby.vmid, storage: standby.storage, unique: input.unique === true },
            ...{ start: input.start === true, ...(standby.offOnBoot ? { onboot: false } : {}) },
          },
        }),
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}
