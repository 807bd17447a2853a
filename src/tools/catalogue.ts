import listPools from './access/list-pools.js';
import listRoles from './access/list-roles.js';
import listUsers from './access/list-users.js';
import guestAgentInfo from './agent/guest-agent-info.js';
import guestExec from './agent/guest-exec.js';
import guestFilesystems from './agent/guest-filesystems.js';
import readGuestFile from './agent/read-guest-file.js';
import registerVmAsHost from './agent/register-vm-as-host.js';
import writeGuestFile from './agent/write-guest-file.js';
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
import anomalyDetection from './metrics/anomaly-detection.js';
import metrics from './metrics/metrics.js';
import performanceAnalysis from './metrics/performance-analysis.js';
import rightSizing from './metrics/right-sizing.js';
import listBridges from './network/list-bridges.js';
import listNodes from './nodes/list-nodes.js';
import nodeStatus from './nodes/node-status.js';
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
  ...guestAgentInfo,
  ...guestExec,
  ...guestFilesystems,
  ...readGuestFile,
  ...registerVmAsHost,
  ...writeGuestFile,
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
  ...anomalyDetection,
  ...metrics,
  ...performanceAnalysis,
  ...rightSizing,
  ...listBridges,
  ...listNodes,
  ...nodeStatus,
  ...listBackups,
  ...listStorage,
  ...storageContent,
  ...listTasks,
  ...task,
];
