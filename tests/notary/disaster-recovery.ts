import type { Example } from './example.js';

const target_cluster = 'disaster-recovery';

export default [
  ['proxmox-dr-report', {}],
  ['proxmox-cross-cluster-backup', { vmid: 145, target_cluster, storage: 'transfer' }],
  [
    'proxmox-cross-cluster-backup',
    {
      ...{ vmid: 145, target_cluster, storage: 'pbs-offsite', restore: true, unique: true, start: true },
      ...{ target_vmid: 955, target_node: 'pve-dr2', target_storage: 'local-lvm', timeout: 600 },
    },
  ],
  ['proxmox-cross-cluster-backup', { vmid: 105, target_cluster, storage: 'transfer', restore: true, timeout: 600 }],
  ['proxmox-dr-report', { cluster: 'production,disaster-recovery', of: 'production', max_age_hours: 1 }],
  ['proxmox-list-backups', { cluster: target_cluster, storage: 'transfer', vmid: 145 }],
  [
    'proxmox-restore-vm',
    (last) => ({
      ...{ cluster: target_cluster, archive: last?.items[0].volid, vmid: 956, storage: 'local-lvm' },
      ...{ unique: false, confirm: true },
    }),
  ],
] satisfies readonly Example[];
