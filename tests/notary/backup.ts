import type { Example } from './example.js';

const confirm = true;

/** The newest backup that the list before shows. */
const newest = (last: Record<string, any> | undefined) => last?.items[0].volid;

export default [
  [
    'proxmox-backup-vm',
    {
      vmid: 100,
      storage: 'pbs-backup',
      mode: 'suspend',
      confirm,
      compress: 'gzip',
      notes: '{{guestname}} before\nthe change',
      protected: true,
      bwlimit: 50_000,
      fleecing: 'local-lvm',
    },
  ],
  ['proxmox-backup-lxc', { vmid: 105, storage: 'pbs-backup', mode: 'stop', notes: 'by hand', confirm }],
  ['proxmox-list-backups', { vmid: 100, storage: 'pbs-backup' }],
  [
    'proxmox-protect-backup',
    (last) => ({ volid: newest(last), protected: false, notes: 'now free', cluster: 'production', confirm }),
  ],
  ['proxmox-list-backups', { vmid: 100 }],
  ['proxmox-backup-contents', (last) => ({ volid: newest(last), cluster: 'production' })],
  ['proxmox-list-backups', { vmid: 105 }],
  ['proxmox-backup-contents', (last) => ({ volid: newest(last), path: '/root.pxar.didx/etc', cluster: 'production' })],
  ['proxmox-list-backups', { vmid: 100 }],
  ['proxmox-restore-vm', (last) => ({ archive: newest(last), cluster: 'production', storage: 'local-lvm', confirm })],
  ['proxmox-list-backups', { vmid: 102, cluster: 'production' }],
  ['proxmox-backup-vm', { vmid: 102, storage: 'local' }],
  ['proxmox-list-backups', { vmid: 102 }],
  ['proxmox-restore-vm', (last) => ({ archive: newest(last), vmid: 102, overwrite: true, start: true, confirm })],
  ['proxmox-list-backups', { vmid: 105 }],
  ['proxmox-restore-lxc', (last) => ({ archive: newest(last), vmid: 190, node: 'pve3', unique: false, confirm })],
  ['proxmox-list-backups', { vmid: 105 }],
  ['proxmox-delete-backup', (last) => ({ volid: newest(last), cluster: 'production', confirm })],
  ['proxmox-prune-preview', { storage: 'pbs-backup', keep: 'last=1,daily=1', vmid: 100 }],
  ['proxmox-prune-backups', { storage: 'pbs-backup', keep: 'last=1', vmid: 100, confirm }],
  ['proxmox-list-backup-jobs', { cluster: 'production' }],
  ['proxmox-list-unprotected-guests', { cluster: 'staging' }],
  [
    'proxmox-create-backup-job',
    {
      cluster: 'production',
      id: 'weekly-web',
      schedule: 'sun 03:00',
      guests: 'all',
      exclude: '145,146',
      storage: 'pbs-backup',
      keep: 'weekly=4,monthly=6',
      mode: 'snapshot',
      notes: '{{guestname}} on {{node}}',
      comment: 'The web',
      enabled: false,
      confirm,
    },
  ],
  [
    'proxmox-update-backup-job',
    {
      cluster: 'production',
      id: 'weekly-web',
      guests: 'pool:web',
      exclude: '',
      notes: 'weekly',
      keep: 'all',
      enabled: true,
      confirm,
    },
  ],
  [
    'proxmox-update-backup-job',
    { cluster: 'production', id: 'weekly-web', guests: '100,101', schedule: '03:30', confirm },
  ],
  ['proxmox-update-backup-job', { cluster: 'production', id: 'weekly-web', notes: 'weekly', comment: 'The web' }],
  ['proxmox-update-backup-job', { cluster: 'production', id: 'weekly-web', keep: 'last=3', confirm }],
  ['proxmox-run-backup-job', { cluster: 'production', id: 'weekly-web', timeout: 4, confirm }],
  ['proxmox-run-backup-job', { cluster: 'production', id: 'backup-db-hourly', timeout: 4, confirm }],
  ['proxmox-delete-backup-job', { cluster: 'production', id: 'weekly-web', confirm }],
  ['proxmox-snapshot-policy', { vmid: 145, policy: 'hourly=24,daily=7', storage: 'pbs-backup', confirm }],
  ['proxmox-snapshot-policy', { vmid: 145, policy: 'daily=14', confirm }],
] satisfies readonly Example[];
