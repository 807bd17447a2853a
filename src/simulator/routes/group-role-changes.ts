import { splitList } from '../parameter-format.js';
import { died, parameterError } from '../pve-error.js';
import { listRoles, privilegesOf } from '../roles.js';
import type { Call } from '../route.js';
import type { GroupState, RoleState } from '../state.js';
import type { Handler } from './declaration.js';

function groupNamed({ cluster, params }: Call, doing: string): GroupState {
  const groupid = params.text('groupid');
  const group = cluster.state.groups.find((entry) => entry.groupid === groupid);
  if (group === undefined) throw died(`${doing}group '${groupid}' does not exist`);
  return group;
}

function createGroup({ cluster, params }: Call) {
  const groupid = params.text('groupid');
  if (cluster.state.groups.some((group) => group.groupid === groupid)) {
    throw died(`create group failed: group '${groupid}' already exists`);
  }
  cluster.state.groups.push({ groupid, comment: params.optionalText('comment') ?? '', users: [] });
  return null;
}

function readGroup(call: Call) {
  const group = groupNamed(call, '');
  return { members: [...group.users], comment: group.comment === '' ? undefined : group.comment };
}

function updateGroup(call: Call) {
  const group = groupNamed(call, 'update group failed: ');
  group.comment = call.params.optionalText('comment') ?? group.comment;
  return null;
}

function deleteGroup(call: Call) {
  const { state } = call.cluster;
  const group = groupNamed(call, 'delete group failed: ');
  state.groups = state.groups.filter((entry) => entry !== group);
  state.acl = state.acl.filter((entry) => entry.type !== 'group' || entry.ugid !== group.groupid);
  return null;
}

function privilegesFrom({ cluster, params }: Call, doing: string): string[] {
  const known = new Set(privilegesOf(cluster.state, 'Administrator'));
  const wanted = splitList(params.optionalText('privs') ?? '');
  const unknown = wanted.find((privilege) => !known.has(privilege));
  if (unknown !== undefined) throw died(`${doing} role failed: privilege '${unknown}' does not exist`);
  return wanted;
}

function createRole(call: Call) {
  const { cluster, params } = call;
  const roleid = params.text('roleid');
  if (/^pve/i.test(roleid)) {
    throw parameterError({
      roleid: "cannot use role ID starting with the (case-insensitive) 'PVE' namespace",
    });
  }
  if (listRoles(cluster.state).some((role) => role.roleid === roleid)) {
    throw died(`create role failed: role '${roleid}' already exists`);
  }
  cluster.state.roles.push({ roleid, privileges: privilegesFrom(call, 'create') });
  return null;
}

function ownRole({ cluster, params }: Call, doing: string, done: string): RoleState {
  const roleid = params.text('roleid');
  const role = cluster.state.roles.find((entry) => entry.roleid === roleid);
  if (role !== undefined) return role;
  const builtin = listRoles(cluster.state).some((entry) => entry.roleid === roleid);
  if (builtin) throw died(`auto-generated role '${roleid}' cannot be ${done}`);
  throw died(`${doing} role failed: role '${roleid}' does not exist`);
}

function updateRole(call: Call) {
  const role = ownRole(call, 'update', 'modified');
  const wanted = privilegesFrom(call, 'update');
  role.privileges = [...new Set([...(call.params.flag('append') ? role.privileges : []), ...wanted])].sort();
  return null;
}

function deleteRole(call: Call) {
  const { state } = call.cluster;
  const role = ownRole(call, 'delete', 'deleted');
  state.roles = state.roles.filter((entry) => entry !== role);
  state.acl = state.acl.filter((entry) => entry.roleid !== role.roleid);
  return null;
}

export const groupRoleHandlers: Readonly<Record<string, Handler>> = {
  'POST /access/groups': createGroup,
  'GET /access/groups/{groupid}': readGroup,
  'PUT /access/groups/{groupid}': updateGroup,
  'DELETE /access/groups/{groupid}': deleteGroup,
  'POST /access/roles': createRole,
  'PUT /access/roles/{roleid}': updateRole,
  'DELETE /access/roles/{roleid}': deleteRole,
};
