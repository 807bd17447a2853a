import { attempt } from '../../pve/attempt.js';
import type { Finding } from './finding.js';
import { type IdMap, parseIdMap } from './id-map.js';
import { leftBehind } from './left-behind.js';
import type { Move, MoveSide } from './move-calls.js';
import { chooseNode, type DestinationFacts, readDestination } from './read-destination.js';
import { readSource, type SourceFacts } from './read-source.js';

/** Both sides of a move. */
export interface Sides {
  readonly source: MoveSide;
  readonly destination: MoveSide;
}

export interface Maps {
  readonly storages: IdMap;
  readonly bridges: IdMap;
}

interface Both {
  readonly sides: Sides;
  readonly maps: Maps;
  readonly from: SourceFacts;
  /** What of the other side was read, or why there is no node to read. */
  readonly to: DestinationFacts | Finding;
}

/** Reads both sides; arguments that cannot be read are told before anything is asked. */
export async function readBoth(context: Move): Promise<Both> {
  const { target, input } = context;
  const maps = {
    storages: parseIdMap('storage_map', input.storage_map),
    bridges: parseIdMap('bridge_map', input.bridge_map),
  };
  const sides = { source: context.at(target.source), destination: context.at(target.destination) };
  const there = target.destination.info;
  const [from, behind, { data: rows }] = await Promise.all([
    readSource(sides.source.call, target, target.source.info.name),
    leftBehind(sides.source.call, sides.destination.call, target.vmid),
    sides.destination.call.nodes({}),
  ]);
  const chosen = chooseNode(rows, there.name, input.target_node, there.defaultNode);
  const to = 'code' in chosen ? chosen : await readDestination(sides.destination.call, chosen, there.name);
  return { sides, maps, from: { ...from, behind }, to };
}

/** That a VMID which was asked for is somebody else's. */
export async function takenVmid({ destination }: Sides, asked: number | undefined): Promise<Finding[]> {
  if (asked === undefined) return [];
  const free = await attempt(destination.call.isFree({}, { vmid: asked }));
  if (!('error' in free)) return [];
  const fix = "Leave 'target_vmid' out for one that is.";
  return [{ code: 'vmid', message: `VMID ${asked} is not free at the target`, fix }];
}
