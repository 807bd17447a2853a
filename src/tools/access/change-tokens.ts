import { z } from 'zod';
import { endpoint } from '../../pve/endpoint.js';
import { defineTool } from '../define.js';
import { Refused } from '../refused.js';
import { expire, expirySeconds } from './expiry.js';
import { comment, ownerOf, tokenid, tokenPath } from './identity.js';

const route = '/access/users/{userid}/token/{tokenid}';
const create = endpoint(`POST ${route}`, z.object({ value: z.string().min(1) }), { value: 'planned' });
const update = endpoint(`PUT ${route}`, z.unknown());
const remove = endpoint(`DELETE ${route}`, z.null());
const acl = endpoint('GET /access/acl', z.array(z.object({ type: z.string(), ugid: z.string() })));

const shared = { scope: 'cluster', toolset: 'access', privileges: ['User.Modify on /access/groups'] } as const;

const settings = {
  tokenid,
  privsep: z.boolean().optional().describe('false: as its user'),
  expire,
  comment,
};

const wholeRights = (id: string) =>
  `Without privilege separation this token may do all that ${ownerOf(id)} may, now and later.`;

export default [
  defineTool({
    ...shared,
    name: 'proxmox-create-token',
    title: 'Create API token',
    description: 'Make an API token; its secret goes to a file on the host of this server.',
    effect: 'write',
    input: settings,
    output: z.object({ tokenid: z.string(), privsep: z.boolean(), secret_file: z.string() }),
    calls: { create, remove },
    run: async ({ input, call, note, keepSecret }) => {
      const { tokenid: id, privsep = true } = input;
      const path = tokenPath(id);
      note(
        privsep ? `It has no rights until proxmox-assign-permission gives it some: tokens '${id}'.` : wholeRights(id),
      );
      const parameters = { privsep, expire: expirySeconds(input.expire), comment: input.comment };
      const secret_file = await keepSecret(
        id,
        async () => (await call.create(path, parameters)).data.value,
        () => call.remove(path),
      );
      return { tokenid: id, privsep, secret_file };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-update-token',
    title: 'Update API token',
    description: 'Change expiry, comment or privilege separation of a token.',
    effect: 'write',
    input: settings,
    output: z.object({ tokenid: z.string() }),
    calls: { update },
    run: async ({ target, input, call, note }) => {
      const { tokenid: id, privsep } = input;
      const parameters = { privsep, expire: expirySeconds(input.expire), comment: input.comment };
      if (Object.values(parameters).every((value) => value === undefined))
        throw new Refused('There is nothing to change', 'Give what is to change.');
      if (id === target.cluster.info.tokenId && (privsep !== undefined || parameters.expire))
        throw new Refused("This is this server's own token", 'Leave this to the user.');
      if (privsep === false) note(wholeRights(id));
      await call.update(tokenPath(id), parameters);
      return { tokenid: id };
    },
  }),
  defineTool({
    ...shared,
    name: 'proxmox-delete-token',
    title: 'Delete API token',
    description: 'Delete an API token; whatever uses it is locked out.',
    effect: 'destroy',
    input: { tokenid },
    output: z.object({ tokenid: z.string() }),
    calls: { acl, remove },
    run: async ({ target, input, call, note }) => {
      if (input.tokenid === target.cluster.info.tokenId)
        throw new Refused("This is this server's own token", 'Leave this to the user.');
      const entries = (await call.acl({})).data.filter(({ type, ugid }) => type === 'token' && ugid === input.tokenid);
      if (entries.length > 0) note(`${entries.length} permissions are given to it and go with it.`);
      await call.remove(tokenPath(input.tokenid));
      return { tokenid: input.tokenid };
    },
  }),
];
