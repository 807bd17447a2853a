import type { Example } from './example.js';

const confirm = true;

export default [
  ['proxmox-create-snapshot', { vmid: 102, snapname: 'before', expires_days: 3 }],
  ['proxmox-list-old-snapshots', { days: 0, expired: false }],
  ['proxmox-list-old-snapshots', { expired: true }],
  ['proxmox-expire-snapshots', { cluster: 'production', most: 5, at_once: 2, confirm }],
  [
    'proxmox-bulk-snapshot',
    { cluster: 'production', tag: 'k8s', snapname: 'upgrade', expires_days: 7, at_once: 4, most: 30 },
  ],
  [
    'proxmox-bulk-delete-snapshot',
    ({ result }: Record<string, any> = {}) => ({
      cluster: 'production',
      pattern: 'k8s-*',
      snapname: result.snapname,
      confirm,
    }),
  ],
  ['proxmox-bulk-power', { cluster: 'production', action: 'start', pool: 'web', status: 'stopped', confirm }],
  ['proxmox-bulk-power', { cluster: 'production', action: 'reboot', pattern: 'prod-web-3', at_once: 1, confirm }],
  [
    'proxmox-bulk-power',
    { cluster: 'production', action: 'shutdown', tag: 'haproxy', type: 'lxc', force: true, confirm },
  ],
  [
    'proxmox-bulk-power',
    { cluster: 'production', action: 'stop', node: 'pve3', pattern: 'prod-web*', stop_at_failure: true, confirm },
  ],
] satisfies readonly Example[];
