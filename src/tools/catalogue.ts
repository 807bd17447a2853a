import listPools from './access/list-pools.js';
import listRoles from './access/list-roles.js';
import listUsers from './access/list-users.js';
import backupContents from './backup/backup-contents.js';
import backupGuests from './backup/backup-guests.js';
import changeBackupJobs from './backup/change-backup-jobs.js';
import changeBackups from './backup/change-backups.js';
import listBackupJobs from './backup/list-backup-jobs.js';
import listBackups from './backup/list-backups.js';
import prune from './backup/prune.js';
import restore from './backup/restore.js';
import runBackupJob from './backup/run-backup-job.js';
import snapshotPolicy from './backup/snapshot-policy.js';
import clusterHealth from './clusters/cluster-health.js';
import clusterStatus from './clusters/cluster-status.js';
import listAllClusters from './clusters/list-all-clusters.js';
import changeSnapshots from './guests/change-snapshots.js';
import deleteGuests from './guests/delete-guests.js';
import findGuest from './guests/find-guest.js';
import guestInfo from './guests/guest-info.js';
import listGuests from './guests/list-guests.js';
import listSnapshots from './guests/list-snapshots.js';
import power from './guests/power.js';
import metrics from './metrics/metrics.js';
import listBridges from './network/list-bridges.js';
import listNodes from './nodes/list-nodes.js';
import nodeStatus from './nodes/node-status.js';
import listStorage from './storage/list-storage.js';
import storageContent from './storage/storage-content.js';
import listTasks from './tasks/list-tasks.js';
import task from './tasks/task.js';

/** Every tool there is; the one list, written by scripts/catalogue.mjs. */
export const catalogue = [
  ...listPools,
  ...listRoles,
  ...listUsers,
  ...backupContents,
  ...backupGuests,
  ...changeBackupJobs,
  ...changeBackups,
  ...listBackupJobs,
  ...listBackups,
  ...prune,
  ...restore,
  ...runBackupJob,
  ...snapshotPolicy,
  ...clusterHealth,
  ...clusterStatus,
  ...listAllClusters,
  ...changeSnapshots,
  ...deleteGuests,
  ...findGuest,
  ...guestInfo,
  ...listGuests,
  ...listSnapshots,
  ...power,
  ...metrics,
  ...listBridges,
  ...listNodes,
  ...nodeStatus,
  ...listStorage,
  ...storageContent,
  ...listTasks,
  ...task,
];
