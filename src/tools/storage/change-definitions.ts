import { z } from 'zod';
import { nodes } from '../../pve/discovery.js';
import { type Call, endpoint } from '../../pve/endpoint.js';
import { guestConfig } from '../../pve/guest-config.js';
import { guestResources } from '../../pve/resources.js';
import { contentTypes, splitList, storageDefinitions } from '../../pve/storage.js';
import { storageId } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import { optionValues } from './option-values.js';
import { requireChangeable, requireOptions, requireRemovable, storageTypes } from './storage-options.js';
import { inWords, seenVolumeUsers, volumeUsers } from './volume-users.js';

const id = storageId.describe('ID');

const contents: readonly string[] = [...contentTypes, 'none'];

const settings = {
  content: z
    .string()
    .refine((list) => splitList(list).every((one) => contents.includes(one)), `a list of ${contents.join(', ')}`)
    .optional()
    .describe('images,rootdir,iso,...'),
  nodes: z.string().max(4096).optional().describe('Only on these: a,b'),
  options: z.record(z.string(), z.string().max(65_536)).optional().describe('path, server, ...'),
  password: z.string().max(256).optional().describe('Of cifs or pbs'),
};

const shared = {
  scope: 'cluster',
  toolset: 'storage',
  privileges: ['Datastore.Allocate on /storage'],
} as const;

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-storage',
    title: 'Define storage',
    description: 'Make an existing directory, share, pool or backup server a storage.',
    effect: 'write',
    input: { storage: id, type: z.enum(storageTypes).describe('Kind'), ...settings },
    output: z.object({ storage: z.string(), type: z.string() }),
    calls: { known: storageDefinitions, nodes, create: endpoint('POST /storage', z.unknown()) },
    run: async ({ input, call, note }) => {
      const { storage, type, content, password } = input;
      const options = optionValues(input.options ?? {});
      requireOptions(type, options);
      requirePassword(type, password);
      const { data: known } = await call.known({});
      if (known.some((one) => one.storage === storage))
        throw new Refused(`There is already a storage '${storage}'`, 'Change it with proxmox-update-storage.');
      await requireNodes(input.nodes, async () => (await call.nodes({})).data);
      await call.create({}, { storage, type, content, nodes: nodeList(input.nodes), password, ...options });
      if (options['encryption-key'] !== undefined)
        note(`Without its key no backup can be read: keep a copy of /etc/pve/priv/storage/${storage}.enc of a node.`);
      return { storage, type };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-storage',
    title: 'Change storage',
    description: 'Change the definition of a storage, or switch it on or off; guests may lose their disks.',
    effect: 'destroy',
    input: {
      storage: id,
      enabled: z.boolean().optional().describe('Off: no node uses it'),
      ...settings,
      unset: z.string().max(4096).optional().describe('Options to drop: a,b'),
    },
    output: z.object({ storage: z.string(), type: z.string(), changed: z.array(z.string()) }),
    calls: {
      current: endpoint('GET /storage/{storage}', z.looseObject({ type: z.string(), digest: z.string().optional() })),
      nodes,
      guests: guestResources,
      config: guestConfig,
      update: endpoint('PUT /storage/{storage}', z.unknown()),
    },
    privileges: ['Datastore.Allocate on /storage', 'VM.Audit on /vms'],
    run: async ({ input, call, note }) => {
      const { storage, enabled, content, password } = input;
      const options = optionValues(input.options ?? {});
      const disable = enabled === undefined ? undefined : !enabled;
      const change = { content, nodes: nodeList(input.nodes), password, ...options, disable };
      const given = Object.entries(change).flatMap(([name, value]) => (value === undefined ? [] : [name]));
      const unset = splitList(input.unset);
      const changed = [...given, ...unset];
      if (changed.length === 0) throw new InvalidInput({ argument: 'options', message: 'name something to change' });
      const { data: current } = await call.current({ storage });
      requireChangeable(current.type, options);
      requireRemovable(current.type, unset, given);
      requirePassword(current.type, password);
      await requireNodes(input.nodes, async () => (await call.nodes({})).data);
      if (changed.some((name) => name !== 'disable') || disable) await noteUsers(storage, call, note);
      if (options['encryption-key'] !== undefined) note(newKeyNote(storage));
      const dropped = unset.length > 0 ? unset.join(',') : undefined;
      await call.update({ storage }, { ...change, delete: dropped, digest: current.digest });
      return { storage, type: current.type, changed };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-storage-definition',
    title: 'Forget storage',
    description: 'Forget a storage: its data stays, but guests on it lose their disks.',
    effect: 'destroy',
    input: { storage: id },
    output: z.object({ storage: z.string(), type: z.string() }),
    calls: {
      known: storageDefinitions,
      guests: guestResources,
      config: guestConfig,
      remove: endpoint('DELETE /storage/{storage}', z.null()),
    },
    privileges: ['Datastore.Allocate on /storage', 'VM.Audit on /vms'],
    run: async ({ input: { storage }, call, note }) => {
      const [{ data: known }, { data: guests }] = await Promise.all([call.known({}), call.guests({}, { type: 'vm' })]);
      const found = known.find((one) => one.storage === storage);
      if (found === undefined)
        throw new InvalidInput({
          argument: 'storage',
          message: `there is no such storage; there are ${known
            .map((one) => one.storage)
            .sort()
            .join(', ')}`,
        });
      const users = await volumeUsers(
        guests,
        (guest) => call.config(guest),
        (volid) => volid.startsWith(`${storage}:`),
      );
      if (users.length > 0) note(`Guests have volumes on it, and cannot start without: ${inWords(users)}.`);
      note('The data on it stays: the same definition, made again, brings it back.');
      await call.remove({ storage });
      return { storage, type: found.type };
    },
  }),
];

