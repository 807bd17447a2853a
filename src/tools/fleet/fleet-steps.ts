import { attempt } from '../../pve/attempt.js';
import { changeConfig } from '../../pve/change-config.js';
import { nodes } from '../../pve/discovery.js';
import { type Bound, endpoint } from '../../pve/endpoint.js';
import { failureInWords } from '../../pve/failure.js';
import { configText, disksOf, guestConfig } from '../../pve/guest-config.js';
import { guestStatus } from '../../pve/guest-status.js';
import { quotedName } from '../../pve/quoted.js';
import { splitList } from '../../pve/storage.js';
import { startedUpid } from '../../pve/upid.js';
import { chooseStorage, nodeStorages } from '../backup/choose-storage.js';
import { notesTemplate } from '../backup/job-terms.js';
import { startBackup, vzdump } from '../backup/vzdump.js';
import type { Step } from '../bulk/run-steps.js';
import { tagList } from '../guests/guest-rows.js';
import { beforeMigration, nodeStops, preconditions, vmStops } from '../guests/migration.js';
import { Refused } from '../refused.js';
import { createSnapshot, guestSnapshots } from '../snapshots/snapshot-calls.js';
import type { FleetGuest } from './fleet-guests.js';

export const actions = ['start', 'shutdown', 'stop', 'snapshot', 'backup', 'tag', 'untag', 'migrate'] as const;
export type Action = (typeof actions)[number];

export const stepCalls = {
  nodes,
  status: guestStatus,
  config: guestConfig,
  storages: nodeStorages,
  snapshots: guestSnapshots,
  preconditions,
  start: endpoint('POST /nodes/{node}/{type}/{vmid}/status/start', startedUpid),
  shutdown: endpoint('POST /nodes/{node}/{type}/{vmid}/status/shutdown', startedUpid),
  stop: endpoint('POST /nodes/{node}/{type}/{vmid}/status/stop', startedUpid),
  snapshot: createSnapshot,
  backup: vzdump,
  tag: changeConfig,
  migrate: endpoint('POST /nodes/{node}/{type}/{vmid}/migrate', startedUpid),
};

type Calls = Bound<typeof stepCalls>;

/** What an action needs beside its guest. */
export interface Terms {
  readonly snapname?: string | undefined;
  readonly storage?: string | undefined;
  readonly set_tag?: string | undefined;
  readonly target_node?: string | undefined;
}

/** What is to be sent for a guest, or why nothing is; and where it takes up room. */
export interface Prepared {
  readonly step: Step;
  readonly lanes: readonly string[];
}

interface Site {
  readonly call: Calls;
  readonly defaults: { readonly storage?: string };
}

type Plan =
  | { readonly start: () => Promise<string | undefined>; readonly lanes?: readonly string[] }
  | { readonly skip: string }
  | { readonly impossible: string };

/** Reads what an action needs to know of a guest. A read that fails is the guest's own failure. */
export async function prepare(
  action: Action,
  { cluster, guest }: FleetGuest,
  site: Site,
  terms: Terms,
): Promise<Prepared> {
  const label = `${cluster} ${guest.vmid}${guest.name === undefined ? '' : ` ${quotedName(guest.name)}`}`;
  const read = await attempt(planOf(action, guest, site, terms));
  if ('error' in read) return { step: { label, skip: failureInWords(read.error), outcome: 'failed' }, lanes: [] };
  if ('impossible' in read.value) return { step: { label, skip: read.value.impossible, outcome: 'failed' }, lanes: [] };
  if ('skip' in read.value) return { step: { label, skip: read.value.skip }, lanes: [] };
  const lanes = (read.value.lanes ?? ['']).map((lane) => `${cluster}/${lane}`);
  return { step: { label, start: read.value.start }, lanes };
}

/** What hinders an action on one guest is that guest's own. */
const planOf = (action: Action, guest: FleetGuest['guest'], site: Site, terms: Terms): Promise<Plan> =>
  plans[action](guest, site, terms).catch((error: unknown) => {
    if (error instanceof Refused) return { impossible: `${error.message}. ${error.next}` };
    throw error;
  });

type Planner = (guest: FleetGuest['guest'], site: Site, terms: Terms) => Promise<Plan>;

const power =
  (action: 'start' | 'shutdown' | 'stop'): Planner =>
  async (guest, { call }) => {
    const { status } = guest;
    const asAsked = action === 'start' ? status !== undefined && status !== 'stopped' : status === 'stopped';
    if (asAsked) return { skip: `it is ${status}` };
    return { start: async () => (await call[action](guest)).data };
  };

const snapshot: Planner = async (guest, { call }, { snapname = '' }) => {
  const { data: before } = await call.snapshots(guest);
  if (before.some(({ name }) => name === snapname)) return { skip: `it has a snapshot ${snapname}` };
  const { data: config } = await call.config(guest);
  const storages = disksOf(config).flatMap(({ storage }) => storage ?? []);
  return { lanes: [...new Set(storages)], start: async () => (await call.snapshot(guest, { snapname })).data };
};

const backup: Planner = async (guest, { call, defaults }, { storage: named }) => {
  const { vmid, node } = guest;
  const { data } = await call.storages({ node }, { content: 'backup', enabled: true });
  const wish = { content: 'backup', where: `on node ${node}`, named, preferred: [defaults.storage] } as const;
  const storage = chooseStorage(data, wish);
  const notes = notesTemplate('{{guestname}}');
  return { lanes: [storage], start: () => startBackup(call.backup, node, { vmid, storage, notes }) };
};

const retag =
  (adds: boolean): Planner =>
  async (guest, { call }, { set_tag: tag = '' }) => {
    const has = (tags: readonly string[]) => tags.some((one) => one.toLowerCase() === tag.toLowerCase());
    if (has(tagList(guest.tags)) === adds) return { skip: adds ? 'it has that tag' : 'it has no such tag' };
    const start = async () => {
      const { data: config } = await call.config(guest);
      const before = splitList(configText(config.tags));
      const kept = before.filter((one) => !has([one]));
      const tags = [...kept, ...(adds ? [tag] : [])].join(';');
      const digest = configText(config.digest);
      await call.tag(guest, tags === '' ? { delete: 'tags', digest } : { tags, digest });
      return undefined;
    };
    return { start };
  };

const migrate: Planner = async (guest, { call }, { target_node: target = '' }) => {
  if (guest.node === target) return { skip: 'it is on that node' };
  const { running, stops } = await beforeMigration(call, guest, target);
  const isVm = guest.type === 'qemu';
  const found = stops.length > 0 || !isVm ? {} : (await call.preconditions(guest, { target })).data;
  const hindered = [
    ...stops,
    ...(isVm ? vmStops(found, { running, live: true, target_node: target }) : nodeStops(found, target, true)),
    ...(!isVm && running ? ['a running container is moved by a restart: proxmox-migrate-lxc'] : []),
  ];
  // The advice is that of a tool for one guest.
  const why = hindered.map((one) => one.replace(' (set with_local_disks)', ', which proxmox-migrate-vm can copy'));
  if (why.length > 0) return { impossible: why.join('; ') };
  const params = isVm && running ? { target, online: true } : { target };
  return { lanes: [target], start: async () => (await call.migrate(guest, params)).data };
};

const plans: Readonly<Record<Action, Planner>> = {
  start: power('start'),
  shutdown: power('shutdown'),
  stop: power('stop'),
  snapshot,
  backup,
  tag: retag(true),
  untag: retag(false),
  migrate,
};
