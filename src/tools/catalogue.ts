import listPools from './access/list-pools.js';
import listRoles from './access/list-roles.js';
import listUsers from './access/list-users.js';
import bulkPower from './bulk/bulk-power.js';
import bulkSnapshots from './bulk/bulk-snapshots.js';
import clusterHealth from './clusters/cluster-health.js';
import clusterStatus from './clusters/cluster-status.js';
import listAllClusters from './clusters/list-all-clusters.js';
import addNics from './disks/add-nics.js';
import attachDisk from './disks/attach-disk.js';
import changeNic from './disks/change-nic.js';
import detachDisk from './disks/detach-disk.js';
import migrateStorage from './disks/migrate-storage.js';
import moveDisk from './disks/move-disk.js';
import removeNics from './disks/remove-nics.js';
import resizeDisks from './disks/resize-disks.js';
import deleteGuests from './guests/delete-guests.js';
import findGuest from './guests/find-guest.js';
import guestInfo from './guests/guest-info.js';
import listGuests from './guests/list-guests.js';
import power from './guests/power.js';
import metrics from './metrics/metrics.js';
import listBridges from './network/list-bridges.js';
import listNodes from './nodes/list-nodes.js';
import nodeStatus from './nodes/node-status.js';
import changeSnapshots from './snapshots/change-snapshots.js';
import expireSnapshots from './snapshots/expire-snapshots.js';
import listOldSnapshots from './snapshots/list-old-snapshots.js';
import listSnapshots from './snapshots/list-snapshots.js';
import listBackups from './storage/list-backups.js';
import listStorage from './storage/list-storage.js';
import storageContent from './storage/storage-content.js';
import listTasks from './tasks/list-tasks.js';
import task from './tasks/task.js';

/** Every tool there is; the one list, written by scripts/catalogue.mjs. */
export const catalogue = [
  ...listPools,
  ...listRoles,
  ...listUsers,
  ...bulkPower,
  ...bulkSnapshots,
  ...clusterHealth,
  ...clusterStatus,
  ...listAllClusters,
  ...addNics,
  ...attachDisk,
  ...changeNic,
  ...detachDisk,
  ...migrateStorage,
  ...moveDisk,
  ...removeNics,
  ...resizeDisks,
  ...deleteGuests,
  ...findGuest,
  ...guestInfo,
  ...listGuests,
  ...power,
  ...metrics,
  ...listBridges,
  ...listNodes,
  ...nodeStatus,
  ...changeSnapshots,
  ...expireSnapshots,
  ...listOldSnapshots,
  ...listSnapshots,
  ...listBackups,
  ...listStorage,
  ...storageContent,
  ...listTasks,
  ...task,
];
