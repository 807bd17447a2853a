import { attempt } from '../../pve/attempt.js';
import { isPlanned } from '../../pve/upid.js';
import { startBackup } from '../backup/vzdump.js';
import { type SharedStorage, sharedStorages } from '../federation/shared-storages.js';
import { Refused } from '../refused.js';
import type { BackupPlan } from './backup-plan.js';
import { archiveOf, planByBackup } from './backup-plan.js';
import { readSide } from './both-sides.js';
import { writeIdMap } from './id-map.js';
import type { Move, MoveResult } from './move-calls.js';
import { keptUnlocked, tellChoices } from './move-choices.js';
import { readBoth, type Sides, takenVmid } from './read-both.js';
import type { ChosenNode } from './read-destination.js';

interface Steps extends Sides {
  readonly plan: BackupPlan;
  readonly shared: SharedStorage;
  readonly wasRunning: boolean;
  /** What becomes of the source, where it is kept. */
  readonly kept: string;
}

/** Moves a guest by a backup on a storage that both clusters mount: it is down from the first step to the last. */
export async function moveByBackup(context: Move): Promise<MoveResult> {
  const { target, input } = context;
  const { sides, maps, from, to } = await readBoth(context);
  if ('code' in to) throw new Refused(to.message, to.fix ?? 'Bring a node of it back.', { hard_stops: [to] });
  const [here, there] = await Promise.all([sides.source.call.definitions({}), sides.destination.call.definitions({})]);
  const wish = { content: 'backup', node: target.node, targetNode: to.chosen.node } as const;
  const both = sharedStorages(here.data, there.data, wish);
  const taken = await takenVmid(sides, input.target_vmid);
  const steps = await sides.destination.claimVmid(
    input.target_vmid,
    async (vmid) => {
      const plan = planByBackup({ target, input, maps, vmid, from, to, shared: both[0] });
      const kept = keptUnlocked(from, target.source.info.name);
      const shared = choose(context, both, { ...plan, stops: [...taken, ...plan.stops] }, { ...to.chosen, kept });
      await tellChoices(context, sides, { vmid, node: to.chosen.node });
      return { ...sides, plan, shared, kept, wasRunning: from.guest.running };
    },
    target.vmid,
  );
  return carry(context, steps);
}

/**
 * Shows the plan, and takes the first storage that both have.
 * @throws {Refused} with all that hinders it
 */
function choose(
  { target, input, present }: Move,
  both: readonly SharedStorage[],
  plan: BackupPlan,
  { node, reason, kept }: ChosenNode & Pick<Steps, 'kept'>,
): SharedStorage {
  const { vmid, bytes, storage, bridges, warnings } = plan;
  const [shared] = both;
  present({
    ...{
      target_node: `${node}: ${reason}`,
      target_vmid: vmid,
      bytes,
      storage,
      bridge_map: bridges,
      shared_storages: both,
    },
    source_afterwards: input.delete_source ? 'deleted once the guest is seen whole at the target' : kept,
    ...(warnings.length > 0 ? { warnings } : {}),
  });
  const none = { code: 'shared_storage', message: 'no storage for backups is seen that both clusters mount' };
  const stops = [...plan.stops, ...(shared === undefined ? [none] : [])];
  if (stops.length === 0 && shared !== undefined) return shared;
  throw new Refused(
    `guest ${target.vmid} cannot go to '${target.destination.info.name}' by a backup: ${stops.map(({ message }) => message).join('; ')}`,
    'Do what each of hard_stops says, and call again.',
    { hard_stops: stops },
  );
}

