import type { ClusterSeed } from './cluster-seed.js';
import { exchangeMounts } from './exchange.js';
import { productionGuests } from './production-guests.js';

export const production: ClusterSeed = {
  name: 'production',
  version: '9.2',
  subnet: '10.20.0',
  nodes: [
    { node: 'pve1', cpus: 64, memory: 512, bonded: true, level: 'c' },
    { node: 'pve2', cpus: 64, memory: 512, bonded: true, level: 'c' },
    { node: 'pve3', cpus: 48, memory: 384, bonded: true, level: 'c' },
  ],
  guests: productionGuests,
  pools: { web: 'Web servers', data: 'Databases and queues', ci: 'Build machines' },
  ha: [
    { sid: 'vm:103', state: 'started', comment: 'database' },
    { sid: 'vm:130', state: 'started' },
    { sid: 'ct:107', state: 'started' },
  ],
  backupJobs: [
    {
      id: 'backup-nightly',
      schedule: '02:00',
      storage: 'pbs-backup',
      enabled: true,
      mode: 'snapshot',
      all: true,
      vmids: [],
      exclude: [145, 146],
      comment: 'All but the old ones',
      prune: { 'keep-daily': 7, 'keep-weekly': 4 },
    },
    {
      id: 'backup-db-hourly',
      schedule: '*:30',
      storage: 'pbs-backup',
      enabled: true,
      mode: 'snapshot',
      all: false,
      vmids: [103, 104],
      exclude: [],
      prune: { 'keep-last': 24 },
    },
  ],
  mounts: exchangeMounts({ nfs: [105], pbs: [101] }),
  labels: { region: 'eu-central', tier: 'production', group: 'core' },
  routing: { pattern: 'prod-', vmids: '100-199' },
};
