import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  action: { type: 'string', minLength: 2, maxLength: 20, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  comment: { type: 'string' },
  delete: { type: 'string', format: 'pve-configid-list' },
  dest: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  digest: { type: 'string', maxLength: 64 },
  dport: { type: 'string', format: 'pve-fw-dport-spec' },
  enable: { type: 'integer', min: 0 },
  'enable#2': { type: 'boolean' },
  'icmp-type': { type: 'string', format: 'pve-fw-icmp-type-spec' },
  iface: { type: 'string', minLength: 2, maxLength: 20, format: 'pve-iface' },
  limit: { type: 'integer', min: 0 },
  log: { type: 'string', enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'] },
  log_level_forward: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  log_level_in: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  log_level_out: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  log_nf_conntrack: { type: 'boolean' },
  macro: { type: 'string', maxLength: 128 },
  moveto: { type: 'integer', min: 0 },
  ndp: { type: 'boolean' },
  nf_conntrack_allow_invalid: { type: 'boolean' },
  nf_conntrack_helpers: { type: 'string', format: 'pve-fw-conntrack-helper' },
  nf_conntrack_max: { type: 'integer', min: 32768 },
  nf_conntrack_tcp_timeout_established: { type: 'integer', min: 7875 },
  nf_conntrack_tcp_timeout_syn_recv: { type: 'integer', min: 30, max: 60 },
  nftables: { type: 'boolean' },
  node: { type: 'string', format: 'pve-node' },
  nosmurfs: { type: 'boolean' },
  pos: { type: 'integer', min: 0 },
  protection_synflood: { type: 'boolean' },
  protection_synflood_burst: { type: 'integer' },
  protection_synflood_rate: { type: 'integer' },
  proto: { type: 'string', format: 'pve-fw-protocol-spec' },
  since: { type: 'integer', min: 0 },
  smurf_log_level: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  source: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  sport: { type: 'string', format: 'pve-fw-sport-spec' },
  start: { type: 'integer', min: 0 },
  tcp_flags_log_level: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  tcpflags: { type: 'boolean' },
  type: { type: 'string', enum: ['in', 'out', 'forward', 'group'] },
  until: { type: 'integer', min: 0 },
};

const named = (names: string) => parametersOf(specs, names);

export const firewallNodeDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /nodes/{node}/firewall/rules': {
    params: named('node'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
  },
  'POST /nodes/{node}/firewall/rules': {
    params: named(`
      action comment? dest? digest? dport? enable? icmp-type? iface? log? macro? node pos? proto? source? sport?
      type`),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'GET /nodes/{node}/firewall/rules/{pos}': {
    params: named('node pos?'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
  },
  'PUT /nodes/{node}/firewall/rules/{pos}': {
    params: named(`
      action? comment? delete? dest? digest? dport? enable? icmp-type? iface? log? macro? moveto? node pos?
      proto? source? sport? type?`),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'DELETE /nodes/{node}/firewall/rules/{pos}': {
    params: named('digest? node pos?'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'GET /nodes/{node}/firewall/options': {
    params: named('node'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Audit'] },
  },
  'PUT /nodes/{node}/firewall/options': {
    params: named(`
      delete? digest? enable#2? log_level_forward? log_level_in? log_level_out? log_nf_conntrack? ndp?
      nf_conntrack_allow_invalid? nf_conntrack_helpers? nf_conntrack_max? nf_conntrack_tcp_timeout_established?
      nf_conntrack_tcp_timeout_syn_recv? nftables? node nosmurfs? protection_synflood?
      protection_synflood_burst? protection_synflood_rate? smurf_log_level? tcp_flags_log_level? tcpflags?`),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Modify'] },
  },
  'GET /nodes/{node}/firewall/log': {
    params: named('limit? node since? start? until?'),
    permission: { path: '/nodes/{node}', privileges: ['Sys.Syslog'] },
  },
};
