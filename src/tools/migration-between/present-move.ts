import { attempt } from '../../pve/attempt.js';
import { type SharedStorage, sharedStorages } from '../federation/shared-storages.js';
import { Refused } from '../refused.js';
import type { Finding } from './finding.js';
import { guestStops } from './guest-stops.js';
import type { Move } from './move-calls.js';
import { type TokenPlan, tokenInWords } from './move-token.js';
import { bytesOf } from './moved-volumes.js';
import type { MovePlan } from './preflight.js';
import type { Sides } from './read-both.js';
import type { DestinationFacts } from './read-destination.js';
import type { SourceFacts } from './read-source.js';

interface Shown {
  readonly plan: MovePlan;
  readonly vmid: number;
  readonly to: DestinationFacts;
  readonly token: TokenPlan;
}

/** What the plan shows beside the requests. */
export function presentMove({ target, input, present }: Move, { plan, vmid, to, token }: Shown): void {
  const { address, storages, bridges, volumes, live, warnings } = plan;
  const how = !live ? 'stopped' : target.type === 'qemu' ? 'while it runs' : 'stopped for the move, and started there';
  present({
    target_node: `${to.chosen.node}: ${to.chosen.reason}`,
    target_vmid: vmid,
    how,
    bytes: bytesOf(volumes),
    storage_map: storages,
    bridge_map: bridges,
    ...(address === undefined
      ? {}
      : {
          endpoint: `${address.host}:${address.port} (${address.reason}); the source node must reach it, which the call itself tries before it begins`,
        }),
    token: tokenInWords(token),
    source_afterwards: input.delete_source
      ? 'deleted once the guest is at the target'
      : 'kept: stopped and locked, which root@pam alone can undo',
    ...(warnings.length > 0 ? { warnings } : {}),
  });
}

interface Hindered {
  readonly from: SourceFacts;
  readonly stops: readonly Finding[];
  /** Absent where none could be chosen: then the guest is looked at alone. */
  readonly targetNode?: string;
}

/**
 * Tells all that hinders the move, and whether a backup could carry it.
 * @throws {Refused} always
 */
export async function refuseMove(context: Move, sides: Sides, { from, stops, targetNode }: Hindered): Promise<never> {
  const { target, input } = context;
  const leave = { online: input.online, deletes: input.delete_source };
  const all = targetNode === undefined ? [...stops, ...guestStops(from.guest, leave).stops] : stops;
  const { task } = from.guest;
  // While something works on it, there is no other way but to wait.
  const shared = task === undefined ? await sharedBackups(context, sides, targetNode) : [];
  const facts = {
    hard_stops: all,
    ...(task === undefined ? { by_backup: byBackup(shared) } : {}),
  };
  context.present(facts);
  const many = all.length === 1 ? 'One thing keeps' : `${all.length} things keep`;
  throw new Refused(
    `${many} guest ${target.vmid} from going to '${target.destination.info.name}': ${all.map(({ message }) => message).join('; ')}`,
    task === undefined
      ? 'Do what each of hard_stops says, and call again.'
      : `Wait for it: proxmox-wait-task with cluster '${target.source.info.name}' and upid '${task.upid}'.`,
    facts,
  );
}

const byBackup = (shared: readonly SharedStorage[]) =>
  shared.length > 0
    ? { call: "via: 'backup'", shared_storages: shared }
    : 'no storage for backups is seen that both clusters mount';

async function sharedBackups({ target }: Move, { source, destination }: Sides, targetNode: string | undefined) {
  const [here, there] = await Promise.all([
    attempt(source.call.definitions({})),
    attempt(destination.call.definitions({})),
  ]);
  if ('error' in here || 'error' in there) return [];
  return sharedStorages(here.value.data, there.value.data, { content: 'backup', node: target.node, targetNode });
}
