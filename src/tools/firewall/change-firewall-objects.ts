import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { text } from '../../pve/loose.js';
import { firewallName, groupName } from '../arguments/names.js';
import { defineTool } from '../define.js';
import { InvalidInput } from '../invalid-input.js';
import { Refused } from '../refused.js';
import {
  addEntry,
  aliasWrites,
  createAlias,
  createIpset,
  ipsetWrites,
  readAliases,
  readEntries,
  readIpsets,
  removeAlias,
  removeEntry,
  removeIpset,
  setReads,
  setRemovals,
  updateAlias,
} from './firewall-sets.js';
import { guestReads, outlineGuest, stillSameGuest } from './guest-of-place.js';
import { changesOf, type Entry, writtenOf } from './ipset-entries.js';
import { describePlace, findPlace, placeShape, setLevels } from './place.js';

const shared = {
  scope: 'cluster',
  toolset: 'firewall',
  privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
} as const;

// pve-firewall keeps an alias as it is written and finds it in any case; IP sets and groups it knows in lower case
// alone (PVE/Firewall.pm, resolve_alias and generic_fw_config_parser).
const aliasNamed = <A extends { readonly name: string }>(aliases: readonly A[], name: string) =>
  aliases.find((one) => one.name.toLowerCase() === name.toLowerCase());
const keptName = (name: string) => name.toLowerCase();

const nothingToChange = (what: string) =>
  new Refused(`there is nothing to change of ${what}: it is there, and as asked for`, 'Give what is to change.');
const comment = z.string().max(1024).optional().describe('Comment');
const address = z.string().min(2).max(100);

const outcome = { ...placeShape, name: z.string(), created: z.boolean() };

const alias = defineTool({
  ...shared,
  name: 'proxmox-firewall-set-alias',
  title: 'Set alias',
  description: 'Make or change an alias of an address or network.',
  effect: 'write',
  input: { ...setLevels, alias: firewallName.describe('Name'), cidr: address.describe('IP or network'), comment },
  output: z.object(outcome),
  calls: { ...guestReads, ...setReads, ...aliasWrites },
  run: async ({ input, call, outline }) => {
    const place = await findPlace({ level: input.level, vmid: input.vmid }, call.guestResources);
    await outlineGuest(place, call, outline);
    const { alias: name, cidr } = input;
    const known = aliasNamed(await readAliases(place, call), name);
    if (known === undefined) await createAlias(place, call, { name, cidr, comment: input.comment });
    // A comment that is not sent again is lost.
    else {
      const { digest, comment: before } = known;
      if (known.cidr === cidr && (input.comment ?? before ?? '') === (before ?? ''))
        throw nothingToChange(`alias ${known.name}`);
      await updateAlias(place, known.name, call, { cidr, comment: input.comment ?? before, digest });
    }
    return { ...describePlace(place), name: known?.name ?? name, created: known === undefined };
  },
});

const entries = z.array(address).max(200).optional();

