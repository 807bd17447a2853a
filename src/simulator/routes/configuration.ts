import type { Route } from '../route.js';
import { backupJobHandlers } from './backup-jobs.js';
import { routesOf } from './declaration.js';
import { accessDeclarations } from './declared/access.js';
import { backupJobsDeclarations } from './declared/backup-jobs.js';
import { haDeclarations } from './declared/ha.js';
import { mappingDeclarations } from './declared/mapping.js';
import { metricsServerDeclarations } from './declared/metrics-server.js';
import { networkDeclarations } from './declared/network.js';
import { nodeSystemDeclarations } from './declared/node-system.js';
import { notificationsDeclarations } from './declared/notifications.js';
import { poolsDeclarations } from './declared/pools.js';
import { replicationDeclarations } from './declared/replication.js';
import { sdnDeclarations } from './declared/sdn.js';
import { storageConfigDeclarations } from './declared/storage-config.js';
import { storageContentDeclarations } from './declared/storage-content.js';
import { listDisks } from './disks.js';
import { firewallRoutes } from './firewall.js';
import { groupRoleHandlers } from './group-role-changes.js';
import { haGroupRuleHandlers } from './ha-groups-rules.js';
import { haResourceHandlers } from './ha-resources.js';
import { hardwareHandlers } from './hardware.js';
import { mappingHandlers } from './mappings.js';
import { metricServerHandlers } from './metric-servers.js';
import { networkHandlers } from './network-changes.js';
import { nodeBulkHandlers } from './node-bulk.js';
import { nodeServiceHandlers } from './node-services.js';
import { nodeSystemHandlers } from './node-system.js';
import { notificationHandlers } from './notifications.js';
import { poolChangeHandlers } from './pool-changes.js';
import { replicationHandlers } from './replication.js';
import { sdnHandlers } from './sdn.js';
import { storageConfigHandlers } from './storage-config.js';
import { storageContentHandlers } from './storage-content.js';
import { storageFileHandlers } from './storage-files.js';
import { tokenHandlers } from './token-changes.js';
import { userHandlers } from './user-changes.js';

/** What changes the cluster's configuration, and the reads beside it. */
export const configurationRoutes: readonly Route[] = [
  ...routesOf(storageContentDeclarations, {
    ...storageContentHandlers,
    ...storageFileHandlers,
    'GET /nodes/{node}/disks/list': listDisks,
  }),
  ...routesOf(storageConfigDeclarations, storageConfigHandlers),
  ...routesOf(poolsDeclarations, poolChangeHandlers),
  ...routesOf(accessDeclarations, { ...userHandlers, ...tokenHandlers, ...groupRoleHandlers }),
  ...routesOf(backupJobsDeclarations, backupJobHandlers),
  ...firewallRoutes,
  ...routesOf(haDeclarations, { ...haResourceHandlers, ...haGroupRuleHandlers }),
  ...routesOf(replicationDeclarations, replicationHandlers),
  ...routesOf(networkDeclarations, networkHandlers),
  ...routesOf(sdnDeclarations, sdnHandlers),
  ...routesOf(nodeSystemDeclarations, {
    ...nodeServiceHandlers,
    ...nodeBulkHandlers,
    ...nodeSystemHandlers,
    ...hardwareHandlers,
  }),
  ...routesOf(mappingDeclarations, { ...mappingHandlers('pci'), ...mappingHandlers('usb') }),
  ...routesOf(metricsServerDeclarations, metricServerHandlers),
  ...routesOf(notificationsDeclarations, notificationHandlers),
];
