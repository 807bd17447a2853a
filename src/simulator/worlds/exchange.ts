import type { MountSeed } from './storage-seed.js';

const nfs: MountSeed = {
  storage: 'transfer',
  type: 'nfs',
  content: ['backup'],
  options: { export: '/export/exchange', path: '/mnt/pve/transfer', server: '10.10.0.5' },
  total: 3_720,
  used: 410,
};

const pbs: MountSeed = {
  storage: 'pbs-offsite',
  type: 'pbs',
  content: ['backup'],
  options: { datastore: 'offsite', namespace: 'exchange', server: '10.10.0.6', username: 'pve@pbs' },
  total: 22_350,
  used: 9_800,
};

/** What both sites have mounted: a guest backed up at one can be restored at the other. */
export function exchangeMounts(backups: {
  readonly nfs: readonly number[];
  readonly pbs: readonly number[];
}): MountSeed[] {
  return [
    { ...pbs, backups: backups.pbs },
    { ...nfs, backups: backups.nfs },
  ];
}
