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
import guestAgentInfo from './agent/guest-agent-info.js';
import guestExec from './agent/guest-exec.js';
import guestFilesystems from './agent/guest-filesystems.js';
import readGuestFile from './agent/read-guest-file.js';
import registerVmAsHost from './agent/register-vm-as-host.js';
import writeGuestFile from './agent/write-guest-file.js';
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
import bulkPower from './bulk/bulk-power.js';
import bulkSnapshots from './bulk/bulk-snapshots.js';
import clusterHealth from './clusters/cluster-health.js';
import clusterStatus from './clusters/cluster-status.js';
import listAllClusters from './clusters/list-all-clusters.js';
import reloadConfiguration from './clusters/reload-configuration.js';
import cloudinitGet from './config/cloudinit-get.js';
import cloudinitSet from './config/cloudinit-set.js';
import configureGuests from './config/configure-guests.js';
import notesTemplate from './config/notes-template.js';
import notes from './config/notes.js';
import pendingChanges from './config/pending-changes.js';
import protection from './config/protection.js';
import tags from './config/tags.js';
import crossClusterBackup from './disaster-recovery/cross-cluster-backup.js';
import drReport from './disaster-recovery/dr-report.js';
import addNics from './disks/add-nics.js';
import attachDisk from './disks/attach-disk.js';
import changeNic from './disks/change-nic.js';
import detachDisk from './disks/detach-disk.js';
import migrateStorage from './disks/migrate-storage.js';
import moveDisk from './disks/move-disk.js';
import removeNics from './disks/remove-nics.js';
import resizeDisks from './disks/resize-disks.js';
import compareClusters from './federation/compare-clusters.js';
import copyDefinition from './federation/copy-definition.js';
import copyTemplate from './federation/copy-template.js';
import costReport from './federation/cost-report.js';
import federatedView from './federation/federated-view.js';
import changeFirewallObjects from './firewall/change-firewall-objects.js';
import changeFirewallRules from './firewall/change-firewall-rules.js';
import getFirewall from './firewall/get-firewall.js';
import guestFirewall from './firewall/guest-firewall.js';
import listFirewallObjects from './firewall/list-firewall-objects.js';
import replaceFirewallRules from './firewall/replace-firewall-rules.js';
import setFirewallOptions from './firewall/set-firewall-options.js';
import fleetAction from './fleet/fleet-action.js';
import cloneGuests from './guests/clone-guests.js';
import createLxc from './guests/create-lxc.js';
import createVm from './guests/create-vm.js';
import deleteGuests from './guests/delete-guests.js';
import findGuest from './guests/find-guest.js';
import guestInfo from './guests/guest-info.js';
import listGuests from './guests/list-guests.js';
import migrateGuests from './guests/migrate-guests.js';
import power from './guests/power.js';
import templateGuests from './guests/template-guests.js';
import changeHaRules from './ha/change-ha-rules.js';
import changeReplication from './ha/change-replication.js';
import haResources from './ha/ha-resources.js';
import haStatus from './ha/ha-status.js';
import listHaRules from './ha/list-ha-rules.js';
import listReplication from './ha/list-replication.js';
import listHardware from './hardware/list-hardware.js';
import mappings from './hardware/mappings.js';
import metricServers from './hardware/metric-servers.js';
import notifications from './hardware/notifications.js';
import setNotifications from './hardware/set-notifications.js';
import listLeftovers from './leftovers/list-leftovers.js';
import anomalyDetection from './metrics/anomaly-detection.js';
import metrics from './metrics/metrics.js';
import performanceAnalysis from './metrics/performance-analysis.js';
import rightSizing from './metrics/right-sizing.js';
import migrateBetween from './migration-between/migrate-between.js';
import applyNetwork from './network/apply-network.js';
import changeNetworkInterfaces from './network/change-network-interfaces.js';
import changeSdn from './network/change-sdn.js';
import listBridges from './network/list-bridges.js';
import listNetworkInterfaces from './network/list-network-interfaces.js';
import listSdn from './network/list-sdn.js';
import cephStatus from './nodes/ceph-status.js';
import listNodes from './nodes/list-nodes.js';
import nodeCertificates from './nodes/node-certificates.js';
import nodeGuests from './nodes/node-guests.js';
import nodeLog from './nodes/node-log.js';
import nodePower from './nodes/node-power.js';
import nodeSettings from './nodes/node-settings.js';
import nodeStatus from './nodes/node-status.js';
import nodeSubscription from './nodes/node-subscription.js';
import nodeUpdates from './nodes/node-updates.js';
import services from './nodes/services.js';
import setCertificate from './nodes/set-certificate.js';
import balance from './placement/balance.js';
import drain from './placement/drain.js';
import recommend from './placement/recommend.js';
import changeSnapshots from './snapshots/change-snapshots.js';
import expireSnapshots from './snapshots/expire-snapshots.js';
import listOldSnapshots from './snapshots/list-old-snapshots.js';
import listSnapshots from './snapshots/list-snapshots.js';
import appliances from './storage/appliances.js';
import changeDefinitions from './storage/change-definitions.js';
import deleteVolume from './storage/delete-volume.js';
import downloadUrl from './storage/download-url.js';
import listDefinitions from './storage/list-definitions.js';
import listDisks from './storage/list-disks.js';
import listStorage from './storage/list-storage.js';
import storageContent from './storage/storage-content.js';
import upload from './storage/upload.js';
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
  ...guestAgentInfo,
  ...guestExec,
  ...guestFilesystems,
  ...readGuestFile,
  ...registerVmAsHost,
  ...writeGuestFile,
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
  ...bulkPower,
  ...bulkSnapshots,
  ...clusterHealth,
  ...clusterStatus,
  ...listAllClusters,
  ...reloadConfiguration,
  ...cloudinitGet,
  ...cloudinitSet,
  ...configureGuests,
  ...notesTemplate,
  ...notes,
  ...pendingChanges,
  ...protection,
  ...tags,
  ...crossClusterBackup,
  ...drReport,
  ...addNics,
  ...attachDisk,
  ...changeNic,
  ...detachDisk,
  ...migrateStorage,
  ...moveDisk,
  ...removeNics,
  ...resizeDisks,
  ...compareClusters,
  ...copyDefinition,
  ...copyTemplate,
  ...costReport,
  ...federatedView,
  ...changeFirewallObjects,
  ...changeFirewallRules,
  ...getFirewall,
  ...guestFirewall,
  ...listFirewallObjects,
  ...replaceFirewallRules,
  ...setFirewallOptions,
  ...fleetAction,
  ...cloneGuests,
  ...createLxc,
  ...createVm,
  ...deleteGuests,
  ...findGuest,
  ...guestInfo,
  ...listGuests,
  ...migrateGuests,
  ...power,
  ...templateGuests,
  ...changeHaRules,
  ...changeReplication,
  ...haResources,
  ...haStatus,
  ...listHaRules,
  ...listReplication,
  ...listHardware,
  ...mappings,
  ...metricServers,
  ...notifications,
  ...setNotifications,
  ...listLeftovers,
  ...anomalyDetection,
  ...metrics,
  ...performanceAnalysis,
  ...rightSizing,
  ...migrateBetween,
  ...applyNetwork,
  ...changeNetworkInterfaces,
  ...changeSdn,
  ...listBridges,
  ...listNetworkInterfaces,
  ...listSdn,
  ...cephStatus,
  ...listNodes,
  ...nodeCertificates,
  ...nodeGuests,
  ...nodeLog,
  ...nodePower,
  ...nodeSettings,
  ...nodeStatus,
  ...nodeSubscription,
  ...nodeUpdates,
  ...services,
  ...setCertificate,
  ...balance,
  ...drain,
  ...recommend,
  ...changeSnapshots,
  ...expireSnapshots,
  ...listOldSnapshots,
  ...listSnapshots,
  ...appliances,
  ...changeDefinitions,
  ...deleteVolume,
  ...downloadUrl,
  ...listDefinitions,
  ...listDisks,
  ...listStorage,
  ...storageContent,
  ...upload,
  ...listTasks,
  ...task,
];
