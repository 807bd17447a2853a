import type { ClusterRegistry } from '../clusters/registry.js';
import type { Selection } from '../clusters/route.js';
import type { Clock } from '../pve/clock.js';
import { RequestError } from '../pve/errors.js';
import { failureInWords } from '../pve/failure.js';
import { firstOf } from '../pve/first-of.js';
import type { Tool } from '../tools/define.js';
import type { Excluded, Place, Ranking } from '../tools/placement/rank.js';
import { type Resources, readResources, roomCalls, roomOf } from '../tools/placement/room.js';
import { Refused } from '../tools/refused.js';
import { bindCalls } from './calls.js';
import type { Arguments } from './input.js';
import { placeOfClone } from './place-clone.js';
import { placeOfNew } from './place-new.js';
import { toolRefusal } from './tool-policy.js';

/** What a place is looked for, and where it can be asked. */
export interface Placing {
  readonly tool: Tool;
  readonly registry: ClusterRegistry;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** A cluster as it is now. */
export interface SeenCluster {
  readonly cluster: string;
  readonly resources: Resources;
  readonly room: ReturnType<typeof roomOf>;
}

/** Places, the best first, and whether one of them does in all else. */
export interface Choice extends Ranking {
  /** Why a place does not do; `undefined` where it does. */
  refusal(place: Place): Promise<string | undefined>;
}

const patienceSeconds = 10;
/** Places that are looked at more closely: each costs some requests. */
const mostTried = 20;

/** Asks all clusters at once; one that hangs is left out in time. */
async function seeAll({
  tool,
  registry,
  clock,
  signal,
}: Placing): Promise<{ seen: SeenCluster[]; unseen: Excluded[] }> {
  const patience = clock.timeout(patienceSeconds * 1000);
  const either = signal === undefined ? patience : firstOf(signal, patience);
  const asked = await Promise.all(
    registry.listClusters().map(async (cluster) => {
      const refusal = toolRefusal(registry, tool, cluster);
      if (refusal !== undefined) return { seen: [], unseen: [{ cluster, why: `${refusal.rule.from} rules it out` }] };
      try {
        const call = bindCalls(() => registry.getClient(cluster), roomCalls, either);
        const { resources, ha } = await readResources(call);
        const named = { name: cluster, ...defaultStorageOf(registry, cluster) };
        return { seen: [{ cluster, resources, room: roomOf(named, resources, ha) }], unseen: [] };
      } catch (error) {
        signal?.throwIfAborted();
        const late = patience.aborted ? 'did not answer in time' : 'could not be asked';
        const why = error instanceof RequestError ? failureInWords(error) : late;
        return { seen: [], unseen: [{ cluster, why: `it ${why}` }] };
      }
    }),
  );
  return { seen: asked.flatMap(({ seen }) => seen), unseen: asked.flatMap(({ unseen }) => unseen) };
}

function defaultStorageOf(registry: ClusterRegistry, cluster: string) {
  const { defaultStorage } = registry.getClusterConfig(cluster);
  return defaultStorage === undefined ? {} : { defaultStorage };
}

/**
 * Chooses cluster, node and storage for a call that leaves it to us, as proxmox-recommend-placement ranks them.
 * @throws {Refused} where it fits nowhere
 */
export async function placeGuest(
  placing: Placing,
  parsed: Arguments,
): Promise<{ readonly parsed: Arguments; readonly selection: Selection }> {
  const { seen, unseen } = await seeAll(placing);
  const clone = placing.tool.scope !== 'creation';
  const choice = await (clone ? placeOfClone : placeOfNew)(placing, parsed, seen, unseen);
  const refused: Excluded[] = [];
  for (const place of choice.places.slice(0, mostTried)) {
    const why = await choice.refusal(place);
    if (why === undefined) {
      const selection = { clusters: [place.cluster], many: false, via: 'auto', by: reason(place, unseen) } as const;
      return { parsed: placedCall(parsed, place, clone), selection };
    }
    refused.push({ cluster: place.cluster, node: place.node, why });
  }
  throw new Refused(
    `no place fits: ${[...unseen, ...choice.excluded, ...refused].map(inWords).join('; ')}`,
    refused.length > 0
      ? 'Correct what the places lack that have the room for it, or name a cluster.'
      : 'See proxmox-recommend-placement, ask for less, or name a cluster.',
  );
}

const inWords = ({ cluster, node, why }: Excluded) => `${cluster}${node === undefined ? '' : `/${node}`}: ${why}`;

function reason({ node, storage, why }: Place, unseen: readonly Excluded[]): string {
  const place = storage === undefined ? node : `${node}, ${storage}`;
  return [`${place}: ${why.join('; ')}`, ...unseen.map((one) => `not asked: ${inWords(one)}`)].join('; ');
}

/** The call as it would be with the place named in it. */
function placedCall({ own, shared }: Arguments, { cluster, node, storage }: Place, clone: boolean): Arguments {
  const onStorage = storage === undefined ? {} : { storage };
  return clone
    ? { own: { ...own, ...onStorage, target_node: node }, shared: { ...shared, cluster } }
    : { own: { ...own, ...onStorage }, shared: { ...shared, ...onStorage, cluster, node } };
}
