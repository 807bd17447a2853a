import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { guestResources } from '../../pve/resources.js';
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
import { describePlace, findPlace, placeShape, setLevels } from './place.js';

const shared = {
  scope: 'cluster',
  toolset: 'firewall',
  privileges: ['Sys.Modify on /', 'VM.Config.Network on /vms'],
} as const;

const form = 'a letter, then letters, digits, - and _';
const object = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][A-Za-z0-9_-]+$/, form);
const groupName = z
  .string()
  .max(18)
  .regex(/^[A-Za-z][A-Za-z0-9_-]+$/, form);
const comment = z.string().max(1024).optional().describe('Comment');
const address = z.string().min(2).max(100);

const outcome = { ...placeShape, name: z.string(), created: z.boolean() };

const alias = defineTool({
  ...shared,
  name: 'proxmox-firewall-set-alias',
  title: 'Set alias',
  description: 'Make or change an alias of an address or network.',
  effect: 'write',
  input: { ...setLevels, alias: object.describe('Name'), cidr: address.describe('IP or network'), comment },
  output: z.object(outcome),
  calls: { guestResources, ...setReads, ...aliasWrites },
  run: async ({ input, call }) => {
    const place = await findPlace({ level: input.level, vmid: input.vmid }, call.guestResources);
    const { alias: name, cidr } = input;
    const known = (await readAliases(place, call)).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (known === undefined) await createAlias(place, call, { name, cidr, comment: input.comment });
    // A comment that is not sent again is lost.
    else {
      const { digest, comment: before } = known;
      await updateAlias(place, known.name, call, { cidr, comment: input.comment ?? before, digest });
    }
    return { ...describePlace(place), name, created: known === undefined };
  },
});

const entries = z.array(address).max(200).optional();

/** `!10.0.0.5` is what is taken out of a set. */
const entryOf = (written: string) =>
  written.startsWith('!') ? { cidr: written.slice(1), nomatch: true } : { cidr: written };

const ipset = defineTool({
  ...shared,
  name: 'proxmox-firewall-set-ipset',
  title: 'Set IP set',
  description: 'Make an IP set; add, remove IPs, networks, aliases (!10.0.0.5 excepts one).',
  effect: 'write',
  input: {
    ...setLevels,
    ipset: object.describe('Name'),
    comment,
    add: entries.describe('Entries'),
    remove: entries.describe('Entries'),
  },
  output: z.object({ ...outcome, added: z.array(z.string()), removed: z.array(z.string()) }),
  calls: { guestResources, ...setReads, ...ipsetWrites },
  run: async ({ input, call, offerUndo }) => {
    const { ipset: name, comment: text, add = [], remove = [] } = input;
    const place = await findPlace({ level: input.level, vmid: input.vmid }, call.guestResources);
    const known = (await readIpsets(place, call)).find((set) => set.name === name);
    const present = new Set(known === undefined ? [] : (await readEntries(place, name, call)).map(({ cidr }) => cidr));
    const removed = [...new Set(remove.map((entry) => entryOf(entry).cidr))];
    const missing = removed.filter((cidr) => !present.has(cidr));
    if (missing.length > 0)
      throw new Refused(`${missing.join(', ')}: not in IP set ${name}`, 'See proxmox-firewall-list with what: ipsets.');
    const added = add.map(entryOf).filter(({ cidr }) => !present.has(cidr) || removed.includes(cidr));
    if (known === undefined) {
      await createIpset(place, call, { name, comment: text });
      offerUndo(`proxmox-firewall-delete with kind ipset and name ${name}, force true`);
      // A set is renamed to its own name to change its comment: there is no other way.
    } else if (text !== undefined) await createIpset(place, call, { name, rename: name, comment: text });
    for (const cidr of removed) await removeEntry(place, name, cidr, call);
    for (const entry of added) await addEntry(place, name, call, entry);
    const addedCidrs = added.map(({ cidr }) => cidr);
    return { ...describePlace(place), name, created: known === undefined, added: addedCidrs, removed };
  },
});

const groups = endpoint('GET /cluster/firewall/groups', z.array(z.object({ group: z.string() })));

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
    const { group: name } = input;
    const { data } = await call.groups({});
    const created = !data.some((one) => one.group === name);
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
    object: object.describe('Name'),
    force: z.boolean().optional().describe('IP set with entries'),
  },
  output: z.object({ ...placeShape, kind: z.string(), object: z.string() }),
  calls: {
    guestResources,
    ...setReads,
    ...setRemovals,
    removeGroup: endpoint('DELETE /cluster/firewall/groups/{group}', z.null()),
  },
  run: async ({ input, call }) => {
    const { kind, object: name, level, vmid } = input;
    if (kind === 'group' && level !== 'cluster')
      throw new InvalidInput({ argument: 'level', message: 'security groups are of level cluster' });
    const place = await findPlace({ level, vmid }, call.guestResources);
    const done = { ...describePlace(place), kind, object: name };
    if (kind === 'group') await call.removeGroup({ group: name });
    else if (kind === 'ipset') await removeIpset(place, name, call, { force: input.force });
    else {
      const known = (await readAliases(place, call)).find((one) => one.name === name);
      if (known === undefined)
        throw new Refused(`there is no alias ${name}`, 'See proxmox-firewall-list with what: aliases.');
      await removeAlias(place, name, call, { digest: known.digest });
    }
    return done;
  },
});

export default [alias, ipset, group, remove];
