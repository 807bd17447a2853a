import type { JsonObject } from '../json.js';
import { splitList } from '../parameter-format.js';
import { died } from '../pve-error.js';
import type { Call } from '../route.js';
import type { ClusterState, UserState } from '../state.js';
import { groupsOf } from './access.js';
import type { Handler } from './declaration.js';

const texts = ['firstname', 'lastname', 'email', 'comment'] as const;

export function userNamed(state: ClusterState, userid: string): UserState {
  const user = state.users.find((entry) => entry.userid === userid);
  if (user === undefined) throw died(`no such user ('${userid}')`);
  return user;
}

function setTexts({ params }: Call, user: UserState): void {
  for (const key of texts) {
    const value = params.optionalText(key);
    if (value === '') delete user[key];
    else if (value !== undefined) user[key] = value;
  }
  if (params.has('enable')) user.enable = params.flag('enable');
  user.expire = params.optionalInteger('expire') ?? user.expire;
}

function setGroups({ cluster, params }: Call, userid: string): void {
  const text = params.optionalText('groups');
  if (text === undefined) return;
  const wanted = splitList(text);
  const { groups } = cluster.state;
  const missing = wanted.find((groupid) => !groups.some((group) => group.groupid === groupid));
  if (missing !== undefined) throw died(`no such group '${missing}'`);
  for (const group of groups) {
    const inside = wanted.includes(group.groupid) || (params.flag('append') && group.users.includes(userid));
    group.users = group.users.filter((user) => user !== userid);
    if (inside) group.users.push(userid);
  }
}

function create(call: Call) {
  const { cluster, params } = call;
  const userid = params.text('userid');
  const realm = userid.replace(/^.*@/, '');
  if (cluster.state.users.some((user) => user.userid === userid)) {
    throw died(`create user failed: user '${userid}' already exists`);
  }
  if (!cluster.state.realms.some((entry) => entry.realm === realm)) throw died(`domain '${realm}' does not exist`);
  const user: UserState = { userid, enable: true, expire: 0, tokens: [] };
  setGroups(call, userid);
  setTexts(call, user);
  cluster.state.users.push(user);
  return null;
}

function read({ cluster, params }: Call): JsonObject {
  const user = userNamed(cluster.state, params.text('userid'));
  const tokens = user.tokens.map(({ tokenid, expire, privsep, comment }) => [
    tokenid,
    { expire, privsep: privsep ? 1 : 0, comment },
  ]);
  return {
    enable: user.enable ? 1 : 0,
    expire: user.expire,
    firstname: user.firstname,
    lastname: user.lastname,
    email: user.email,
    comment: user.comment,
    groups: groupsOf(cluster.state, user.userid),
    tokens: Object.fromEntries(tokens),
  };
}

function update(call: Call) {
  const user = userNamed(call.cluster.state, call.params.text('userid'));
  setGroups(call, user.userid);
  setTexts(call, user);
  return null;
}

function remove({ cluster, params }: Call) {
  const { state } = cluster;
  const { userid } = userNamed(state, params.text('userid'));
  state.users = state.users.filter((user) => user.userid !== userid);
  for (const group of state.groups) group.users = group.users.filter((user) => user !== userid);
  const own = ({ type, ugid }: ClusterState['acl'][number]) =>
    (type === 'user' && ugid === userid) || (type === 'token' && ugid.startsWith(`${userid}!`));
  state.acl = state.acl.filter((entry) => !own(entry));
  return null;
}

export const userHandlers: Readonly<Record<string, Handler>> = {
  'POST /access/users': create,
  'GET /access/users/{userid}': read,
  'PUT /access/users/{userid}': update,
  'DELETE /access/users/{userid}': remove,
};
