import { attemptWait } from '../../pve/attempt.js';
import { parseUpid } from '../../pve/upid.js';
import { namedVolumes, readSide, volumesLeft } from './both-sides.js';
import { writeIdMap } from './id-map.js';
import type { Move, MoveResult } from './move-calls.js';
import { dropToken, keptToken } from './move-token.js';
import { type Ended, judge } from './outcome.js';
import type { Sides } from './read-both.js';
import type { Begun } from './remote-move.js';

const goesOn = (cluster: string) =>
  `The move goes on: proxmox-wait-task with its upid and cluster '${cluster}' tells how it ends; then look at the guest on both.`;

/** Waits for a move, and tells from both sides what came of it. */
export async function followMove(context: Move, sides: Sides, begun: Begun): Promise<MoveResult> {
  const { target } = context;
  const { upid, plan, vmid, chosen, token } = begun;
  const there = target.destination.info.name;
  const head = {
    ...{ vmid: target.vmid, name: target.name, node: target.node, target_cluster: there },
    ...{ target_node: chosen.node, target_vmid: vmid, upid },
    storage_map: writeIdMap(plan.storages),
    bridge_map: writeIdMap(plan.bridges),
    ...(plan.warnings.length > 0 ? { warnings: [...plan.warnings] } : {}),
  };
  const begunOnly = {
    ...{ ...head, outcome: 'running', token: keptToken(token, there) },
    summary: `The move to '${there}' has begun.`,
    todo: [goesOn(target.source.info.name)],
  };
  const timeout = context.secondsLeft();
  if (timeout <= 0) return begunOnly;
  const node = parseUpid(upid)?.node ?? target.node;
  const seen = await attemptWait(sides.source.wait({ node, upid }, { timeout }));
  if ('error' in seen)
    return {
      ...{ ...begunOnly, outcome: 'unclear', failed: 1, task: { state: 'unknown', waited: 0, log: [] } },
      summary: `The move to '${there}' has begun, and its task can no longer be seen.`,
    };
  const { state, exitstatus, waited, log } = seen.value;
  const task = { state, exitstatus, waited, log: [...log] };
  if (state === 'running') return { ...begunOnly, task };
  // Nothing opens a new connection any more.
  const gone = await dropToken(sides.destination.call, token, there);
  return { ...head, task, token: gone, ...(await lookAtBoth(context, sides, begun, { state, exitstatus })) };
}

async function lookAtBoth(
  { target, input }: Move,
  { source, destination }: Sides,
  { vmid, chosen, from, plan, upid }: Begun,
  end: Pick<Ended, 'state' | 'exitstatus'>,
): Promise<Pick<MoveResult, 'outcome' | 'summary' | 'todo' | 'leftover_volumes' | 'named_volumes' | 'failed'>> {
  const { type, node } = target;
  const [here, there] = await Promise.all([
    readSide(source.call, { node, type, vmid: target.vmid }),
    readSide(destination.call, { node: chosen.node, type, vmid }),
  ]);
  const verdict = judge({
    ...{ type, node, ...end, source: here, target: there, vmid: target.vmid, targetVmid: vmid },
    ...{ cluster: target.source.info.name, targetCluster: target.destination.info.name, targetNode: chosen.node },
    ...{ wasRunning: from.guest.running, deletes: input.delete_source === true },
  });
  const { outcome, summary, todo } = verdict;
  const told = { outcome, summary, ...(todo.length > 0 ? { todo: [...todo] } : {}) };
  if (outcome === 'moved') return told;
  const storages = [...new Set(plan.storages.map((one) => one.target))];
  const left = there.there === false ? await volumesLeft(destination.call.content, chosen.node, vmid, storages) : [];
  const named = await namedVolumes(source.call.log, upid);
  const volumes = [
    ...todo,
    ...(left === undefined ? ['Which volumes are left on the target could not be listed: see named_volumes.'] : []),
    ...(left !== undefined && left.length > 0
      ? ['Delete the leftover_volumes on the target with proxmox-delete-volume.']
      : []),
  ];
  return {
    ...{ ...told, failed: 1 },
    ...(volumes.length > 0 ? { todo: volumes } : {}),
    ...(left !== undefined && left.length > 0 ? { leftover_volumes: left } : {}),
    ...(named.length > 0 ? { named_volumes: named } : {}),
  };
}
