import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { text } from '../../pve/loose.js';
import { splitList } from '../../pve/storage.js';
import { defineList, defineTool } from '../define.js';
import { comment, groupid } from './identity.js';

const groups = endpoint(
  'GET /access/groups',
  z.array(z.object({ groupid: z.string(), comment: text.optional(), users: z.string().optional() })),
);
const create = endpoint('POST /access/groups', z.null());
const update = endpoint('PUT /access/groups/{groupid}', z.null());
const remove = endpoint('DELETE /access/groups/{groupid}', z.null());
const acl = endpoint('GET /access/acl', z.array(z.object({ type: z.string(), ugid: z.string() })));

const shared = { scope: 'cluster', toolset: 'access' } as const;
const output = z.object({ groupid: z.string() });
const privileges = ['Group.Allocate on /access/groups'] as const;

export default [
  defineList({
    ...shared,
    name: 'proxmox-list-groups',
    title: 'List groups',
    description: 'User groups and their members.',
    effect: 'read',
    input: {},
    output: z.object({ groupid: z.string(), users: z.array(z.string()), comment: z.string().optional() }),
    calls: { groups },
    privileges: ['Group.Allocate|User.Modify|Sys.Audit on /access/groups'],
    run: async ({ call }) => {
      const { data } = await call.groups({});
      const rows = data.map(({ users, ...group }) => ({ ...group, users: splitList(users).sort() }));
      return { rows: rows.sort((a, b) => (a.groupid < b.groupid ? -1 : 1)) };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-create-group',
    title: 'Create group',
    description: 'Make a group of users. Members: proxmox-update-user.',
    effect: 'write',
    input: { groupid, comment },
    output,
    calls: { create },
    privileges,
    run: async ({ input, call }) => {
      await call.create({}, { groupid: input.groupid, comment: input.comment });
      return { groupid: input.groupid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-group',
    title: 'Update group',
    description: 'Change the comment of a group.',
    effect: 'write',
    input: { groupid, comment: z.string().max(2048).describe('Empty: none') },
    output,
    calls: { update },
    privileges,
    run: async ({ input, call }) => {
      await call.update({ groupid: input.groupid }, { comment: input.comment });
      return { groupid: input.groupid };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-group',
    title: 'Delete group',
    description: 'Delete a group and its permissions. Its users stay.',
    effect: 'destroy',
    input: { groupid },
    output,
    calls: { acl, groups, remove },
    privileges,
    run: async ({ input, call, note }) => {
      const group = (await call.groups({})).data.find((one) => one.groupid === input.groupid);
      const entries = (await call.acl({})).data.filter(({ type, ugid }) => type === 'group' && ugid === input.groupid);
      const users = splitList(group?.users);
      if (users.length + entries.length > 0)
        note(`It has ${users.length} users, and ${entries.length} permissions that go with it.`);
      await call.remove({ groupid: input.groupid });
      return { groupid: input.groupid };
    },
  }),
];
