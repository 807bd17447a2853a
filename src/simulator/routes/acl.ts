import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { Permissions } from '../permissions.js';
import { forbidden, parameterError } from '../pve-error.js';
import { listRoles } from '../roles.js';
import type { Call, Route } from '../route.js';
import type { AclEntry, ClusterState } from '../state.js';
import { flag, optionalText } from './common-parameters.js';

function listAcl({ cluster, caller }: Call) {
  const all = caller.permissions.hasAny('/access', ['Sys.Audit', 'Permissions.Modify']);
  return cluster.state.acl
    .filter(({ path }) => all || caller.permissions.has(path, 'Permissions.Modify'))
    .map((entry) => ({
      path: entry.path,
      type: entry.type,
      ugid: entry.ugid,
      roleid: entry.roleid,
      propagate: entry.propagate ? 1 : 0,
    }));
}

function requireExisting(known: readonly string[], wanted: readonly string[], key: string, what: string): void {
  const missing = wanted.find((name) => !known.includes(name));
  if (missing !== undefined) throw parameterError({ [key]: `${what} '${missing}' does not exist` });
}

function subjectsOf(call: Call): { type: AclEntry['type']; ugid: string }[] {
  const { users, groups } = call.cluster.state;
  const named = (key: string) => splitList(call.params.optionalText(key) ?? '');
  const tokens = users.flatMap((user) => user.tokens.map((token) => `${user.userid}!${token.tokenid}`));
  requireExisting(
    users.map((user) => user.userid),
    named('users'),
    'users',
    'user',
  );
  requireExisting(
    groups.map((group) => group.groupid),
    named('groups'),
    'groups',
    'group',
  );
  requireExisting(tokens, named('tokens'), 'tokens', 'token');
  const subjects = [
    ...named('users').map((ugid) => ({ type: 'user' as const, ugid })),
    ...named('groups').map((ugid) => ({ type: 'group' as const, ugid })),
    ...named('tokens').map((ugid) => ({ type: 'token' as const, ugid })),
  ];
  if (subjects.length > 0) return subjects;
  throw parameterError({ users: 'either users, groups or tokens is required.' });
}

function requireOwnRights(call: Call, path: string, roles: readonly string[]): void {
  const { permissions } = call.caller;
  if (permissions.has(path, 'Permissions.Modify')) return;
  for (const role of listRoles(call.cluster.state).filter((entry) => roles.includes(entry.roleid))) {
    const foreign = role.privileges.find((privilege) => !permissions.has(path, privilege));
    if (foreign !== undefined) throw forbidden(`${path}, Permissions.Modify`);
  }
}

function changeAcl(call: Call) {
  const { cluster, params } = call;
  const path = params
    .text('path')
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1');
  if (!path.startsWith('/')) throw parameterError({ path: `invalid ACL path '${path}'` });
  const roles = splitList(params.text('roles'));
  requireExisting(
    listRoles(cluster.state).map((role) => role.roleid),
    roles,
    'roles',
    'role',
  );
  const subjects = subjectsOf(call);
  requireOwnRights(call, path, roles);
  const propagate = !params.has('propagate') || params.flag('propagate');
  for (const { type, ugid } of subjects) {
    for (const roleid of roles) {
      cluster.state.acl = cluster.state.acl.filter(
        (entry) => !(entry.path === path && entry.type === type && entry.ugid === ugid && entry.roleid === roleid),
      );
      if (!params.flag('delete')) cluster.state.acl.push({ path, type, ugid, roleid, propagate });
    }
  }
  return null;
}

const topPaths = ['/', '/access', '/access/groups', '/mapping', '/nodes', '/pool', '/sdn', '/storage', '/vms'];

function knownPaths(state: ClusterState): string[] {
  const members = state.pools.flatMap((pool) => [
    ...pool.vmids.map((vmid) => `/vms/${vmid}`),
    ...pool.storages.map((storage) => `/storage/${storage}`),
  ]);
  return [...new Set([...topPaths, ...state.acl.map((entry) => entry.path), ...members])].sort();
}

function permissions({ cluster, caller, params }: Call) {
  const userid = params.optionalText('userid') ?? caller.authid;
  const own = userid === caller.authid || userid.startsWith(`${caller.authid}!`);
  if (!own && !caller.permissions.has('/access', 'Sys.Audit')) throw forbidden('/access, Sys.Audit');
  const asked = new Permissions(cluster.state, userid);
  const path = params.optionalText('path');
  const result: Record<string, JsonObject> = {};
  for (const each of path === undefined ? knownPaths(cluster.state) : [path]) {
    const grants = asked.on(each);
    if (grants.size === 0 && path === undefined) continue;
    // the value is whether it propagates; that a privilege is there at all is the grant
    result[each] = Object.fromEntries([...grants].map(([privilege, propagate]) => [privilege, propagate ? 1 : 0]));
  }
  return result;
}

export const aclRoutes: readonly Route[] = [
  { route: 'GET /access/acl', params: {}, permission: 'all', handler: listAcl },
  {
    route: 'PUT /access/acl',
    params: {
      path: { type: 'string' },
      roles: { type: 'string', format: 'pve-roleid-list' },
      users: { type: 'string', optional: true, format: 'pve-userid-list' },
      groups: { type: 'string', optional: true, format: 'pve-groupid-list' },
      tokens: { type: 'string', optional: true, format: 'pve-tokenid-list' },
      propagate: flag,
      delete: flag,
    },
    permission: { modify: '{path}' },
    handler: changeAcl,
  },
  {
    route: 'GET /access/permissions',
    params: {
      path: optionalText,
      userid: {
        type: 'string',
        optional: true,
        pattern: '(?:[^\\s:/]+)\\@(?:[A-Za-z][A-Za-z0-9\\.\\-_]+)(?:!(?:[A-Za-z][A-Za-z0-9\\.\\-_]+))?',
      },
    },
    permission: 'all',
    handler: permissions,
  },
];