async function carry(context: Move, steps: Steps): Promise<MoveResult> {
  const { target, input, nowLeft, offerUndo } = context;
  const { source, shared, wasRunning } = steps;
  const there = target.destination.info.name;
  const place = `node ${steps.plan.node} of '${there}'`;
  const way = target.type === 'qemu' ? 'proxmox-restore-vm' : 'proxmox-restore-lxc';
  context.outline(
    "It is down until the last step, and a call that runs out of time leaves it so: give 'timeout' up to 3600.",
  );
  const start = wasRunning ? ', and its start there' : '';
  nowLeft(`the backup to '${shared.source}', and its restore on ${place} (${way})${start}`);
  if (wasRunning) {
    await source.finish((await source.call.shutdown(target)).data);
    const again = target.type === 'qemu' ? 'proxmox-start-vm' : 'proxmox-start-lxc';
    offerUndo(`Start guest ${target.vmid} on '${target.source.info.name}' again: ${again}.`);
  }
  const archive = await backUp(context, steps);
  nowLeft(`the restore of ${archive} on ${place} (${way})${start}`);
  const { vmid, upid } = await restore(context, steps, archive);
  const restored = { ...steps, plan: { ...steps.plan, vmid } };
  offerUndo(`Delete guest ${vmid} on '${there}'.`);
  nowLeft(`the bridges of the network cards of guest ${vmid} on ${place}${start}`);
  await rewire(context, restored);
  await startThere(context, restored);
  const seen = await readSide(steps.destination.call, { node: steps.plan.node, type: target.type, vmid });
  const good = seen.there === true && seen.lock === undefined && (!wasRunning || seen.status === 'running');
  // What is not seen to be whole there is deleted nowhere.
  if (input.delete_source && (good || isPlanned(upid))) {
    nowLeft(`the deletion of guest ${target.vmid} at the source`);
    await source.finish((await source.call.remove(target, { purge: true })).data);
  }
  const end = { upid, archive, via: shared.where, good, status: seen.status };
  return told(context, restored, end);
}

/** The VMID that was planned, or another where somebody took it meanwhile. */
async function restore({ target, input }: Move, { destination, plan }: Steps, archive: string) {
  const made = await destination.claimVmid(
    input.target_vmid,
    async (vmid) => {
      const { data: upid } = await destination.call.restore(
        { node: plan.node, type: target.type },
        {
          vmid,
          ...(target.type === 'qemu' ? { archive } : { ostemplate: archive, restore: true }),
          storage: plan.storage,
          bwlimit: input.bwlimit,
        },
      );
      return { vmid, upid };
    },
    plan.vmid,
  );
  await destination.finish(made.upid);
  return made;
}

async function startThere({ target }: Move, { destination, plan, wasRunning }: Steps): Promise<void> {
  if (!wasRunning) return;
  const place = { node: plan.node, type: target.type, vmid: plan.vmid };
  await destination.finish((await destination.call.start(place)).data);
}

/** The source is off: what is backed up is whole. */
async function backUp({ target, input }: Move, { source, destination, plan, shared }: Steps): Promise<string> {
  const { node, vmid, type } = target;
  const since = source.clusterTime() / 1000;
  const notes = '{{guestname}} on its way to another cluster';
  const terms = { vmid, storage: shared.source, mode: 'stop', notes, bwlimit: input.bwlimit } as const;
  const upid = await startBackup(source.call.vzdump, node, terms);
  await source.finish(upid);
  if (isPlanned(upid)) return `${shared.target}:the new backup`;
  const list = await attempt(
    destination.call.content({ node: plan.node, storage: shared.target }, { content: 'backup', vmid }),
  );
  if ('error' in list) throw list.error;
  return archiveOf(list.value.data, { type, vmid, storage: shared.target, since });
}

/** Network cards that go to bridges of other names. */
async function rewire({ target }: Move, { destination, plan }: Steps): Promise<void> {
  if (plan.nics.length === 0) return;
  const place = { node: plan.node, type: target.type, vmid: plan.vmid };
  await destination.call.reconfigure(place, Object.fromEntries(plan.nics));
}

interface End {
  readonly upid: string;
  readonly archive: string;
  readonly via: string;
  readonly good: boolean;
  readonly status: string | undefined;
}

function told({ target, input }: Move, { plan, kept }: Steps, { upid, archive, via, good, status }: End): MoveResult {
  const there = target.destination.info.name;
  const deleted = input.delete_source && good;
  return {
    ...{ vmid: target.vmid, name: target.name, node: target.node, target_cluster: there },
    ...{ target_node: plan.node, target_vmid: plan.vmid, upid },
    outcome: good ? 'moved' : 'moved_with_problems',
    summary: `Guest ${plan.vmid} was restored on node ${plan.node} of '${there}' from ${archive} (${via}) and is ${status ?? 'not seen there'}.`,
    todo: [deleted ? 'The source is deleted.' : `The source is ${kept}`, `The backup ${archive} is kept.`],
    storage: plan.storage,
    bridge_map: writeIdMap(plan.bridges),
    ...(plan.warnings.length > 0 ? { warnings: [...plan.warnings] } : {}),
    ...(good ? {} : { failed: 1 }),
  };
}