const newKeyNote = (storage: string) =>
  `A new key takes the place of the old: what was backed up with that is read with it alone. Keep a copy of /etc/pve/priv/storage/${storage}.enc of a node first.`;

interface UserCalls {
  readonly guests: Call<typeof guestResources>;
  readonly config: Call<typeof guestConfig>;
}

/** Says whose disks a change may take; a node that does not answer stops no change that may be the cure for it. */
async function noteUsers(storage: string, call: UserCalls, note: (text: string) => void): Promise<void> {
  const { data: guests } = await call.guests({}, { type: 'vm' });
  const { users, unread } = await seenVolumeUsers(guests, call.config, (volid) => volid.startsWith(`${storage}:`));
  if (users.length > 0) note(`Guests have volumes on it: ${inWords(users)}.`);
  if (unread.length > 0)
    note(`Whether more have is not known, of guests ${unread.map(({ key }) => key.vmid).join(', ')}.`);
}

function requirePassword(type: string, password: string | undefined): void {
  if (password !== undefined && !['cifs', 'pbs', 'esxi'].includes(type))
    throw new InvalidInput({ argument: 'password', message: `a storage of type ${type} takes none` });
}

const nodeList = (list: string | undefined) => (list === undefined ? undefined : splitList(list).join(','));

/** A storage that is bound to nodes that do not exist is nowhere, and Proxmox does not mind. */
async function requireNodes(
  list: string | undefined,
  read: () => Promise<readonly { readonly node: string }[]>,
): Promise<void> {
  if (list === undefined) return;
  if (splitList(list).length === 0)
    throw new InvalidInput({ argument: 'nodes', message: "for all nodes take 'nodes' away with unset" });
  const known = (await read()).map(({ node }) => node).sort();
  const strange = splitList(list).filter((node) => !known.includes(node));
  if (strange.length > 0)
    throw new InvalidInput({ argument: 'nodes', message: `no ${strange.join(', ')}; there are ${known.join(', ')}` });
}
