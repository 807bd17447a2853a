import listPools from './access/list-pools.js';
import listRoles from './access/list-roles.js';
import listUsers from './access/list-users.js';
import clusterHealth from './clusters/cluster-health.js';
import clusterStatus from './clusters/cluster-status.js';
import listAllClusters from './clusters/list-all-clusters.js';
import changeFirewallObjects from './firewall/change-firewall-objects.js';
import changeFirewallRules from './firewall/change-firewall-rules.js';
import getFirewall from './firewall/get-firewall.js';
import guestFirewall from './firewall/guest-firewall.js';
import listFirewallObjects from './firewall/list-firewall-objects.js';
import replaceFirewallRules from './firewall/replace-firewall-rules.js';
import setFirewallOptions from './firewall/set-firewall-options.js';
import changeSnapshots from './guests/change-snapshots.js';
import deleteGuests from './guests/delete-guests.js';
import findGuest from './guests/find-guest.js';
import guestInfo from './guests/guest-info.js';
import listGuests from './guests/list-guests.js';
import listSnapshots from './guests/list-snapshots.js';
import power from './guests/power.js';
import metrics from './metrics/metrics.js';
import applyNetwork from './network/apply-network.js';
import changeNetworkInterfaces from './network/change-network-interfaces.js';
import changeSdn from './network/change-sdn.js';
import listBridges from './network/list-bridges.js';
import listNetworkInterfaces from './network/list-network-interfaces.js';
import listSdn from './network/list-sdn.js';
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
  ...clusterHealth,
  ...clusterStatus,
  ...listAllClusters,
  ...changeFirewallObjects,
  ...changeFirewallRules,
  ...getFirewall,
  ...guestFirewall,
  ...listFirewallObjects,
  ...replaceFirewallRules,
  ...setFirewallOptions,
  ...changeSnapshots,
  ...deleteGuests,
  ...findGuest,
  ...guestInfo,
  ...listGuests,
  ...listSnapshots,
  ...power,
  ...metrics,
  ...applyNetwork,
  ...changeNetworkInterfaces,
  ...changeSdn,
  ...listBridges,
  ...listNetworkInterfaces,
  ...listSdn,
  ...listNodes,
  ...nodeStatus,
  ...listBackups,
  ...listStorage,
  ...storageContent,
  ...listTasks,
  ...task,
];
