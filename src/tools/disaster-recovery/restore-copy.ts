import { isPlanned } from '../../pve/upid.js';
import type { Copy, CopyResult, CopySide } from './copy-calls.js';
import type { CopyPlan } from './copy-plan.js';
import { taskOf, waitFor } from './wait-for.js';

interface Wanted {
  readonly plan: NonNullable<CopyPlan['standby']>;
  readonly node: string;
  readonly archive: string;
}

type Made = Pick<CopyResult, 'standby' | 'upid' | 'task' | 'outcome' | 'todo' | 'failed'> & {
  readonly summary: string;
};

/** Restores a backup on the other cluster, and starts the guest where that is asked. */
export async function restoreCopy(context: Copy, side: CopySide, { plan, node, archive }: Wanted): Promise<Made> {
  const { target, input } = context;
  const { type } = target;
  const there = target.destination.info.name;
  const { vmid, upid } = await side.claimVmid(
    input.target_vmid,
    async (vmid) => {
      const { data: upid } = await side.call.restore(
        { node, type },
        {
          vmid,
          ...(type === 'qemu' ? { archive } : { ostemplate: archive, restore: true }),
          storage: plan.storage,
          unique: input.unique || undefined,
          onboot: plan.offOnBoot ? false : undefined,
        },
      );
      return { vmid, upid };
    },
    plan.vmid,
  );
  const standby = { vmid, node, storage: plan.storage };
  const ended = await waitFor(side, upid, context.secondsLeft());
  const told = { upid, task: taskOf(ended) };
  const remove = type === 'qemu' ? 'proxmox-delete-vm' : 'proxmox-delete-lxc';
  if (ended.outcome === 'failed')
    return {
      ...{ ...told, outcome: 'restore_failed', failed: 1, standby: { ...standby, status: 'not whole' } },
      summary: `Its restore as guest ${vmid} failed; the backup stays.`,
      todo: [
        `What is left of guest ${vmid} on '${there}' is not whole, and may be locked: take it away with ${remove}.`,
        `The backup ${archive} can be restored again, with ${restoreTool(type)} and cluster '${there}'.`,
      ],
    };
  if (ended.outcome !== 'ok')
    return {
      ...{ ...told, outcome: 'running', standby: { ...standby, status: 'being restored' } },
      summary: `Its restore as guest ${vmid} on node ${node} ${ended.outcome === 'unseen' ? 'was begun, and its task can no longer be seen' : 'goes on'}.`,
      todo: [`proxmox-wait-task with this upid and cluster '${there}' tells how it ends.`],
      ...(input.start || ended.outcome === 'unseen' ? { failed: 1 } : {}),
    };
  context.offerUndo(`Delete guest ${vmid} on '${there}': ${remove}.`);
  if (!input.start) return { ...told, ...asStandby(context, standby) };
  return startCopy(context, side, standby);
}

const restoreTool = (type: 'qemu' | 'lxc') => (type === 'qemu' ? 'proxmox-restore-vm' : 'proxmox-restore-lxc');

interface Standby {
  readonly vmid: number;
  readonly node: string;
  readonly storage: string | undefined;
}

function asStandby({ target, input }: Copy, standby: Standby) {
  const { source, destination } = target;
  return {
    ...{ outcome: 'restored', standby: { ...standby, status: 'stopped' } },
    summary: `It is restored as guest ${standby.vmid} on node ${standby.node} of '${destination.info.name}', and is off.`,
    ...(input.unique
      ? {}
      : {
          todo: [`It has the MACs of guest ${target.vmid} of '${source.info.name}': start only one of the two.`],
        }),
  };
}

async function startCopy(context: Copy, side: CopySide, standby: Standby): Promise<Made> {
  const { target, nowLeft } = context;
  const { vmid, node } = standby;
  nowLeft(`the start of guest ${vmid} on '${target.destination.info.name}'`);
  const { data: upid } = await side.call.start({ node, type: target.type, vmid });
  const ended = await waitFor(side, upid, context.secondsLeft());
  const told = { upid, task: taskOf(ended) };
  const where = `guest ${vmid} on node ${node} of '${target.destination.info.name}'`;
  if (ended.outcome === 'ok') {
    const status = isPlanned(upid) ? 'started' : 'running';
    return {
      ...told,
      outcome: 'started',
      standby: { ...standby, status },
      summary: `It is restored as ${where}, and runs.`,
    };
  }
  const failed = ended.outcome === 'failed';
  return {
    ...{
      ...told,
      outcome: failed ? 'start_failed' : 'running',
      standby: { ...standby, status: failed ? 'stopped' : 'starting' },
    },
    summary: `It is restored as ${where}${failed ? ', but did not start' : ', and its start goes on'}.`,
    ...(failed || ended.outcome === 'unseen' ? { failed: 1 } : {}),
  };
}
