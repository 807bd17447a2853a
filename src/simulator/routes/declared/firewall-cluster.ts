import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  action: { type: 'string', minLength: 2, maxLength: 20, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  cidr: { type: 'string', format: 'IPorCIDR' },
  'cidr#2': { type: 'string', format: 'IPorCIDRorAlias' },
  comment: { type: 'string' },
  delete: { type: 'string', format: 'pve-configid-list' },
  dest: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  digest: { type: 'string', maxLength: 64 },
  dport: { type: 'string', format: 'pve-fw-dport-spec' },
  ebtables: { type: 'boolean' },
  enable: { type: 'integer', min: 0 },
  force: { type: 'boolean' },
  group: { type: 'string', minLength: 2, maxLength: 18, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  'icmp-type': { type: 'string', format: 'pve-fw-icmp-type-spec' },
  iface: { type: 'string', minLength: 2, maxLength: 20, format: 'pve-iface' },
  log: { type: 'string', enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'] },
  log_ratelimit: {
    type: 'string',
    format: {
      burst: { type: 'integer', optional: true, min: 0 },
      enable: { type: 'boolean', defaultKey: true },
      rate: { type: 'string', optional: true, pattern: '[1-9][0-9]*\\/(second|minute|hour|day)' },
    },
  },
  macro: { type: 'string', maxLength: 128 },
  moveto: { type: 'integer', min: 0 },
  name: { type: 'string', minLength: 2, maxLength: 64, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  nomatch: { type: 'boolean' },
  policy_forward: { type: 'string', enum: ['ACCEPT', 'DROP'] },
  policy_in: { type: 'string', enum: ['ACCEPT', 'REJECT', 'DROP'] },
  policy_out: { type: 'string', enum: ['ACCEPT', 'REJECT', 'DROP'] },
  pos: { type: 'integer', min: 0 },
  proto: { type: 'string', format: 'pve-fw-protocol-spec' },
  rename: { type: 'string', minLength: 2, maxLength: 64, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  'rename#2': { type: 'string', minLength: 2, maxLength: 18, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  source: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  sport: { type: 'string', format: 'pve-fw-sport-spec' },
  type: { type: 'string', enum: ['in', 'out', 'forward', 'group'] },
  'type#2': { type: 'string', enum: ['alias', 'ipset'] },
};

const named = (names: string) => parametersOf(specs, names);

export const firewallClusterDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /cluster/firewall/rules': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/firewall/rules': {
    params: named(`
      action comment? dest? digest? dport? enable? icmp-type? iface? log? macro? pos? proto? source? sport? type`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/rules/{pos}': { params: named('pos?'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'PUT /cluster/firewall/rules/{pos}': {
    params: named(`
      action? comment? delete? dest? digest? dport? enable? icmp-type? iface? log? macro? moveto? pos? proto?
      source? sport? type?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/rules/{pos}': {
    params: named('digest? pos?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/options': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'PUT /cluster/firewall/options': {
    params: named('delete? digest? ebtables? enable? log_ratelimit? policy_forward? policy_in? policy_out?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/aliases': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/firewall/aliases': {
    params: named('cidr comment? name'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/aliases/{name}': {
    params: named('name'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
  },
  'PUT /cluster/firewall/aliases/{name}': {
    params: named('cidr comment? digest? name rename?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/aliases/{name}': {
    params: named('digest? name'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/ipset': { params: named(''), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/firewall/ipset': {
    params: named('comment? digest? name rename?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/ipset/{name}': {
    params: named('force? name'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/ipset/{name}': { params: named('name'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'POST /cluster/firewall/ipset/{name}': {
    params: named('cidr#2 comment? name nomatch?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 name'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
  },
  'PUT /cluster/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 comment? digest? name nomatch?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 digest? name'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/refs': { params: named('type#2?'), permission: { path: '/', privileges: ['Sys.Audit'] } },
  'GET /cluster/firewall/macros': { params: named(''), permission: 'all' },
  'GET /cluster/firewall/groups': { params: named(''), permission: 'all' },
  'POST /cluster/firewall/groups': {
    params: named('comment? digest? group rename#2?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/groups/{group}': {
    params: named('group'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
  },
  'POST /cluster/firewall/groups/{group}': {
    params: named(`
      action comment? dest? digest? dport? enable? group icmp-type? iface? log? macro? pos? proto? source?
      sport? type`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/groups/{group}': {
    params: named('group'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'GET /cluster/firewall/groups/{group}/{pos}': {
    params: named('group pos?'),
    permission: { path: '/', privileges: ['Sys.Audit'] },
  },
  'PUT /cluster/firewall/groups/{group}/{pos}': {
    params: named(`
      action? comment? delete? dest? digest? dport? enable? group icmp-type? iface? log? macro? moveto? pos?
      proto? source? sport? type?`),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
  'DELETE /cluster/firewall/groups/{group}/{pos}': {
    params: named('digest? group pos?'),
    permission: { path: '/', privileges: ['Sys.Modify'] },
  },
};
