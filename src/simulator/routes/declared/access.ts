import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  append: { type: 'boolean', requires: 'groups' },
  'append#2': { type: 'boolean', requires: 'privs' },
  comment: { type: 'string', maxLength: 2048 },
  'comment#2': { type: 'string' },
  delete: { type: 'string', format: 'pve-configid-list', since: '9.2' },
  email: { type: 'string', maxLength: 254, format: 'email-opt' },
  enable: { type: 'boolean' },
  expire: { type: 'integer', min: 0 },
  firstname: { type: 'string', maxLength: 1024 },
  groupid: { type: 'string', format: 'pve-groupid' },
  groups: { type: 'string', format: 'pve-groupid-list' },
  keys: { type: 'string', pattern: '[0-9a-zA-Z!=]{0,4096}' },
  lastname: { type: 'string', maxLength: 1024 },
  password: { type: 'string', minLength: 8, maxLength: 64 },
  privs: { type: 'string', format: 'pve-priv-list' },
  privsep: { type: 'boolean' },
  regenerate: { type: 'boolean', since: '9.2' },
  roleid: { type: 'string', format: 'pve-roleid' },
  tokenid: { type: 'string', pattern: '(?:[A-Za-z][A-Za-z0-9\\.\\-_]+)' },
  userid: { type: 'string', maxLength: 64, format: 'pve-userid' },
};

const named = (names: string) => parametersOf(specs, names);

export const accessDeclarations: Readonly<Record<string, Declaration>> = {
  'POST /access/users': {
    params: named('comment? email? enable? expire? firstname? groups? keys? lastname? password? userid'),
    permission: { allOf: [{ userid: 'Realm.AllocateUser' }, { ofGroups: ['User.Modify'], groupsParam: 'create' }] },
  },
  'GET /access/users/{userid}': { params: named('userid'), permission: { ofGroups: ['User.Modify', 'Sys.Audit'] } },
  'PUT /access/users/{userid}': {
    params: named('append? comment? email? enable? expire? firstname? groups? keys? lastname? userid'),
    permission: { ofGroups: ['User.Modify'], groupsParam: 'update' },
  },
  'DELETE /access/users/{userid}': {
    params: named('userid'),
    permission: { allOf: [{ userid: 'Realm.AllocateUser' }, { ofGroups: ['User.Modify'] }] },
  },
  'POST /access/groups': {
    params: named('comment#2? groupid'),
    permission: { path: '/access/groups', privileges: ['Group.Allocate'] },
  },
  'GET /access/groups/{groupid}': {
    params: named('groupid'),
    permission: { path: '/access/groups', privileges: ['Sys.Audit', 'Group.Allocate'], any: true },
  },
  'PUT /access/groups/{groupid}': {
    params: named('comment#2? groupid'),
    permission: { path: '/access/groups', privileges: ['Group.Allocate'] },
  },
  'DELETE /access/groups/{groupid}': {
    params: named('groupid'),
    permission: { path: '/access/groups', privileges: ['Group.Allocate'] },
  },
  'POST /access/roles': { params: named('privs? roleid'), permission: { path: '/access', privileges: ['Sys.Modify'] } },
  'PUT /access/roles/{roleid}': {
    params: named('append#2? privs? roleid'),
    permission: { path: '/access', privileges: ['Sys.Modify'] },
  },
  'DELETE /access/roles/{roleid}': {
    params: named('roleid'),
    permission: { path: '/access', privileges: ['Sys.Modify'] },
  },
  'GET /access/users/{userid}/token': {
    params: named('userid'),
    permission: { anyOf: [{ userid: 'self' }, { ofGroups: ['User.Modify'] }] },
  },
  'GET /access/users/{userid}/token/{tokenid}': {
    params: named('tokenid userid'),
    permission: { anyOf: [{ userid: 'self' }, { ofGroups: ['User.Modify'] }] },
  },
  'POST /access/users/{userid}/token/{tokenid}': {
    params: named('comment#2? expire? privsep? tokenid userid'),
    permission: { anyOf: [{ userid: 'self' }, { ofGroups: ['User.Modify'] }] },
  },
  'PUT /access/users/{userid}/token/{tokenid}': {
    params: named('comment#2? delete? expire? privsep? regenerate? tokenid userid'),
    permission: { anyOf: [{ userid: 'self' }, { ofGroups: ['User.Modify'] }] },
  },
  'DELETE /access/users/{userid}/token/{tokenid}': {
    params: named('tokenid userid'),
    permission: { anyOf: [{ userid: 'self' }, { ofGroups: ['User.Modify'] }] },
  },
};