const ipset = defineTool({
  ...shared,
  name: 'proxmox-firewall-set-ipset',
  title: 'Set IP set',
  description: 'Make an IP set; add, remove IPs, networks, aliases (!10.0.0.5 excepts one).',
  effect: 'write',
  input: {
    ...setLevels,
    ipset: firewallName.describe('Name'),
    comment,
    add: entries.describe('Entries'),
    remove: entries.describe('Entries'),
  },
  output: z.object({ ...outcome, added: z.array(z.string()), removed: z.array(z.string()) }),
  calls: { ...guestReads, ...setReads, ...ipsetWrites },
  run: async ({ input, call, outline, offerUndo }) => {
    const name = keptName(input.ipset);
    const { level, vmid, comment: about } = input;
    const place = await findPlace({ level, vmid }, call.guestResources);
    await outlineGuest(place, call, outline);
    const known = (await readIpsets(place, call)).find((set) => set.name === name);
    const { removed, replaced, added } = changesOf(
      name,
      known === undefined ? [] : await readEntries(place, name, call),
      input,
    );
    const described = about !== undefined && about !== (known?.comment ?? '');
    if (known !== undefined && !described && removed.length + added.length === 0)
      throw nothingToChange(`IP set ${name}`);
    const at = `level ${level}${vmid === undefined ? '' : `, vmid ${vmid}`}`;
    if (known === undefined) {
      await createIpset(place, call, { name, comment: about });
      offerUndo(`proxmox-firewall-delete with ${at}, kind ipset, object ${name} and force true`);
      // A set is renamed to its own name to change its comment: there is no other way.
    } else if (described) await createIpset(place, call, { name, rename: name, comment: about });
    const back = (argument: 'add' | 'remove', entry: Entry) =>
      known &&
      offerUndo(`proxmox-firewall-set-ipset with ${at}, ipset ${name} and ${argument}: ["${writtenOf(entry)}"]`);
    for (const entry of [...removed, ...replaced]) {
      await removeEntry(place, name, entry.cidr, call);
      back('add', entry);
    }
    for (const entry of added) {
      await addEntry(place, name, call, {
        cidr: entry.cidr,
        nomatch: entry.nomatch || undefined,
        comment: entry.comment,
      });
      if (!replaced.some(({ cidr }) => cidr === entry.cidr)) back('remove', entry);
    }
    const cidrsOf = (all: readonly Entry[]) => all.map(({ cidr }) => cidr);
    return {
      ...describePlace(place),
      name,
      created: known === undefined,
      added: cidrsOf(added),
      removed: cidrsOf(removed),
    };
  },
});

const groups = endpoint(
  'GET /cluster/firewall/groups',
  z.array(z.object({ group: z.string(), comment: text.optional() })),
);

const group = defineTool({
  ...shared,
  name: 'proxmox-firewall-set-group',
  title: 'Set security group',
  description: 'Make a security group or change its comment. Rules: proxmox-firewall-add-rule.',
  effect: 'write',
  privileges: ['Sys.Modify on /'],
  input: { group: groupName.describe('Name'), comment },
  output: z.object({ group: z.string(), created: z.boolean() }),
  calls: { groups, create: endpoint('POST /cluster/firewall/groups', z.null()) },
  run: async ({ input, call }) => {
    const name = keptName(input.group);
    const known = (await call.groups({})).data.find((one) => one.group === name);
    const created = known === undefined;
    if (known !== undefined && (input.comment ?? known.comment ?? '') === (known.comment ?? ''))
      throw nothingToChange(`group ${name}`);
    await call.create({}, { group: name, comment: input.comment, rename: created ? undefined : name });
    return { group: name, created };
  },
});

const remove = defineTool({
  ...shared,
  name: 'proxmox-firewall-delete',
  title: 'Delete firewall object',
  description: 'Delete an alias, IP set or group; rules that name it stop working.',
  effect: 'destroy',
  input: {
    ...setLevels,
    kind: z.enum(['alias', 'ipset', 'group']).describe('What'),
    object: firewallName.describe('Name'),
    force: z.boolean().optional().describe('IP set with entries'),
  },
  output: z.object({ ...placeShape, kind: z.string(), object: z.string() }),
  calls: {
    ...guestReads,
    ...setReads,
    ...setRemovals,
    removeGroup: endpoint('DELETE /cluster/firewall/groups/{group}', z.null()),
  },
  run: async ({ input, call, outline }) => {
    const { kind, level, vmid } = input;
    const name = kind === 'alias' ? input.object : keptName(input.object);
    if (kind === 'group' && level !== 'cluster')
      throw new InvalidInput({ argument: 'level', message: 'security groups are of level cluster' });
    const place = await findPlace({ level, vmid }, call.guestResources);
    await outlineGuest(place, call, outline);
    const done = { ...describePlace(place), kind, object: name };
    const known = kind === 'alias' ? aliasNamed(await readAliases(place, call), name) : undefined;
    await stillSameGuest(place, call.guestResources);
    if (kind === 'group') await call.removeGroup({ group: name });
    else if (kind === 'ipset') await removeIpset(place, name, call, { force: input.force });
    else {
      if (known === undefined)
        throw new Refused(`there is no alias ${name}`, 'See proxmox-firewall-list with what: aliases.');
      await removeAlias(place, known.name, call, { digest: known.digest });
    }
    return done;
  },
});

export default [alias, ipset, group, remove];
