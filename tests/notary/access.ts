import type { Example } from './example.js';

const cluster = 'production';
/** What destroys and is about no guest names its cluster, and what says who may do what. */
const sure = { confirm: true, cluster };
const userid = 'ann@pve';
const tokenid = 'ann@pve!ci';

export default [
  ['proxmox-create-pool', { cluster, poolid: 'team', comment: 'Ours' }],
  ['proxmox-create-pool', { cluster, poolid: 'team/web' }],
  ['proxmox-pool-add', { cluster, poolid: 'team/web', vmid: 100, allow_move: true }],
  ['proxmox-pool-add', { cluster, poolid: 'team/web', storage: 'local' }],
  ['proxmox-pool-remove', { poolid: 'team/web', vmid: 100, confirm: true }],
  ['proxmox-pool-remove', { poolid: 'team/web', storage: 'local', ...sure }],
  ['proxmox-delete-pool', { poolid: 'team/web', ...sure }],
  ['proxmox-list-realms', {}],
  ['proxmox-create-group', { cluster, groupid: 'ops', comment: 'On call' }],
  ['proxmox-update-group', { cluster, groupid: 'ops', comment: '' }],
  [
    'proxmox-create-user',
    {
      cluster,
      userid,
      groups: 'ops,developers',
      enable: true,
      expire: '2030-01-01',
      comment: 'New',
      email: 'ann@example.com',
      firstname: 'Ann',
      lastname: 'Lee',
    },
  ],
  ['proxmox-update-user', { userid, groups: 'ops', append: true, expire: 'never', email: '', enable: false, ...sure }],
  ['proxmox-update-user', { userid, groups: '', comment: '', ...sure }],
  ['proxmox-list-groups', {}],
  ['proxmox-create-role', { cluster, roleid: 'Starter', privs: 'VM.Audit,VM.PowerMgmt' }],
  ['proxmox-update-role', { roleid: 'Starter', privs: 'VM.Console', append: true, ...sure }],
  ['proxmox-create-token', { cluster, tokenid, privsep: true, expire: '2030-01-01T12:00Z', comment: 'Builds' }],
  ['proxmox-update-token', { cluster, tokenid, privsep: false, expire: 'never', comment: '' }],
  ['proxmox-list-tokens', {}],
  ['proxmox-list-tokens', { userid }],
  [
    'proxmox-assign-permission',
    {
      cluster,
      path: '/vms/100',
      roles: 'Starter,PVEAuditor',
      users: userid,
      groups: 'ops',
      tokens: tokenid,
      propagate: false,
    },
  ],
  ['proxmox-list-acl', { path: '/vms/100', ugid: userid }],
  ['proxmox-token-permissions', {}],
  ['proxmox-token-permissions', { userid: tokenid, path: '/vms/100' }],
  [
    'proxmox-revoke-permission',
    { path: '/vms/100', roles: 'PVEAuditor', users: userid, groups: 'ops', tokens: tokenid, ...sure },
  ],
  ['proxmox-delete-token', { tokenid, ...sure }],
  ['proxmox-delete-role', { roleid: 'Starter', ...sure }],
  ['proxmox-delete-user', { userid, ...sure }],
  ['proxmox-delete-group', { groupid: 'ops', ...sure }],
] satisfies readonly Example[];
