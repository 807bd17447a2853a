import { attempt } from '../../pve/attempt.js';
import type { Call } from '../../pve/endpoint.js';
import { disksOf } from '../../pve/guest-config.js';
import type { guestStatus } from '../../pve/guest-status.js';
import { nameOrNone } from '../../pve/quoted.js';
import type { clusterResources, GuestResource, StorageResource } from '../../pve/resources.js';
import { splitList } from '../../pve/storage.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { type Archive, type extractConfig, nodesWith, openArchive } from './archive.js';
import { chooseStorage, type StorageChoice } from './choose-storage.js';

interface RestoreContext {
  readonly target: { readonly node: string };
  readonly input: {
    readonly archive: string;
    readonly node?: string | undefined;
    readonly vmid?: number | undefined;
    readonly overwrite?: boolean | undefined;
  };
  readonly call: {
    readonly resources: Call<typeof clusterResources>;
    readonly status: Call<typeof guestStatus>;
    readonly extract: Call<typeof extractConfig>;
  };
  note(text: string): void;
}

interface RestorePlan {
  readonly node: string;
  readonly archive: Archive;
  readonly overwrites: boolean;
  /**
   * To be called right before the request that restores: what is replaced may have become another meanwhile.
   * @throws {Refused} when it has
   */
  readonly lastLook: () => Promise<void>;
}

const kinds = {
  qemu: { label: 'VM', tool: 'proxmox-restore-vm' },
  lxc: { label: 'container', tool: 'proxmox-restore-lxc' },
} as const;

/** Where a backup is to be restored and over what, or why it cannot be; nothing is changed. */
export async function planRestore(type: 'qemu' | 'lxc', context: RestoreContext): Promise<RestorePlan> {
  const { target, input, call, note } = context;
  if (input.overwrite && input.vmid === undefined)
    throw new InvalidInput({ argument: 'overwrite', message: "give the 'vmid' of the guest that is to be replaced" });
  const { data } = await call.resources({});
  const listed = input.vmid === undefined ? undefined : data.guests.find(({ vmid }) => vmid === input.vmid);
  const present = listed === undefined ? undefined : await requireReplaceable(type, listed, context);
  // A guest is replaced where it is; a backup on a local storage can be read on its own node only.
  const fixed = present?.node ?? input.node;
  const nodes = nodesWith(data.storages, input.archive, fixed ?? target.node);
  const asked = fixed === undefined ? nodes : [fixed];
  const archive = await openArchive(call.extract, input.archive, asked);
  if (archive.type !== type)
    throw new Refused(`${input.archive} holds a ${kinds[archive.type].label}`, `Use ${kinds[archive.type].tool}.`);
  // A shared storage was asked on one node; another will do as well.
  const node =
    fixed ?? (data.storages.some((row) => isThere(row, input.archive, target.node)) ? target.node : archive.node);
  note(`The backup holds ${kinds[type].label} ${nameOrNone(archive.name)}; it is restored on node ${node}.`);
  if (present !== undefined) note(`It replaces ${nameOf(present)}: all that this has now is lost.`);
  const lastLook = async () => {
    if (present !== undefined) await requireStill(present, call.status);
  };
  return { node, archive, overwrites: present !== undefined, lastLook };
}

const isThere = ({ storage, node: on, shared, status }: StorageResource, volid: string, node: string) =>
  shared && on === node && status === 'available' && volid.startsWith(`${storage}:`);

const nameOf = ({ type, vmid, name, node }: GuestResource) =>
  `${kinds[type].label} ${vmid} ${nameOrNone(name)} on node ${node}`;

/** The guest that is replaced, by the name that its node gives. */
async function requireReplaceable(
  type: 'qemu' | 'lxc',
  present: GuestResource,
  { input, call }: RestoreContext,
): Promise<GuestResource> {
  if (!input.overwrite)
    throw new Refused(
      `VMID ${present.vmid} is taken by ${nameOf(present)}`,
      "Leave 'vmid' out for the next free one, or set 'overwrite' to replace that guest.",
    );
  if (present.type !== type)
    throw new Refused(`${nameOf(present)} is of the other kind`, "Leave 'vmid' out for the next free one.");
  if (input.node !== undefined && input.node !== present.node)
    throw new Refused(`${nameOf(present)} cannot be replaced on '${input.node}'`, "Leave 'node' out.");
  const { data } = await call.status(present);
  if (data.status !== 'stopped')
    throw new Refused(`${nameOf(present)} is ${data.status}`, 'Shut it down first; only a stopped guest is replaced.');
  return { ...present, name: data.name ?? present.name };
}

async function requireStill(present: GuestResource, status: RestoreContext['call']['status']): Promise<void> {
  const now = await attempt(status(present));
  const changed =
    'error' in now
      ? 'cannot be read any more'
      : now.value.data.status !== 'stopped'
        ? `is ${now.value.data.status} now`
        : (now.value.data.name ?? present.name) === present.name
          ? undefined
          : `is named ${nameOrNone(now.value.data.name)} now`;
  if (changed !== undefined)
    throw new Refused(`${nameOf(present)} ${changed}; nothing was sent`, 'Look at it, and call again if it is meant.');
}

const guestDisks = ({ config }: Archive) => disksOf(Object.fromEntries(config));

/** The storages that the disks of a backup came from. */
export function diskStorages(archive: Archive): string[] {
  const owned = guestDisks(archive).filter(({ disk, media }) => media !== 'cdrom' && !disk.startsWith('unused'));
  return [...new Set(owned.flatMap(({ storage }) => storage ?? []))].sort();
}

/** Stops a restore whose disks the node has no place for: it would fail half way. */
export function requireStorages(known: readonly StorageChoice[], node: string, wanted: readonly string[]): void {
  const faults = wanted.flatMap((name) => storageFault(known, node, name) ?? []);
  if (faults.length > 0) throw new Refused(faults.join('; '), "Name another as 'storage'; all disks go there.");
}

function storageFault(known: readonly StorageChoice[], node: string, name: string): string | undefined {
  const found = known.find(({ storage }) => storage === name);
  if (found === undefined) return `node '${node}' has no storage ${name}, as far as the token may see`;
  if (!splitList(found.content).includes('images')) return `storage '${name}' holds no 'images' on node '${node}'`;
  return found.active === false ? `storage '${name}' is not available on node '${node}' just now` : undefined;
}

/** Where a container goes: to one storage with all its volumes, and without one Proxmox takes `local` (pve-container, API2/LXC.pm). */
export function containerStorage(
  known: readonly StorageChoice[],
  node: string,
  archive: Archive,
  { named, fallback }: { readonly named: string | undefined; readonly fallback: string | undefined },
): string {
  const own = guestDisks(archive).find(({ disk }) => disk === 'rootfs')?.storage;
  return chooseStorage(known, { content: 'rootdir', where: `on node '${node}'`, named, preferred: [own, fallback] });
}
