import type { Example } from './example.js';

/** What destroys and is about no guest names its cluster. */
const sure = { confirm: true, cluster: 'production' };
const guest = { level: 'guest', vmid: 101 };
const whole = {
  type: 'in',
  action: 'ACCEPT',
  proto: 'tcp',
  dport: '22,8000:8010',
  sport: 1024,
  source: '10.20.0.0/16',
  dest: '10.20.0.101',
  iface: 'net0',
  log: 'info',
  comment: 'by the notary',
  enable: true,
};
const ping = { type: 'in', action: 'accept', proto: 'icmp', 'icmp-type': 'echo-request' };
const web = { type: 'in', action: 'ACCEPT', macro: 'Web' };

const levels = [{ level: 'cluster' }, { level: 'node', node: 'pve1' }, guest, { level: 'group', group: 'web' }];

export default [
  ['proxmox-firewall-set-group', { group: 'web', comment: 'web servers' }],
  ['proxmox-firewall-set-group', { group: 'web', comment: 'all web servers' }],
  ...levels.flatMap((place): Example[] => {
    const { iface: _, ...anywhere } = whole;
    return [
      ['proxmox-firewall-add-rule', { ...place, rule: place.level === 'guest' ? whole : anywhere }],
      ['proxmox-firewall-add-rule', { ...place, rule: ping, position: 1 }],
      ['proxmox-firewall-update-rule', { ...place, pos: 0, rule: { comment: null, log: 'nolog' }, move_to: 1 }],
      ['proxmox-firewall-replace-rules', { ...place, rules: [ping, web], ...sure }],
      ['proxmox-firewall-get', place],
      ['proxmox-firewall-delete-rule', { ...place, pos: 1, ...sure }],
      ['proxmox-firewall-replace-rules', { ...place, rules: [], ...sure }],
    ];
  }),
  ['proxmox-firewall-delete', { level: 'cluster', kind: 'group', object: 'web', ...sure }],
  ...[{ level: 'cluster' }, guest].flatMap((place): Example[] => [
    ['proxmox-firewall-set-alias', { ...place, alias: 'office', cidr: '192.0.2.0/24', comment: 'office' }],
    ['proxmox-firewall-set-alias', { ...place, alias: 'office', cidr: '198.51.100.0/24' }],
    ['proxmox-firewall-set-ipset', { ...place, ipset: 'known', comment: 'k', add: ['192.0.2.0/24', '!192.0.2.7'] }],
    [
      'proxmox-firewall-set-ipset',
      { ...place, ipset: 'known', comment: 'l', add: ['office'], remove: ['192.0.2.0/24'] },
    ],
    ['proxmox-firewall-list', { ...place, what: 'aliases' }],
    ['proxmox-firewall-list', { ...place, what: 'ipsets' }],
    ['proxmox-firewall-list', { ...place, what: 'refs' }],
    ['proxmox-firewall-delete', { ...place, kind: 'ipset', object: 'known', force: true, ...sure }],
    ['proxmox-firewall-delete', { ...place, kind: 'alias', object: 'office', ...sure }],
  ]),
  ['proxmox-firewall-list', { what: 'groups' }],
  ['proxmox-firewall-list', { what: 'macros' }],
  ['proxmox-firewall-list', { what: 'log', level: 'node', node: 'pve1' }],
  ['proxmox-firewall-list', { what: 'log', ...guest }],
  [
    'proxmox-firewall-set-options',
    {
      level: 'cluster',
      enable: true,
      policy_in: 'ACCEPT',
      policy_out: 'ACCEPT',
      options: { ebtables: false, log_ratelimit: 'enable=1,rate=2/second', policy_forward: 'ACCEPT' },
      ...sure,
    },
  ],
  ['proxmox-firewall-set-options', { level: 'cluster', enable: false, options: { ebtables: null }, ...sure }],
  [
    'proxmox-firewall-set-options',
    { level: 'node', node: 'pve1', enable: true, options: { log_level_in: 'info', nf_conntrack_max: 65536 }, ...sure },
  ],
  [
    'proxmox-firewall-set-options',
    { ...guest, enable: true, policy_in: 'DROP', options: { dhcp: true, macfilter: true, ipfilter: false }, ...sure },
  ],
  ['proxmox-vm-firewall-set', { vmid: 101, enable: true, rules: [whole, web], ...sure }],
  ['proxmox-vm-firewall-get', { vmid: 101 }],
  ['proxmox-lxc-firewall-set', { vmid: 105, enable: false, rules: [ping], ...sure }],
  ['proxmox-lxc-firewall-get', { vmid: 105 }],
] satisfies readonly Example[];
