import { attempt } from '../../pve/attempt.js';
import type { RequestError } from '../../pve/errors.js';
import { followMove } from './follow-move.js';
import type { CpuVerdict } from './guest-stops.js';
import { writeIdMap } from './id-map.js';
import type { Move, MoveResult } from './move-calls.js';
import { tellChoices } from './move-choices.js';
import { dropToken, giveRights, keptToken, leftTokens, makeToken, planToken, type TokenPlan } from './move-token.js';
import { bytesOf } from './moved-volumes.js';
import { type MovePlan, planMove } from './preflight.js';
import { presentMove, refuseMove } from './present-move.js';
import { type Maps, readBoth, type Sides, takenVmid } from './read-both.js';
import { readCpuModel } from './read-cpu-model.js';
import type { ChosenNode, DestinationFacts } from './read-destination.js';
import type { SourceFacts } from './read-source.js';
import { mayHaveBegun, startRefusal } from './start-refused.js';

/** A move that Proxmox was asked for. */
export interface Begun {
  readonly vmid: number;
  readonly plan: MovePlan;
  readonly chosen: ChosenNode;
  readonly from: SourceFacts;
  readonly token: TokenPlan;
  readonly upid: string;
}

/** Moves a guest by `remote_migrate`: both sides are read first, and nothing is sent where something hinders it. */
export async function moveRemotely(context: Move): Promise<MoveResult> {
  const { target, input } = context;
  const { sides, maps, from, to } = await readBoth(context);
  if ('code' in to) return refuseMove(context, sides, { from, stops: [to] });
  const cpu = await readCpuModel(sides.source.call, sides.destination.call, from.guest, to.chosen.node);
  const begun = await sides.destination.claimVmid(
    input.target_vmid,
    (vmid) => begin(context, sides, { vmid, from, to, maps, cpu }),
    target.vmid,
  );
  return 'outcome' in begun ? begun : followMove(context, sides, begun);
}

interface Ready {
  readonly vmid: number;
  readonly from: SourceFacts;
  readonly to: DestinationFacts;
  readonly maps: Maps;
  readonly cpu: CpuVerdict;
}

async function begin(context: Move, sides: Sides, ready: Ready): Promise<Begun | MoveResult> {
  const { target, input } = context;
  const { vmid, from, to, maps, cpu } = ready;
  const plan = planMove(
    {
      ...{ source: target.source.info, target: target.destination.info, vmid, ...maps },
      asked: input.target_vmid !== undefined,
      ...{ online: input.online, deletes: input.delete_source === true, cpu },
    },
    from,
    to,
  );
  const taken = await takenVmid(sides, input.target_vmid);
  const token = await planToken(sides.destination.call, {
    ...{
      own: target.destination.info.tokenId,
      permissions: to.permissions,
      needs: plan.needs,
      vmid,
      now: sides.destination.clusterTime(),
    },
    ...{ bytes: bytesOf(plan.volumes), bwlimit: input.bwlimit },
  });
  presentMove(context, { plan, vmid, to, token });
  await tellLeftTokens(context, sides);
  await tellChoices(context, sides, { vmid, node: to.chosen.node });
  const stops = [...taken, ...plan.stops];
  if (stops.length > 0 || plan.address === undefined)
    return refuseMove(context, sides, { from, stops, targetNode: to.chosen.node });
  return send(context, sides, { ...ready, plan, token, place: { ...plan.address, fingerprint: to.fingerprint } });
}

async function tellLeftTokens({ target, note }: Move, { destination }: Sides): Promise<void> {
  const { name, tokenId } = target.destination.info;
  const left = await leftTokens(destination.call, tokenId, destination.clusterTime());
  if (left.length > 0)
    note(
      `Cluster '${name}' has tokens of earlier moves: ${left.join(', ')}. Once their moves are over, delete them with proxmox-delete-token.`,
    );
}

/** Milliseconds. */
const untilKnown = 500;

interface Sendable extends Ready {
  readonly plan: MovePlan;
  readonly token: TokenPlan;
  readonly place: { readonly host: string; readonly port: number; readonly fingerprint?: string | undefined };
}

async function send(context: Move, sides: Sides, sendable: Sendable): Promise<Begun | MoveResult> {
  const { target, input } = context;
  const { source, destination } = sides;
  const { vmid, plan, token, from, place, to } = sendable;
  const secret = await makeToken(destination.call, token);
  if (token.kind === 'made')
    context.offerUndo(`Delete the token ${token.id} of '${target.destination.info.name}': proxmox-delete-token.`);
  const given = await attempt(giveRights(destination.call, token));
  if ('error' in given) return notBegun(context, sides, sendable, given.error);
  // What a node has written of a token takes a moment to be known to the others.
  if (token.kind === 'made') await context.pause(untilKnown);
  const running = from.guest.running;
  const restarts = target.type === 'lxc' && running;
  const sent = await attempt(
    source.call.migrate(target, {
      'target-endpoint': destination.endpointFor(place, secret),
      'target-vmid': vmid,
      'target-storage': writeIdMap(plan.storages) || onlyStorage(to),
      'target-bridge': writeIdMap(plan.bridges) || '1',
      online: (running && !restarts) || undefined,
      restart: restarts || undefined,
      delete: input.delete_source === true || undefined,
      bwlimit: input.bwlimit,
    }),
  );
  const begun = { vmid, plan, chosen: to.chosen, from, token };
  if (!('error' in sent)) return { ...begun, upid: sent.value.data };
  return mayHaveBegun(sent.error) ? lostReply(context, sendable) : notBegun(context, sides, sendable, sent.error);
}

/** A guest without disks needs the parameter all the same. */
const onlyStorage = ({ storages }: DestinationFacts) => storages[0]?.storage ?? 'local';

const head = ({ target }: Move, { vmid, to }: Pick<Sendable, 'vmid' | 'to'>) => ({
  vmid: target.vmid,
  name: target.name,
  node: target.node,
  target_cluster: target.destination.info.name,
  target_node: to.chosen.node,
  target_vmid: vmid,
});

async function notBegun(context: Move, sides: Sides, sendable: Sendable, error: RequestError): Promise<MoveResult> {
  const { target } = context;
  const { token, place } = sendable;
  const cluster = target.destination.info.name;
  return {
    ...head(context, sendable),
    outcome: 'not_begun',
    ...startRefusal(error, {
      cluster: target.source.info.name,
      targetCluster: cluster,
      address: `${place.host}:${place.port}`,
    }),
    token: await dropToken(sides.destination.call, token, cluster),
    failed: 1,
  };
}

function lostReply(context: Move, sendable: Sendable): MoveResult {
  const { target } = context;
  return {
    ...head(context, sendable),
    outcome: 'unclear',
    summary: `The answer of '${target.source.info.name}' was lost, and its list of tasks shows no move yet: whether it began is not known.`,
    todo: [
      `Look at proxmox-list-tasks of '${target.source.info.name}' for qmigrate or vzmigrate of ${target.vmid} before calling again.`,
    ],
    token: keptToken(sendable.token, target.destination.info.name),
    failed: 1,
  };
}
