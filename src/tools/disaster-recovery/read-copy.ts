import { attempt } from '../../pve/attempt.js';
import type { Permissions } from '../../pve/discovery.js';
import type { GuestConfig } from '../../pve/guest-config.js';
import type { GuestResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { type SharedStorage, sharedStorages, type WholeDefinition } from '../federation/shared-storages.js';
import { type ChosenNode, chooseNode } from '../migration-between/read-destination.js';
import type { TargetStorage } from '../migration-between/storage-map.js';
import { Refused } from '../refused.js';
import { type Candidate, withFaults } from './chosen-storage.js';
import type { Copy, CopySide, CopySides } from './copy-calls.js';

interface SourceFacts {
  readonly definitions: readonly WholeDefinition[];
  /** By the names of storages for backups, whether they are active. */
  readonly active: ReadonlyMap<string, boolean>;
  readonly granted: Permissions;
  readonly config: GuestConfig;
  readonly running: boolean;
  readonly lock: string | undefined;
}

/** A bridge, or a vnet, as the node that restores has it. */
interface NodeBridge {
  readonly iface: string;
  readonly type: string;
}

interface TargetFacts {
  readonly definitions: readonly WholeDefinition[];
  readonly chosen: ChosenNode;
  readonly storages: readonly TargetStorage[];
  readonly granted: Permissions;
  readonly guests: readonly GuestResource[];
  /** Absent where they could not be read, or do not matter. */
  readonly bridges: readonly NodeBridge[] | undefined;
}

/** What decides how a guest is copied. */
export interface CopyFacts {
  readonly here: SourceFacts;
  readonly there: TargetFacts;
  readonly candidates: readonly Candidate[];
}

export async function readCopy(context: Copy, { source, destination }: CopySides): Promise<CopyFacts> {
  const { node } = context.target;
  const [here, there] = await Promise.all([readHere(context, source), readThere(context, destination)]);
  const targetNode = there.chosen.node;
  const both = sharedStorages(here.definitions, there.definitions, { content: 'backup', node, targetNode });
  const active = new Map(there.storages.map((one) => [one.storage, one.active]));
  const candidates = withFaults(both, { source: here.active, target: active }, { source: node, target: targetNode });
  return { here, there, candidates };
}

async function readHere({ target }: Copy, { call }: CopySide): Promise<SourceFacts> {
  const { node } = target;
  const [definitions, storages, granted, { data: config }, { data: status }] = await Promise.all([
    call.definitions({}),
    call.nodeStorages({ node }, { content: 'backup', enabled: true }),
    call.permissions({}),
    call.config(target, { current: true }),
    call.status(target),
  ]);
  return {
    definitions: definitions.data,
    active: new Map(storages.data.map((one) => [one.storage, one.active !== false])),
    granted: granted.data,
    ...{ config, running: status.status !== 'stopped', lock: status.lock },
  };
}

async function readThere({ target, input }: Copy, { call }: CopySide): Promise<TargetFacts> {
  const { name, defaultNode } = target.destination.info;
  const [definitions, rows, granted, guests] = await Promise.all([
    call.definitions({}),
    call.nodes({}),
    call.permissions({}),
    call.resources({}, { type: 'vm' }),
  ]);
  const chosen = chooseNode(rows.data, name, input.target_node, defaultNode);
  if ('code' in chosen) throw new Refused(chosen.message, chosen.fix ?? 'Bring a node of it back.');
  const [{ data: storages }, bridges] = await Promise.all([
    call.nodeStorages({ node: chosen.node }, { enabled: true }),
    input.restore ? attempt(call.networks({ node: chosen.node }, { type: 'any_bridge' })) : undefined,
  ]);
  return {
    definitions: definitions.data,
    chosen,
    storages: storages.map(({ storage, type, content, active, avail }) => ({
      ...{ storage, type, content: splitList(content), active: active !== false, avail },
    })),
    granted: granted.data,
    guests: guests.data,
    bridges: bridges && 'value' in bridges ? bridges.value.data.map(({ iface, type }) => ({ iface, type })) : undefined,
  };
}

/** The encryption keys of both halves of a storage. */
export const keysOf = ({ here, there }: CopyFacts, { source, target }: SharedStorage) => {
  const keyOf = (list: readonly WholeDefinition[], name: string) =>
    list.find(({ storage }) => storage === name)?.['encryption-key'];
  return { source: keyOf(here.definitions, source), target: keyOf(there.definitions, target) };
};
