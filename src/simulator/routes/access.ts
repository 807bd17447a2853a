import type { JsonObject } from '../json.js';
import { died } from '../pve-error.js';
import { listRoles } from '../roles.js';
import type { Call, Route } from '../route.js';
import type { ClusterState, UserState } from '../state.js';
import { flag } from './common-parameters.js';

const userPrivileges = ['User.Modify', 'Sys.Audit'];

export function groupsOf(state: ClusterState, userid: string): string[] {
  return state.groups.filter((group) => group.users.includes(userid)).map((group) => group.groupid);
}

function userRow(state: ClusterState, user: UserState, full: boolean): JsonObject {
  const realm = user.userid.split('@')[1] ?? '';
  return {
    userid: user.userid,
    enable: user.enable ? 1 : 0,
    expire: user.expire,
    firstname: user.firstname,
    lastname: user.lastname,
    email: user.email,
    comment: user.comment,
    'realm-type': state.realms.find((entry) => entry.realm === realm)?.type,
    ...(full
      ? {
          groups: groupsOf(state, user.userid).join(','),
          tokens: user.tokens.map(({ tokenid, expire, privsep, comment }) => ({
            tokenid,
            expire,
            privsep: privsep ? 1 : 0,
            comment,
          })),
        }
      : {}),
  };
}

function listUsers({ cluster, caller, params }: Call) {
  const { state } = cluster;
  const { permissions } = caller;
  const all = permissions.hasAny('/access/groups', userPrivileges);
  const visible = (user: UserState) =>
    all ||
    user.userid === caller.authid ||
    groupsOf(state, user.userid).some((group) => permissions.hasAny(`/access/groups/${group}`, userPrivileges));
  const wanted = params.has('enabled') ? params.flag('enabled') : undefined;
  return state.users
    .filter((user) => visible(user) && (wanted === undefined || user.enable === wanted))
    .map((user) => userRow(state, user, params.flag('full')));
}

function listGroups({ cluster, caller }: Call) {
  return cluster.state.groups
    .filter(({ groupid }) =>
      caller.permissions.hasAny(`/access/groups/${groupid}`, [...userPrivileges, 'Group.Allocate']),
    )
    .map((group) => ({ groupid: group.groupid, comment: group.comment, users: group.users.join(',') }));
}

function listRealms({ cluster }: Call) {
  return cluster.state.realms.map((entry) => ({
    realm: entry.realm,
    type: entry.type,
    comment: entry.comment,
    default: entry.default ? 1 : undefined,
  }));
}

function roleList({ cluster }: Call) {
  return listRoles(cluster.state).map((role) => ({
    roleid: role.roleid,
    privs: role.privileges.join(','),
    special: role.special ? 1 : 0,
  }));
}

function oneRole({ cluster, params }: Call) {
  const roleid = params.text('roleid');
  const role = listRoles(cluster.state).find((entry) => entry.roleid === roleid);
  if (role === undefined) throw died(`role '${roleid}' does not exist`);
  return Object.fromEntries(role.privileges.map((privilege) => [privilege, 1]));
}

export const accessRoutes: readonly Route[] = [
  { route: 'GET /access/users', params: { enabled: flag, full: flag }, permission: 'all', handler: listUsers },
  { route: 'GET /access/groups', params: {}, permission: 'all', handler: listGroups },
  { route: 'GET /access/domains', params: {}, permission: 'world', handler: listRealms },
  { route: 'GET /access/roles', params: {}, permission: 'all', handler: roleList },
  {
    route: 'GET /access/roles/{roleid}',
    params: { roleid: { type: 'string', format: 'pve-roleid' } },
    permission: 'all',
    handler: oneRole,
  },
];
