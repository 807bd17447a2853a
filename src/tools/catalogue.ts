import acl from './access/acl.js';
import changePools from './access/change-pools.js';
import changeRoles from './access/change-roles.js';
import changeTokens from './access/change-tokens.js';
import changeUsers from './access/change-users.js';
import listPools from './access/list-pools.js';
import listRealms from './access/list-realms.js';
import listRoles from './access/list-roles.js';
import listTokens from './access/list-tokens.js';
import listUsers from './access/list-users.js';
import tokenPermissions from './access/token-permissions.js';
import userGroups from './access/user-groups.js';
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
import changeHaRules from './ha/change-ha-rules.js';
import changeReplication from './ha/change-replication.js';
import haResources from './ha/ha-resources.js';
import haStatus from './ha/ha-status.js';
import listHaRules from './ha/list-ha-rules.js';
import listReplication from './ha/list-replication.js';
import metrics from './metrics/metrics.js';
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
  ...acl,
  ...changePools,
  ...changeRoles,
  ...changeTokens,
  ...changeUsers,
  ...listPools,
  ...listRealms,
  ...listRoles,
  ...listTokens,
  ...listUsers,
  ...tokenPermissions,
  ...userGroups,
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
  ...changeHaRules,
  ...changeReplication,
  ...haResources,
  ...haStatus,
  ...listHaRules,
  ...listReplication,
  ...metrics,
  ...listBridges,
  ...listNodes,
  ...nodeStatus,
  ...listBackups,
  ...listStorage,
  ...storageContent,
  ...listTasks,
  ...task,
];
