import type { ParameterSpecs } from '../../parameters.js';
import { type Declaration, parametersOf } from '../declaration.js';

const specs: ParameterSpecs = {
  action: { type: 'string', minLength: 2, maxLength: 20, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  cidr: { type: 'string', format: 'IPorCIDR' },
  'cidr#2': { type: 'string', format: 'IPorCIDRorAlias' },
  comment: { type: 'string' },
  delete: { type: 'string', format: 'pve-configid-list' },
  dest: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  dhcp: { type: 'boolean' },
  digest: { type: 'string', maxLength: 64 },
  dport: { type: 'string', format: 'pve-fw-dport-spec' },
  enable: { type: 'integer', min: 0 },
  'enable#2': { type: 'boolean' },
  force: { type: 'boolean' },
  'icmp-type': { type: 'string', format: 'pve-fw-icmp-type-spec' },
  iface: { type: 'string', minLength: 2, maxLength: 20, format: 'pve-iface' },
  ipfilter: { type: 'boolean' },
  limit: { type: 'integer', min: 0 },
  log: { type: 'string', enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'] },
  log_level_in: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  log_level_out: {
    type: 'string',
    enum: ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'],
  },
  macfilter: { type: 'boolean' },
  macro: { type: 'string', maxLength: 128 },
  moveto: { type: 'integer', min: 0 },
  name: { type: 'string', minLength: 2, maxLength: 64, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  ndp: { type: 'boolean' },
  node: { type: 'string', format: 'pve-node' },
  nomatch: { type: 'boolean' },
  policy_in: { type: 'string', enum: ['ACCEPT', 'REJECT', 'DROP'] },
  policy_out: { type: 'string', enum: ['ACCEPT', 'REJECT', 'DROP'] },
  pos: { type: 'integer', min: 0 },
  proto: { type: 'string', format: 'pve-fw-protocol-spec' },
  radv: { type: 'boolean' },
  rename: { type: 'string', minLength: 2, maxLength: 64, pattern: '[A-Za-z][A-Za-z0-9\\-\\_]+' },
  since: { type: 'integer', min: 0 },
  source: { type: 'string', maxLength: 512, format: 'pve-fw-addr-spec' },
  sport: { type: 'string', format: 'pve-fw-sport-spec' },
  start: { type: 'integer', min: 0 },
  type: { type: 'string', enum: ['in', 'out', 'forward', 'group'] },
  'type#2': { type: 'string', enum: ['alias', 'ipset'] },
  until: { type: 'integer', min: 0 },
  vmid: { type: 'integer', min: 100, max: 999999999, format: 'pve-vmid' },
};

const named = (names: string) => parametersOf(specs, names);

export const firewallGuestDeclarations: Readonly<Record<string, Declaration>> = {
  'GET /nodes/{node}/qemu/{vmid}/firewall/rules': {
    params: named('node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'POST /nodes/{node}/qemu/{vmid}/firewall/rules': {
    params: named(`
      action comment? dest? digest? dport? enable? icmp-type? iface? log? macro? node pos? proto? source? sport?
      type vmid`),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}': {
    params: named('node pos? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'PUT /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}': {
    params: named(`
      action? comment? delete? dest? digest? dport? enable? icmp-type? iface? log? macro? moveto? node pos?
      proto? source? sport? type? vmid`),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'DELETE /nodes/{node}/qemu/{vmid}/firewall/rules/{pos}': {
    params: named('digest? node pos? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/options': {
    params: named('node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
  },
  'PUT /nodes/{node}/qemu/{vmid}/firewall/options': {
    params: named(`
      delete? dhcp? digest? enable#2? ipfilter? log_level_in? log_level_out? macfilter? ndp? node policy_in?
      policy_out? radv? vmid`),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/aliases': {
    params: named('node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'POST /nodes/{node}/qemu/{vmid}/firewall/aliases': {
    params: named('cidr comment? name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/aliases/{name}': {
    params: named('name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'PUT /nodes/{node}/qemu/{vmid}/firewall/aliases/{name}': {
    params: named('cidr comment? digest? name node rename? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'DELETE /nodes/{node}/qemu/{vmid}/firewall/aliases/{name}': {
    params: named('digest? name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/ipset': {
    params: named('node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'POST /nodes/{node}/qemu/{vmid}/firewall/ipset': {
    params: named('comment? digest? name node rename? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'DELETE /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}': {
    params: named('force? name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}': {
    params: named('name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'POST /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}': {
    params: named('cidr#2 comment? name node nomatch? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'PUT /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 comment? digest? name node nomatch? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'DELETE /nodes/{node}/qemu/{vmid}/firewall/ipset/{name}/{cidr}': {
    params: named('cidr#2 digest? name node vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Config.Network'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/refs': {
    params: named('node type#2? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Audit'] },
    proxied: false,
  },
  'GET /nodes/{node}/qemu/{vmid}/firewall/log': {
    params: named('limit? node since? start? until? vmid'),
    permission: { path: '/vms/{vmid}', privileges: ['VM.Console'] },
  },
};
